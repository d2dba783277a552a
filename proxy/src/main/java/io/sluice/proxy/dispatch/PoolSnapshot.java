package io.sluice.proxy.dispatch;

import io.sluice.proxy.backend.Backend;
import io.sluice.routing.Router;
import java.util.List;

/**
 * One version of a pool on one event loop: the rule that tells who owns a key, and the servers that the rule's numbers
 * mean. A request takes both from the same one. Replaced whole; event-loop only.
 */
public final class PoolSnapshot {

    private final long epoch;
    private final PoolRouting routing;
    private final Backend[] servers;

    /**
     * @param epoch number of the configuration, which only rises
     * @param routing rule over these servers; which of them are in use may change
     * @param servers by the rule's indexes
     */
    public PoolSnapshot(long epoch, PoolRouting routing, List<Backend> servers) {
        this.epoch = epoch;
        this.routing = routing;
        this.servers = servers.toArray(Backend[]::new);
    }

    public long epoch() {
        return epoch;
    }

    /** Read once per request, and that one used throughout. */
    Router router() {
        return routing.current();
    }

    Backend server(int index) {
        return servers[index];
    }

    int size() {
        return servers.length;
    }
}
