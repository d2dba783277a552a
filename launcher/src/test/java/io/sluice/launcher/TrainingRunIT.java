package io.sluice.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TrainingRunIT {

    @Test
    void startsUsesAndStopsAProxyWithoutAnyServerInstalled() {
        CommandRun run = CommandRun.of("training-run");

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
    }
}
