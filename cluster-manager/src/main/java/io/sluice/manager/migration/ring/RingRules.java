package io.sluice.manager.migration.ring;

import java.time.Duration;

/**
 * The bounds of changes of rings.
 *
 * @param steadyLease how long a proxy may serve a pool without a change and without a heartbeat; zero for ever, so that a
 *     silent one must be removed by somebody before a change goes on
 * @param repeatPause before something that failed at a server is tried again
 * @param lookPause between two looks at servers, at least
 * @param silenceLimit after so long without an answer of an old server its window ends
 */
public record RingRules(Duration steadyLease, Duration repeatPause, Duration lookPause, Duration silenceLimit) {

    public static final RingRules DEFAULT =
            new RingRules(Duration.ZERO, Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofSeconds(5));

    /** The same for proxies that may serve so long without a heartbeat. */
    public RingRules withSteadyLease(Duration lease) {
        return new RingRules(lease, repeatPause, lookPause, silenceLimit);
    }
}
