package io.sluice.proxy.backend;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Spreads the connects of the whole process over time, so that a restart of many servers, or of their network, is not
 * followed by a storm. Thread-safe, without locks.
 *
 * <pre>
 *   connects   |||||||  |   |    |   |   |
 *              └ burst ┘└ one per interval, each a little late at random
 * </pre>
 */
public final class ConnectPacer {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final int BURST_SHARE = 10;

    private final LongSupplier nanos;
    private final long intervalNanos;
    private final long burstNanos;
    private final AtomicLong nextSlot;

    /** @param perSecond connects in any one second, at least 10; a tenth of them may come at once */
    public ConnectPacer(int perSecond, LongSupplier nanos) {
        int burst = perSecond / BURST_SHARE;
        int steady = perSecond - burst - 2; // rounding and jitter can move one more into a second, at both of its ends
        this.nanos = nanos;
        this.intervalNanos = SECOND / steady;
        this.burstNanos = (burst - 1) * intervalNanos;
        this.nextSlot = new AtomicLong(nanos.getAsLong() - burstNanos);
    }

    /** Gives out the next moment for a connect: nanoseconds to wait for it, mostly 0. */
    long waitNanos(RandomGenerator random) {
        long now = nanos.getAsLong();
        long slot = nextSlot.getAndUpdate(next -> later(next, now - burstNanos) + intervalNanos);
        long wait = later(slot, now - burstNanos) - now;
        return wait <= 0 ? 0 : wait + (long) (random.nextDouble() * intervalNanos);
    }

    private static long later(long a, long b) {
        return a - b >= 0 ? a : b;
    }
}
