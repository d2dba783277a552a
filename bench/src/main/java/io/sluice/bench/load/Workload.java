package io.sluice.bench.load;

/** The kinds of load, by the name that {@code --workload} takes. */
public enum Workload {
    /** 50 clients, one request at a time each, 100-byte values. */
    P1("p1", 50, 1, 100, 1, 100_000, true),
    /** The same, each client sending 16 requests before it reads. */
    P16("p16", 50, 16, 100, 1, 100_000, true),
    /** Values of 16 KiB. */
    LARGE("16k", 50, 1, 16 << 10, 1, 5_000, true),
    /** MGET, or get of memcached, of 10 keys that lie on both servers. */
    MGET("mget", 50, 1, 100, 10, 100_000, true),
    /** 1000 clients. */
    C1000("c1000", 1_000, 1, 100, 1, 100_000, true),
    /** A connection for each request. */
    SHORT("short", 50, 1, 100, 1, 100_000, false);

    private final String key;
    private final int clients;
    private final int pipeline;
    private final int valueBytes;
    private final int keysPerRequest;
    private final int keys;
    private final boolean keepAlive;

    Workload(String key, int clients, int pipeline, int valueBytes, int keysPerRequest, int keys, boolean keepAlive) {
        this.key = key;
        this.clients = clients;
        this.pipeline = pipeline;
        this.valueBytes = valueBytes;
        this.keysPerRequest = keysPerRequest;
        this.keys = keys;
        this.keepAlive = keepAlive;
    }

    @Override
    public String toString() {
        return key;
    }

    public int clients() {
        return clients;
    }

    public int pipeline() {
        return pipeline;
    }

    public int valueBytes() {
        return valueBytes;
    }

    public int keysPerRequest() {
        return keysPerRequest;
    }

    /** How many keys there are; the values of all of them fit into a few hundred megabytes. */
    public int keys() {
        return keys;
    }

    public boolean keepAlive() {
        return keepAlive;
    }

    /** One line for the head of a table; {@code operations} is what the client asks for. */
    public String describe(String operations) {
        return clients + " clients, pipeline " + pipeline + ", " + valueBytes + "-byte values, " + operations
                + (keepAlive ? "" : ", a connection for each request");
    }
}
