package io.sluice.proxy.topology;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

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

    /** Renewals that are remembered: at four a second, those of a quarter of a minute. */
    static final int REMEMBERED = 64;

    private final AtomicLongArray agesAtRenewal = new AtomicLongArray(REMEMBERED);
    private volatile long renewals;
    private volatile long startNanos = NEVER;
    private volatile long startMillis;

    /** Begins anew at this moment, which must not be later than that of the heartbeat. */
    void renew(long nanos, long millis) {
        renew(nanos, millis, System.nanoTime(), System.currentTimeMillis());
    }

    /** The same at a moment of the caller's. */
    void renew(long nanos, long millis, long nowNanos, long nowMillis) {
        long next = renewals + 1;
        agesAtRenewal.set((int) (next % REMEMBERED), age(nowNanos, nowMillis));
        renewals = next; // before the new start: who sees that one knows of the renewal as well
        startMillis = millis; // first: who sees the new start sees at least this one
        startNanos = nanos;
    }

    private long age(long nowNanos, long nowMillis) {
        long start = startNanos;
        return start == NEVER
                ? Long.MAX_VALUE
                : Math.max(nowNanos - start, (nowMillis - startMillis) * NANOS_PER_MILLI);
    }

    /** How often it has begun anew. */
    public long renewals() {
        return renewals;
    }

    /** Whether it holds now, and has held without a gap since it had been renewed so often. */
    public boolean isHeldSince(long then, Duration limit) {
        return isHeld(limit) && isUnbroken(then, limit.toNanos());
    }

    /** Whether each renewal since then came before the lease had run out; not known of too many. */
    boolean isUnbroken(long then, long limitNanos) {
        long now = renewals;
        if (now - then >= REMEMBERED) {
            return false;
        }
        for (long renewal = then + 1; renewal <= now; renewal++) {
            if (agesAtRenewal.get((int) (renewal % REMEMBERED)) >= limitNanos) {
                return false;
            }
        }
        return true;
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
