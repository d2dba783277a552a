package io.sluice.proxy.topology;

import java.time.Duration;

/**
 * Until when the proxy may believe that what it serves by is still the truth: for a while after a heartbeat that reached a
 * quorum and was followed by a look at the topology. Written by one thread, read by all of them without waiting.
 *
 * <pre>
 *   t0   heartbeat written, topology read, both in one session; nobody can have changed anything before t0 unseen
 *   │◀──────────── limit ────────────▶│
 *   └─ the lease begins here, not when the answers came
 * </pre>
 *
 * The time of day is a second opinion: a machine that was suspended may not notice it otherwise.
 */
public final class Lease {

    private static final long NEVER = Long.MIN_VALUE;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private volatile long startNanos = NEVER;
    private volatile long startMillis;

    /** Begins anew at this moment, which must not be later than that of the heartbeat. */
    void renew(long nanos, long millis) {
        startMillis = millis; // first: who sees the new start sees at least this one
        startNanos = nanos;
    }

    /** Ends at once: what is served by is known to be old. */
    void end() {
        startNanos = NEVER;
    }

    /** Whether it holds now. Cheap enough for every request. */
    public boolean isHeld(Duration limit) {
        return isHeld(System.nanoTime(), System.currentTimeMillis(), limit.toNanos());
    }

    /** Whether it holds at this moment. */
    public boolean isHeld(long nowNanos, long nowMillis, long limitNanos) {
        long start = startNanos;
        return start != NEVER
                && nowNanos - start < limitNanos
                && (nowMillis - startMillis) < limitNanos / NANOS_PER_MILLI;
    }

    /** How long ago it began; negative if it never did. */
    public Duration age() {
        long start = startNanos;
        return start == NEVER ? Duration.ofNanos(-1) : Duration.ofNanos(System.nanoTime() - start);
    }
}
