package io.sluice.proxy.testing;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLongArray;

/** Which servers somebody has made trouble at, and since when the others are left in peace. For any thread. */
public final class Troubles {

    private static final long NOW = Long.MIN_VALUE;

    private final long begin = System.nanoTime();
    /** Nanoseconds after {@code begin}, or {@link #NOW} while there is trouble. */
    private final AtomicLongArray calmSince;

    private final long recoveryNanos;

    /** @param recovery how long after its trouble a server is not expected to be all right */
    public Troubles(int servers, Duration recovery) {
        calmSince = new AtomicLongArray(servers);
        recoveryNanos = recovery.toNanos();
        for (int i = 0; i < servers; i++) {
            calmSince.set(i, -recoveryNanos);
        }
    }

    /** A server in peace, whose trouble begins with this; there must be one. */
    int begin(SplittableRandom random) {
        int first = random.nextInt(calmSince.length());
        for (int i = 0; i < calmSince.length(); i++) {
            int server = (first + i) % calmSince.length();
            long since = calmSince.get(server);
            if (since != NOW && calmSince.compareAndSet(server, since, NOW)) {
                return server;
            }
        }
        throw new IllegalStateException("all servers are in trouble");
    }

    void end(int server) {
        calmSince.set(server, System.nanoTime() - begin);
    }

    /** Equal for one server at two times if it was in peace at both and between them. */
    long calmSince(int server) {
        return calmSince.get(server);
    }

    /** Whether that calm has lasted long enough for the server to be all right. */
    boolean isRecovered(long calmSince) {
        return calmSince != NOW && System.nanoTime() - begin - calmSince >= recoveryNanos;
    }
}
