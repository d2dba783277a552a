package io.sluice.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Loopback ports nobody listens on. They are drawn below the range from which the system takes ports of outgoing
 * connections, and low enough for a Redis Cluster bus (port + 10000); a JVM never gets the same one twice, nor one of
 * those of a JVM that runs other tests beside it ({@code sluice.fork}, from 1 on, set by the build).
 */
public final class FreePorts {

    private static final int FORKS = 3;
    private static final int PORTS = 3_300;
    private static final int LOWEST = 12_000 + PORTS * ((Integer.getInteger("sluice.fork", 1) - 1) % FORKS);
    private static final int BEYOND = LOWEST + PORTS;
    private static final int MOST_TRIES = 1_000;

    private static final Set<Integer> handedOut = ConcurrentHashMap.newKeySet();

    private FreePorts() {}

    public static int next() {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, BEYOND);
            if (isFree(port) && handedOut.add(port)) {
                return port;
            }
        }
        throw new IllegalStateException(
                "No free port from " + LOWEST + " to " + BEYOND + " in " + MOST_TRIES + " tries");
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
