package io.sluice.proxy.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;

/**
 * The requests that had been sent to some servers, or were to be, at one moment; those that came later do not count. Costs
 * requests nothing: the connections count anyway. Event-loop only.
 */
public final class Outstanding {

    private final List<BooleanSupplier> tails = new ArrayList<>();
    private final ToLongFunction<BackendConnection> settled;

    private Outstanding(ToLongFunction<BackendConnection> settled) {
        this.settled = settled;
    }

    /** Those of servers of these names, and of servers that leave the pool, until a server can do nothing with them any more. */
    public static Outstanding of(BackendPools pools, Set<String> servers) {
        return of(pools, servers, BackendConnection::answeredRequests);
    }

    /** The same until nobody hears of them any more: a request that was late counts no longer once its requester knows. */
    public static Outstanding ofWaiting(BackendPools pools, Set<String> servers) {
        return of(pools, servers, BackendConnection::concludedRequests);
    }

    private static Outstanding of(BackendPools pools, Set<String> servers, ToLongFunction<BackendConnection> settled) {
        Outstanding now = new Outstanding(settled);
        for (Backend backend : pools.all()) {
            if (servers.contains(backend.name()) || !pools.inUse().contains(backend)) {
                backend.connections().forEach(now::add);
                pools.privateConnections().due(backend).forEach(now::add);
            }
        }
        return now;
    }

    private void add(BackendConnection connection) {
        long requests = connection.requests();
        tails.add(() -> settled.applyAsLong(connection) >= requests);
    }

    /** Those that wait for data are not among them: they may do so for ever, and are asked to end. */
    private void add(PrivateConnection connection) {
        long due = connection.lastDue();
        tails.add(() -> connection.isSettled(due));
    }

    /** Whether each of them has been answered, or its connection has been lost. */
    public boolean isSettled() {
        tails.removeIf(BooleanSupplier::getAsBoolean);
        return tails.isEmpty();
    }
}
