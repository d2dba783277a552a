package io.sluice.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerPulseTest {

    private final List<Runnable> stuck = new ArrayList<>();
    private long nanos = Duration.ofHours(1).toNanos();
    private final WorkerPulse pulse = new WorkerPulse(List.of(Runnable::run, stuck::add), () -> nanos);

    @Test
    void aLoopThatDoesNotComeRoundIsStalledUntilItDoes() {
        pulse.ask();
        pass(Duration.ofSeconds(5));
        assertThat(pulse.stalled()).isEmpty();
        pass(Duration.ofMillis(1));
        assertThat(pulse.stalled()).containsExactly(1);
        assertThat(pulse.delay(1)).isEqualTo(Duration.ofMillis(5001));
        assertThat(pulse.delay(0)).isZero();

        stuck.remove(0).run();

        assertThat(pulse.stalled()).isEmpty();
        assertThat(pulse.delay(1)).isEqualTo(Duration.ofMillis(5001));
    }

    @Test
    void atMostOneQuestionWaitsForALoop() {
        for (int i = 0; i < 100; i++) {
            pulse.ask();
            pass(Duration.ofSeconds(1));
        }

        assertThat(stuck).hasSize(1);
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }
}
