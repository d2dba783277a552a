package io.sluice.proxy.config;

/** Where it is written which servers a pool has and which keys are theirs. */
public enum PoolSource {
    /** In the proxy's own file. */
    FILE,
    /** In the topology of the cluster, under the name of the pool. */
    ZOOKEEPER
}
