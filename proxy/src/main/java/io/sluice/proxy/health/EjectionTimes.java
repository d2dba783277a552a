package io.sluice.proxy.health;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long a server that keeps failing stays out: the time doubles with each ejection that follows soon after the last
 * return, and halves for each healthy period before one. Up to a tenth is added at random, so that many proxies do not
 * take a server back in the same moment. Guarded by its owner.
 */
final class EjectionTimes {

    private static final int JITTER_SHARE = 10;
    private static final int MOST_DOUBLINGS = 30;

    private final RandomGenerator random;
    private int doublings;
    private long lastNanos;

    EjectionTimes(RandomGenerator random) {
        this.random = random;
    }

    /** @param healthyNanos since the return from the last ejection; 0 if there was none */
    Duration next(HealthRule rule, long healthyNanos) {
        long period = Math.max(HealthRule.LEAST_HEALTHY_PERIOD.toNanos(), lastNanos);
        doublings = (int) Math.max(0, doublings - healthyNanos / period);
        long first = rule.firstEjection().toNanos();
        long longest = Math.max(first, rule.longestEjection().toNanos());
        lastNanos = first > longest >> doublings ? longest : first << doublings; // never overflows
        doublings = Math.min(doublings + 1, MOST_DOUBLINGS);
        return Duration.ofNanos(lastNanos + (long) (random.nextDouble() * lastNanos / JITTER_SHARE));
    }
}
