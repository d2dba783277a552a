package io.sluice.proxy.admission;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A token bucket, kept as one number: the time at which it will be full again (the generic cell rate algorithm of ATM).
 * Thread-safe; for what happens once per connection, not once per request.
 */
public final class AcceptRate {

    private final long nanosPerToken;
    private final long capacityNanos;
    private final AtomicLong fullAt;

    /** Full at the time {@code now}. */
    public AcceptRate(int perSecond, int burst, long now) {
        this.nanosPerToken = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.capacityNanos = nanosPerToken * burst;
        this.fullAt = new AtomicLong(now);
    }

    /** Takes a token if there is one. {@code now} is on the scale of {@link System#nanoTime()}. */
    public boolean take(long now) {
        while (true) {
            long before = fullAt.get();
            long after = (before - now > 0 ? before : now) + nanosPerToken;
            if (after - now > capacityNanos) {
                return false;
            }
            if (fullAt.compareAndSet(before, after)) {
                return true;
            }
        }
    }
}
