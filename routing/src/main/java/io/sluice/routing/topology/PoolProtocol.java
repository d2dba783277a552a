package io.sluice.routing.topology;

/** What the clients and the servers of a pool speak. */
public enum PoolProtocol {
    REDIS("redis"),
    /** The text protocol of memcached. */
    MEMCACHE("memcache");

    private final String word;

    PoolProtocol(String word) {
        this.word = word;
    }

    /** As configuration files, topologies and summaries have it. */
    public String word() {
        return word;
    }
}
