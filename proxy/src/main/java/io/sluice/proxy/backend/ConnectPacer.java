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

    private record Pace(long intervalNanos, long burstNanos) {
        static Pace of(int perSecond) {
            int burst = perSecond / BURST_SHARE;
            int steady = perSecond - burst - 2; // rounding and jitter can move one more into a second, at both its ends
            long interval = SECOND / steady;
            return new Pace(interval, (burst - 1) * interval);
        }
    }

    private final LongSupplier nanos;
    private final AtomicLong nextSlot;
    private volatile Pace pace;

    /** As {@link #allow} with {@code perSecond}. */
    public ConnectPacer(int perSecond, LongSupplier nanos) {
        this.nanos = nanos;
        this.pace = Pace.of(perSecond);
        this.nextSlot = new AtomicLong(nanos.getAsLong() - pace.burstNanos());
    }

    /** From now on so many connects are made in any one second, at least 10; a tenth of them may come at once. */
    public void allow(int perSecond) {
        pace = Pace.of(perSecond);
    }

    /** Gives out the next moment for a connect: nanoseconds to wait for it, mostly 0. */
    long waitNanos(RandomGenerator random) {
        Pace current = pace;
        long now = nanos.getAsLong();
        long earliest = now - current.burstNanos();
        long slot = nextSlot.getAndUpdate(next -> later(next, earliest) + current.intervalNanos());
        long wait = later(slot, earliest) - now;
        return wait <= 0 ? 0 : wait + (long) (random.nextDouble() * current.intervalNanos());
    }

    private static long later(long a, long b) {
        return a - b >= 0 ? a : b;
    }
}
