package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.time.Duration;
import java.util.Arrays;
import redis.clients.jedis.Protocol.Command;

/**
 * Sends a PING to the target now and then and tells the pace when the answers become slow. Its own thread runs it; the
 * figures may be read by any.
 */
final class LatencyProbe {

    private static final long EVERY_MILLIS = 20;

    /** The last so many PINGs are looked at: two seconds. */
    private static final int WINDOW = 100;

    private static final int PERCENTILE = 99;

    private final CopyRun run;
    private final long[] nanos = new long[WINDOW];
    private int count;
    private volatile long recentNanos;
    private volatile long worstNanos;

    LatencyProbe(CopyRun run) {
        this.run = run;
    }

    void run() throws CopyException {
        RedisLink link = run.link(run.plan().target(), Purpose.READ);
        while (true) {
            long start = System.nanoTime();
            link.ask(Command.PING); // an error, such as LOADING, is an answer too
            took(System.nanoTime() - start);
            run.pace().rest(EVERY_MILLIS);
        }
    }

    private void took(long took) {
        worstNanos = Math.max(worstNanos, took);
        nanos[count++ % WINDOW] = took;
        recentNanos = percentile();
        if (count % (WINDOW / 2) == 0) {
            run.pace()
                    .targetIsSlow(
                            recentNanos > run.pace().limits().slowDownAbove().toNanos());
        }
    }

    private long percentile() {
        int size = Math.min(count, WINDOW);
        long[] sorted = Arrays.copyOf(nanos, size);
        Arrays.sort(sorted);
        return sorted[(size - 1) * PERCENTILE / 100];
    }

    /** The 99th percentile of the last two seconds. */
    Duration recent() {
        return Duration.ofNanos(recentNanos);
    }

    Duration worst() {
        return Duration.ofNanos(worstNanos);
    }
}
