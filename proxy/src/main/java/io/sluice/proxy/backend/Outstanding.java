package io.sluice.proxy.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The requests that had been sent to some servers, or were to be, at one moment; those that came later do not count. Costs
 * requests nothing: the connections count anyway. Event-loop only.
 */
public final class Outstanding {

    private record Tail(BackendConnection connection, long requests) {
        boolean isSettled() {
            return connection.settledRequests() >= requests;
        }
    }

    private final List<Tail> tails = new ArrayList<>();

    private Outstanding() {}

    /** Those of servers of these names, and of servers that leave the pool. */
    public static Outstanding of(BackendPools pools, Set<String> servers) {
        Outstanding now = new Outstanding();
        for (Backend backend : pools.all()) {
            if (servers.contains(backend.name()) || !pools.inUse().contains(backend)) {
                backend.connections().forEach(connection -> now.tails.add(new Tail(connection, connection.requests())));
            }
        }
        return now;
    }

    /** Whether each of them has been answered, or its connection has been lost. */
    public boolean isSettled() {
        tails.removeIf(Tail::isSettled);
        return tails.isEmpty();
    }
}
