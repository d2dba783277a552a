package io.sluice.manager.store;

/** Reads at once what brings handoffs forward: clients may be waiting for it. May be used from any thread; blocks. */
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

    /** One after the other from these, which are always as new, and tell of no heartbeats. */
    static Lookout over(TopologyStore topologies, OrderBook orders, ProxyRoster proxies) {
        return (handoff, agreed, onHeartbeat) -> {
            StoredTopology topology = topologies.read();
            return new Outlook(topology, orders.of(handoff).orders(), proxies.proxies());
        };
    }
}
