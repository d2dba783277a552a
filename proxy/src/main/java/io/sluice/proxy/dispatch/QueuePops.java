package io.sluice.proxy.dispatch;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Clients for whom an element is being looked for at two servers, one after the other: at most one pop of each. Of one pool
 * on one event loop. Event-loop only.
 */
final class QueuePops {

    private final Map<Long, QueuePop> byClient = new HashMap<>();

    /** The one that is under way for a client; null for none. */
    @Nullable QueuePop of(long client) {
        return byClient.isEmpty() ? null : byClient.get(client);
    }

    void enter(long client, QueuePop pop) {
        byClient.put(client, pop);
    }

    void leave(long client, QueuePop pop) {
        byClient.remove(client, pop);
    }

    boolean isEmpty() {
        return byClient.isEmpty();
    }
}
