package io.sluice.manager.migration.ring;

import java.time.Duration;

/**
 * The bounds of changes of rings; docs/rings.md tells them.
 *
 * @param repeatPause before something that failed at a server is tried again
 * @param lookPause between two looks at servers, at least
 * @param silenceLimit after so long without an answer of a server that gives keys away, its window ends
 * @param probeLimit how long such a server has for an answer, its connection included
 */
public record RingRules(Duration repeatPause, Duration lookPause, Duration silenceLimit, Duration probeLimit) {

    public static final RingRules DEFAULT =
            new RingRules(Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(2));
}
