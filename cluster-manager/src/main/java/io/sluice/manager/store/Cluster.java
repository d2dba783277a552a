package io.sluice.manager.store;

/**
 * What a manager has of one cluster.
 *
 * @param name as in {@code /sluice/NAME}
 */
public record Cluster(
        String name,
        TopologyStore topologies,
        ProxyRoster proxies,
        OrderBook orders,
        Lookout lookout,
        ConnectionBook connections,
        History history,
        Leadership leadership) {

    /** Where nobody is in a hurry. */
    public Cluster(
            String name,
            TopologyStore topologies,
            ProxyRoster proxies,
            OrderBook orders,
            ConnectionBook connections,
            History history,
            Leadership leadership) {
        this(
                name,
                topologies,
                proxies,
                orders,
                Lookout.over(topologies, orders, proxies),
                connections,
                history,
                leadership);
    }
}
