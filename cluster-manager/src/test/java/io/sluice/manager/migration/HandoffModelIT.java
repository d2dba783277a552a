package io.sluice.manager.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testing.Binaries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs {@code docs/model/check}. Needs spin and a C compiler, which {@code -Dsluice.it.require=spin} insists on. */
class HandoffModelIT {

    private static final Path CHECK = Path.of("..", "docs", "model", "check");

    @BeforeEach
    void needsSpin() {
        Binaries.onPathOrSkip("spin", "spin");
        Binaries.onPathOrSkip("spin", "gcc");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NO_BARRIER",
                "NO_DRAIN",
                "UNILATERAL",
                "reachable",
                "ring-protocol",
                "NO_CLOSING",
                "COPY_ONLY",
                "ring-reachable"
            })
    void aProtocolHoldsAndARuleThatIsTakenAwayIsMissed(String row) throws IOException, InterruptedException {
        assertThat(check(row)).startsWith("PASS");
    }

    @Test
    @Tag("soak")
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void theProtocolHoldsAndEveryBrokenVariantIsCaught() throws IOException, InterruptedException {
        String rows = check("quick");

        System.out.println(rows);
        assertThat(rows.lines()).hasSize(21).allMatch(row -> row.startsWith("PASS"));
    }

    private static String check(String rows) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(CHECK.toString(), rows)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
