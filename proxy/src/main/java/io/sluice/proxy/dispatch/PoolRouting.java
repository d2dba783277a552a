package io.sluice.proxy.dispatch;

import io.sluice.routing.Router;
import java.util.BitSet;

/**
 * Publishes the router of a pool to all event loops: the one that its servers in use make. Thread-safe; what it gives
 * out is immutable.
 */
public final class PoolRouting {

    private final Router allServers;
    private volatile Router current;

    public PoolRouting(Router allServers) {
        this.allServers = allServers;
        this.current = allServers;
    }

    /** Read once per request, and that one used throughout. */
    public Router current() {
        return current;
    }

    /** From now on only these servers get keys. */
    public void use(BitSet servers) {
        current = allServers.withLive(servers);
    }
}
