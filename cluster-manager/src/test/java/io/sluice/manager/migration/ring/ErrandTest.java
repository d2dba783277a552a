package io.sluice.manager.migration.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class ErrandTest {

    private final Errand<String> errand = new Errand<>(Runnable::run);

    @Test
    void whatComesOfItIsTakenOnce() {
        errand.send(() -> "found");

        assertThat(errand.isOut()).isTrue();
        assertThat(errand.take()).contains(new Errand.Outcome<>(Optional.of("found"), ""));
        assertThat(errand.isOut()).isFalse();
        assertThat(errand.take()).isEmpty();
    }

    @Test
    void comesBackWhateverWasThrown() {
        errand.send(() -> {
            throw new RingServerException("nobody at home");
        });
        assertThat(errand.take()).contains(new Errand.Outcome<>(Optional.empty(), "nobody at home"));

        errand.send(() -> {
            throw new StackOverflowError("too deep");
        });

        assertThat(errand.take().map(Errand.Outcome::failure).orElseThrow()).contains("StackOverflowError", "too deep");
        assertThat(errand.isOut()).isFalse();
    }
}
