package io.sluice.manager.migration.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@code docs/rings.md} tells the bounds that are in force. */
class RingRulesTest {

    private static final RingRules RULES = RingRules.DEFAULT;

    @Test
    void whenAWindowEndsForASilentServerIsAsTheGuideSays() throws IOException {
        Duration most = RULES.lookPause().plus(RULES.silenceLimit()).plus(RULES.probeLimit());

        assertThat(RULES.lookPause()).as("every second").isEqualTo(Duration.ofSeconds(1));
        assertThat(Files.readAllLines(Path.of("../docs/rings.md")))
                .contains(
                        "| silence of an old server that gives keys away | %d s end a window; it is asked every second, and has"
                                        .formatted(RULES.silenceLimit().toSeconds())
                                + " %d s for its answer, so about %d s at most from its last one |"
                                        .formatted(RULES.probeLimit().toSeconds(), most.toSeconds()))
                .contains("| looks at old servers | every second, %d s after a failure |"
                        .formatted(RULES.repeatPause().toSeconds()));
    }

    @Test
    void howLongAChangeIsNotSealedAgainIsAsTheGuideSays() throws IOException {
        assertThat(Files.readAllLines(Path.of("../docs/rings.md")))
                .contains(
                        "| from a `sealed` that was in vain to the next | %d s, twice as long each time, at most %d s |"
                                .formatted(
                                        RULES.repeatPause().toSeconds(), BrokerSteps.MOST_UNSEALED_PAUSE.toSeconds()));
    }
}
