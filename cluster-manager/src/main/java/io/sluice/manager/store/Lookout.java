package io.sluice.manager.store;

/** Reads at once what brings handoffs forward: clients may be waiting for it. May be used from any thread; blocks. */
public interface Lookout {

    /**
     * All of it as new as this call, or newer.
     *
     * @param onHeartbeat run, on a thread that must not be held up, when a proxy has written since; once or more often, or
     *     never if the connection is lost meanwhile. Who looks again should pass the same one
     */
    Outlook look(String handoff, Runnable onHeartbeat) throws StoreException;

    /** One after the other from these, which tell of no heartbeats. */
    static Lookout over(TopologyStore topologies, OrderBook orders, ProxyRoster proxies) {
        return (handoff, onHeartbeat) -> {
            StoredTopology topology = topologies.read();
            return new Outlook(topology, orders.of(handoff).orders(), proxies.proxies());
        };
    }
}
