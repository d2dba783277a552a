package io.sluice.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gate itself: a test process that loses a buffer must fail. */
class LeakGateIT {

    @TempDir
    Path folder;

    @Test
    void stopsAProcessThatHasLostABuffer() throws Exception {
        int exitCode = run(PlantedLeak.LOSE);

        assertThat(exitCode).isEqualTo(LeakGate.EXIT_CODE);
        assertThat(folder.resolve("target/leaks.txt"))
                .content()
                .contains("LEAK GATE: 1 Netty buffer(s)")
                .contains("PlantedLeak");
    }

    @Test
    void letsAProcessPassThatHasLostNone() throws Exception {
        assertThat(run("none")).isZero();
    }

    @Test
    void watchesThisProcessToo() {
        assertIsWatching();
    }

    static void assertIsWatching() {
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
        assertThat(ResourceLeakDetectorFactory.instance().getClass().getEnclosingClass())
                .isEqualTo(LeakGate.class);
    }

    private int run(String argument) throws IOException, InterruptedException {
        Files.createDirectory(folder.resolve("target"));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        PlantedLeak.class.getName(),
                        argument)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }
}
