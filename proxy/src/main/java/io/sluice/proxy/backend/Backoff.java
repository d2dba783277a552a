package io.sluice.proxy.backend;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before connecting again: the wait doubles with each failure, and is shortened by up to half at
 * random so that many connections do not come back at once. Event-loop only.
 */
final class Backoff {

    private final RandomGenerator random;
    private long minNanos;
    private long maxNanos;
    private int failures;

    Backoff(Duration min, Duration max, RandomGenerator random) {
        this.minNanos = min.toNanos();
        this.maxNanos = max.toNanos();
        this.random = random;
    }

    /** From the next wait on. */
    void bound(Duration min, Duration max) {
        minNanos = min.toNanos();
        maxNanos = max.toNanos();
    }

    /** Counts a failure; returns the wait after it in nanoseconds. */
    long nextWaitNanos() {
        int doublings = Math.min(failures, 30);
        failures++;
        long wait = minNanos > maxNanos >> doublings ? maxNanos : minNanos << doublings; // never overflows
        return wait / 2 + (long) (random.nextDouble() * (wait - wait / 2));
    }

    int failures() {
        return failures;
    }

    void reset() {
        failures = 0;
    }
}
