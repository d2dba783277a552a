package io.sluice.manager.migration;

import io.sluice.routing.cluster.Handoff;
import java.time.Duration;

/**
 * The bounds of handoffs.
 *
 * @param freshHeartbeat a freeze begins only if each proxy was heard of within so long, or is known to be fenced
 * @param firstPause after the first freeze that was given up; doubles each time
 * @param longestPause between two freezes
 * @param maxAttempts freezes of one handoff; then it stays in COPY, and somebody must look
 * @param cleanupDelay between the switch and the removal of the keys from the source
 * @param repeatPause before a copy that failed is begun again
 * @param freezeLimit after which a freeze is given up, to be tried again, while that is cheap; see {@link #freezeLimit(int)}
 */
public record HandoffRules(
        Duration freshHeartbeat,
        Duration firstPause,
        Duration longestPause,
        int maxAttempts,
        Duration cleanupDelay,
        Duration repeatPause,
        Duration freezeLimit) {

    /** So many freezes of a handoff may be as short; then they must be allowed to last longer, or it would never end. */
    static final int SHORT_FREEZES = 3;

    private static final int MOST_DOUBLINGS = 20;

    public static final HandoffRules DEFAULT = new HandoffRules(
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(60),
            20,
            Duration.ofSeconds(60),
            Duration.ofSeconds(5),
            Duration.ofMillis(120));

    /** Freezes last for as long as their handoff says. */
    public HandoffRules(
            Duration freshHeartbeat,
            Duration firstPause,
            Duration longestPause,
            int maxAttempts,
            Duration cleanupDelay,
            Duration repeatPause) {
        this(freshHeartbeat, firstPause, longestPause, maxAttempts, cleanupDelay, repeatPause, Handoff.FREEZE_BUDGET);
    }

    /** The same, with another time between the switch and the removal of the keys from the source. */
    public HandoffRules withCleanupDelay(Duration delay) {
        return new HandoffRules(freshHeartbeat, firstPause, longestPause, maxAttempts, delay, repeatPause, freezeLimit);
    }

    /** The same, with another time after which a freeze is given up. */
    public HandoffRules withFreezeLimit(Duration limit) {
        return new HandoffRules(
                freshHeartbeat, firstPause, longestPause, maxAttempts, cleanupDelay, repeatPause, limit);
    }

    /**
     * How long the freeze of this number, the first is 1, should last at most. Where none can be as short, the later ones
     * may be longer, each twice as long as the one before; a handoff's own bound holds in any case.
     */
    Duration freezeLimit(int attempt) {
        int doublings = Math.min(Math.max(0, attempt - SHORT_FREEZES), MOST_DOUBLINGS);
        return freezeLimit.multipliedBy(1L << doublings);
    }

    /** Before the next freeze, when {@code attempts} have been given up. */
    Duration pauseAfter(int attempts) {
        Duration pause = firstPause;
        for (int i = 1; i < attempts && pause.compareTo(longestPause) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        return pause.compareTo(longestPause) < 0 ? pause : longestPause;
    }
}
