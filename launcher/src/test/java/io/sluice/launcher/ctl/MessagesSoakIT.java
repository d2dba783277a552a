package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Channels that go from one shard to the other again and again, while ten publishers number their messages. */
@Tag("soak")
class MessagesSoakIT {

    private static final int MOVES = Integer.getInteger("sluice.soak.moves", 50);
    private static final int CHANNELS = 10;
    private static final int PROXIES = 3;
    private static final int NO_LIMIT = 1_000_000;

    @TempDir
    private Path folder;

    @Test
    void noMessageIsLostAndNoneIsHeardTwice() throws Exception {
        try (MovingSlots cluster = MovingSlots.start(folder, 2, NO_LIMIT, PROXIES);
                Messages messages = Messages.start(cluster.ports(), CHANNELS)) {
            for (int i = 0; i < MOVES; i++) {
                ConversationsMoveIT.moveThereOrBack(cluster);
            }

            assertThat(messages.stop()).isEmpty();
            System.out.printf(
                    "FIGURE messages: %d handoffs, %d channels, %d messages heard%n",
                    MOVES, CHANNELS, messages.heard());
            assertThat(messages.heard()).isGreaterThan(MOVES * CHANNELS);
        }
    }
}
