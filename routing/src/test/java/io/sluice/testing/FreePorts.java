package io.sluice.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Scanner;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.awaitility.Awaitility;

/**
 * Loopback ports nobody listens on. They are drawn below the range from which the system takes ports of outgoing
 * connections, and low enough for a Redis Cluster bus (port + 10000); a JVM never gets the same one twice, nor one of
 * those of a JVM that runs other tests beside it ({@code sluice.fork}, from 1 on, set by the build).
 */
public final class FreePorts {

    private static final int FORKS = 3;
    private static final int LOWEST_OF_ALL = 12_000;
    private static final int BEYOND_ALL = Math.max(LOWEST_OF_ALL + 1_000 * FORKS, Math.min(22_000, lowestOutgoing()));
    private static final int PORTS = (BEYOND_ALL - LOWEST_OF_ALL) / FORKS;
    private static final int LOWEST =
            LOWEST_OF_ALL + PORTS * ((Integer.parseInt(System.getProperty("sluice.fork", "1")) - 1) % FORKS);
    private static final int BEYOND = LOWEST + PORTS;
    private static final int MOST_TRIES = 1_000;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

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

    /** Waits for the end of a listener: the child with which a Redis writes its file has its parent's for a moment. */
    static void awaitFree(int port) {
        Awaitility.await("nobody listens on port " + port)
                .atMost(LONGEST_WAIT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> isFree(port));
    }

    /** The lowest port an outgoing connection may get. */
    private static int lowestOutgoing() {
        try (Scanner range =
                new Scanner(Path.of("/proc/sys/net/ipv4/ip_local_port_range"), StandardCharsets.US_ASCII)) {
            return range.nextInt();
        } catch (IOException notLinux) {
            return Integer.MAX_VALUE;
        }
    }

    /** Binds and does not listen, so that nobody who tries to connect meanwhile takes this for the server. */
    private static boolean isFree(int port) {
        try (Socket probe = new Socket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
