package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.time.Duration;
import redis.clients.jedis.Protocol.Command;

/**
 * Sends a PING to the target now and then and tells the pace when the answers become slow. Its own thread runs it; the
 * figures may be read by any.
 */
final class LatencyProbe {

    private static final long EVERY_MILLIS = 20;

    private final CopyRun run;
    private final RecentPings pings = new RecentPings();
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
            long answered = System.nanoTime();
            run.pace().rest(EVERY_MILLIS);
            took(
                    answered - start,
                    System.nanoTime()
                            - answered
                            - Duration.ofMillis(EVERY_MILLIS).toNanos());
        }
    }

    private void took(long took, long late) {
        worstNanos = Math.max(worstNanos, took);
        pings.add(took, late);
        recentNanos = pings.percentile();
        if (pings.count() % (RecentPings.MOST / 2) == 0) {
            run.pace()
                    .targetIsSlow(pings.slowness()
                            > run.pace().limits().slowDownAbove().toNanos());
        }
    }

    /** The 99th percentile of the last two seconds. */
    Duration recent() {
        return Duration.ofNanos(recentNanos);
    }

    Duration worst() {
        return Duration.ofNanos(worstNanos);
    }
}
