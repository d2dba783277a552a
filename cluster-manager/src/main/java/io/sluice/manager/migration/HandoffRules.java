package io.sluice.manager.migration;

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
 */
public record HandoffRules(
        Duration freshHeartbeat,
        Duration firstPause,
        Duration longestPause,
        int maxAttempts,
        Duration cleanupDelay,
        Duration repeatPause) {

    public static final HandoffRules DEFAULT = new HandoffRules(
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(60),
            20,
            Duration.ofSeconds(60),
            Duration.ofSeconds(5));

    /** The same, with another time between the switch and the removal of the keys from the source. */
    public HandoffRules withCleanupDelay(Duration delay) {
        return new HandoffRules(freshHeartbeat, firstPause, longestPause, maxAttempts, delay, repeatPause);
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
