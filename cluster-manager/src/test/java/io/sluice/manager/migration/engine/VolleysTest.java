package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.migration.engine.Volleys.Volley;
import java.util.List;
import org.junit.jupiter.api.Test;

class VolleysTest {

    private static final CopyLimits LIMITS = CopyLimits.DEFAULTS;
    private static final int MOST = LIMITS.outstandingCommands();
    private static final int MOST_BYTES = LIMITS.outstandingBytes();

    private final Volleys volleys = new Volleys();

    private static Volley volley(long commands, long bytes) {
        return new Volley(List.of(), List.of(), commands, bytes);
    }

    @Test
    void asManyCommandsAsTheLimitAllowsAndNoMore() {
        volleys.add(volley(MOST - 10, 1));

        assertThat(volleys.hasRoom(10, 1, LIMITS)).isTrue();
        assertThat(volleys.hasRoom(11, 1, LIMITS)).isFalse();
    }

    @Test
    void asManyBytesAsTheLimitAllowsAndNoMore() {
        volleys.add(volley(1, MOST_BYTES - 10));

        assertThat(volleys.hasRoom(1, 10, LIMITS)).isTrue();
        assertThat(volleys.hasRoom(1, 11, LIMITS)).isFalse();
    }

    @Test
    void oneAloneMayBeOfAnySize() {
        assertThat(volleys.hasRoom(MOST + 1, MOST_BYTES + 1, LIMITS)).isTrue();
    }

    @Test
    void theOldestComesFirstAndLeavesRoom() {
        Volley first = volley(MOST, 1);
        Volley second = volley(7, 1);
        volleys.add(first);
        volleys.add(second);

        assertThat(volleys.takeOldest()).isSameAs(first);

        assertThat(volleys.hasRoom(MOST - 7, 1, LIMITS)).isTrue();
        assertThat(volleys.hasRoom(MOST - 6, 1, LIMITS)).isFalse();
        assertThat(volleys.takeOldest()).isSameAs(second);
        assertThat(volleys.isEmpty()).isTrue();
    }
}
