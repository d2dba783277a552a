package io.sluice.bench.proxies;

/**
 * One thing under load.
 *
 * @param name as it stands in the tables
 * @param port where it listens on loopback
 * @param process the proxy; for a direct target, the server
 * @param warmUp whether its code is compiled while it runs, so that it must be warmed up first
 */
public record Target(String name, int port, OwnProcess process, boolean warmUp) {

    public static final String NUTCRACKER = "nutcracker";
    public static final String DIRECT = "direct";

    public long pid() {
        return process.pid();
    }

    /** Whether it is a proxy, whose cost is the question. */
    public boolean isProxy() {
        return !name.equals(DIRECT);
    }
}
