package io.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bench.load.Load;
import io.sluice.bench.load.MemcachedClient;
import io.sluice.bench.load.Workload;
import io.sluice.bench.proxies.Dialect;
import io.sluice.bench.proxies.Target;
import io.sluice.testing.Binaries;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Seconds, not figures: that the whole program runs, writes its reports and leaves nothing behind. */
class CompareIT {

    private static final String REPOSITORY = "sluice.bench.repository";
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();

    @BeforeEach
    void findRepository() {
        System.setProperty(REPOSITORY, ROOT.toString());
    }

    @AfterEach
    void forgetRepository() {
        System.clearProperty(REPOSITORY);
    }

    @Test
    void loadsEveryTargetAndEndsWhatItStarted() throws Exception {
        Binaries.onPathOrSkip("redis", "redis-server");
        Binaries.onPathOrSkip("redis", "redis-benchmark");
        Path json = folder.resolve("run.json");

        int exitCode = run(
                "compare",
                "--workload",
                "p1,mget",
                "--rounds",
                "2",
                "--seconds",
                "0.05",
                "--warm-up",
                "1000",
                "--sluice",
                "first=nio,jar=" + jar(),
                "--sluice",
                "second=auto,workers=2,jar=" + jar(),
                "--json",
                json.toString());

        assertThat(exitCode).as(out.toString()).isZero();
        assertThat(Files.readString(json))
                .contains("\"p1\"", "\"mget\"", "\"first\"", "\"second\"", "\"direct\"", "\"rounds\": 2");
        assertThat(ProcessHandle.current().descendants()).isEmpty();
    }

    @Test
    void loadsMemcachedToo() throws Exception {
        Binaries.onPathOrSkip("memcached", "memcached");
        Binaries.onPathOrSkip("nutcracker", "nutcracker");

        try (Stage stage = new Stage(Dialect.MEMCACHE, note -> {})) {
            MemcachedClient client = new MemcachedClient();
            for (Target target : stage.startProxies(List.of(), List.of())) {
                client.fill(target, Workload.MGET);
                Load load = client.run(target, Workload.MGET, 2_000);

                assertThat(load.requests()).isEqualTo(2_000);
            }
        }
        assertThat(ProcessHandle.current().descendants()).isEmpty();
    }

    private int run(String... arguments) {
        CommandLine command =
                BenchMain.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
        return command.execute(arguments);
    }

    private static Path jar() {
        return ROOT.resolve("launcher/target/sluice.jar");
    }
}
