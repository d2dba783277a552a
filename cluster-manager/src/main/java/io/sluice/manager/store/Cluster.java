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
        ConnectionBook connections,
        History history,
        Leadership leadership) {}
