package io.sluice.manager.store;

import org.jspecify.annotations.Nullable;

/** Reads at once what brings handoffs and rings forward: clients may be waiting for it. May be used from any thread; blocks. */
public interface Lookout {

    /**
     * The topology as it stands, or as it stood; orders and proxies of the same moment or of later ones. So if the topology has
     * an epoch, no proxy is missing that was registered when it was written, and no heartbeat is older than those of that
     * moment.
     *
     * @param agreed whether all of it must be as new as this call, which takes a transaction
     * @param onHeartbeat run, on a thread that must not be held up, when a proxy has written since; once or more often, or
     *     never if the connection is lost meanwhile. Who looks again should pass the same one
     */
    Outlook look(String handoff, boolean agreed, Runnable onHeartbeat) throws StoreException;

    /**
     * The same for who goes by the topology alone: without orders.
     *
     * @param onTopology run as {@code onHeartbeat} is, when the topology has been written since; never if there was none
     * @param onHeartbeat null to hear of none
     */
    Outlook look(boolean agreed, Runnable onTopology, @Nullable Runnable onHeartbeat) throws StoreException;

    /** One after the other from these, which are always as new, and tell of nothing by themselves. */
    static Lookout over(TopologyStore topologies, OrderBook orders, ProxyRoster proxies) {
        return new Lookout() {
            @Override
            public Outlook look(String handoff, boolean agreed, Runnable onHeartbeat) throws StoreException {
                StoredTopology topology = topologies.read();
                return new Outlook(topology, orders.of(handoff).orders(), proxies.proxies());
            }

            @Override
            public Outlook look(boolean agreed, Runnable onTopology, @Nullable Runnable onHeartbeat)
                    throws StoreException {
                StoredTopology topology = topologies.read();
                return new Outlook(topology, Orders.NONE, proxies.proxies());
            }
        };
    }
}
