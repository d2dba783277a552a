package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.testing.CacheShards;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.testing.Binaries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tools that come with libmemcached, the library under most clients that are not Java. */
class LibmemcachedIT {

    @RegisterExtension
    static final CacheShards shards = CacheShards.three();

    @AutoClose
    static final RunningProxy proxy = shards.proxy();

    @TempDir
    private Path folder;

    private record Outcome(int exitCode, String output) {}

    @BeforeAll
    static void start() throws ProxyStartException {
        Binaries.onPathOrSkip("libmemcached-tools", "memccapable");
        proxy.start();
    }

    @BeforeEach
    void flush() throws IOException {
        shards.flush();
    }

    /** Its tests of the text protocol, but for those of commands that concern servers: flush, stat, verbosity. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "version",
                "quit",
                "set",
                "set noreply",
                "get",
                "gets",
                "mget",
                "add",
                "add noreply",
                "replace",
                "replace noreply",
                "cas",
                "cas noreply",
                "delete",
                "delete noreply",
                "incr",
                "incr noreply",
                "decr",
                "decr noreply",
                "append",
                "append noreply",
                "prepend",
                "prepend noreply"
            })
    void memccapablePasses(String test) throws Exception {
        Outcome outcome = run("memccapable", "-h", "127.0.0.1", "-p", "" + proxy.port(), "-v", "-T", "ascii " + test);

        assertThat(outcome.output()).contains("[pass]").doesNotContain("[FAIL]");
        assertThat(outcome.exitCode()).isZero();
    }

    @Test
    void filesAreCopiedShownTouchedAndRemoved() throws Exception {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            names.add("file" + i);
            Files.writeString(folder.resolve("file" + i), "content of " + i + "\n");
        }

        assertThat(tool("memccp", names).exitCode()).isZero();

        assertThat(tool("memccat", names).output()).contains("content of 0", "content of 5", "content of 11");
        assertThat(tool("memcexist", names).exitCode()).isZero();
        assertThat(tool("memctouch", List.of("-e", "100", "file3")).exitCode()).isZero();
        assertThat(tool("memcrm", names.subList(0, 6)).exitCode()).isZero();
        assertThat(tool("memcexist", List.of("file0")).exitCode()).isNotZero();
        assertThat(tool("memcexist", List.of("file11")).exitCode()).isZero();
        assertThat(tool("memcping", List.of()).exitCode()).isZero();
    }

    private Outcome tool(String program, List<String> arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(program, "--servers=127.0.0.1:" + proxy.port()));
        all.addAll(arguments);
        return run(all.toArray(String[]::new));
    }

    private Outcome run(String... command) throws Exception {
        Path output = folder.resolve("output");
        command[0] = Binaries.onPathOrSkip("libmemcached-tools", command[0]).toString();
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
    }
}
