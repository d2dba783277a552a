package io.sluice.manager.migration.ring;

import java.time.Duration;

/**
 * The bounds of changes of rings.
 *
 * @param repeatPause before something that failed at a server is tried again
 * @param lookPause between two looks at servers, at least
 * @param silenceLimit after so long without an answer of an old server its window ends
 */
public record RingRules(Duration repeatPause, Duration lookPause, Duration silenceLimit) {

    public static final RingRules DEFAULT =
            new RingRules(Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofSeconds(5));
}
