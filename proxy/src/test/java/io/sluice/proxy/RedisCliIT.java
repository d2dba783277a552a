package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Shards;
import io.sluice.testing.Binaries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The real redis-cli and redis-benchmark as clients of the proxy. */
class RedisCliIT {

    private static final int LIMIT_SECONDS = 30;

    @RegisterExtension
    static final Shards shards = Shards.three();

    @AutoClose
    static final RunningProxy proxy = shards.proxy();

    @BeforeAll
    static void start() throws ProxyStartException {
        proxy.start();
    }

    /** How a program ended, and what it printed, errors included. */
    private record Run(int exit, String output) {}

    private static Run run(String program, String input, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Binaries.onPathOrSkip("redis", program).toString());
        command.addAll(List.of("-p", String.valueOf(proxy.port())));
        command.addAll(List.of(arguments));
        Process process = start(command);
        try {
            process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            return new Run(process.exitValue(), output);
        } finally {
            process.destroyForcibly();
        }
    }

    /** Starts a program that is ended if it does not end by itself. */
    private static Process start(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        CompletableFuture.delayedExecutor(LIMIT_SECONDS, TimeUnit.SECONDS).execute(process::destroyForcibly);
        return process;
    }

    @Test
    void theCommandsOfTheReadmeWork() throws Exception {
        assertThat(run("redis-cli", "", "set", "a", "1")).isEqualTo(new Run(0, "OK\n"));
        assertThat(run("redis-cli", "", "get", "a")).isEqualTo(new Run(0, "1\n"));
        assertThat(run("redis-cli", "", "mset", "b", "2", "c", "3")).isEqualTo(new Run(0, "OK\n"));
        assertThat(run("redis-cli", "", "mget", "a", "b", "c", "nosuch")).isEqualTo(new Run(0, "1\n2\n3\n\n"));
        assertThat(run("redis-cli", "", "-n", "0", "get", "a")).isEqualTo(new Run(0, "1\n"));
    }

    @Test
    void commandsReadFromAPipeAreAnsweredInOrder() throws Exception {
        assertThat(run("redis-cli", "set piped 1\nincr piped\nget piped\nmget piped nosuch\nnosuchcommand\nping\n"))
                .satisfies(run -> {
                    assertThat(run.exit()).isZero();
                    assertThat(run.output())
                            .startsWith("OK\n2\n2\n2\n\nERR unknown command")
                            .endsWith("PONG\n");
                });
    }

    /** A terminal, of a known width, makes redis-cli ask for COMMAND DOCS, COMMAND and more before the first prompt. */
    @Test
    void theInteractiveModeStarts() throws Exception {
        String cli = "stty cols 80; " + Binaries.onPathOrSkip("redis", "redis-cli") + " -p " + proxy.port();
        String script = Binaries.onPathOrSkip("script", "script").toString();
        Process terminal = start(List.of(script, "-qec", cli, "/dev/null"));
        try {
            String prompt = ":" + proxy.port() + "> ";
            readUntil(prompt, terminal); // what is typed before it is lost
            type("set typed 7", terminal);
            String set = readUntil("OK", terminal) + readUntil(prompt, terminal);
            type("get typed", terminal);
            String get = readUntil("\"7\"", terminal) + readUntil(prompt, terminal);
            type("exit", terminal);

            assertThat(terminal.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(terminal.exitValue()).isZero();
            assertThat(set + get).doesNotContainIgnoringCase("error");
        } finally {
            terminal.destroyForcibly();
        }
    }

    private static void type(String line, Process terminal) throws IOException {
        terminal.getOutputStream().write((line + "\r").getBytes(StandardCharsets.US_ASCII));
        terminal.getOutputStream().flush();
    }

    private static String readUntil(String end, Process terminal) throws IOException {
        StringBuilder output = new StringBuilder();
        while (output.indexOf(end) < 0) {
            int next = terminal.getInputStream().read();
            assertThat(next).as("more after: %s", output).isNotNegative();
            output.append((char) next);
        }
        return output.toString();
    }

    @Test
    void pipeModeLoadsManyCommands() throws Exception {
        StringBuilder commands = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            commands.append("SET bulk").append(i).append(' ').append(i).append("\r\n");
        }

        Run run = run("redis-cli", commands.toString(), "--pipe");

        assertThat(run.output()).contains("errors: 0, replies: 5000");
        assertThat(run.exit()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"50, 16, 20000", "200, 1, 4000"})
    void theBenchmarkEndsWithoutAnError(String clients, String pipeline, String requests) throws Exception {
        Run run = run(
                "redis-benchmark",
                "",
                "-t",
                "set,get,incr,lpush,mset",
                "-n",
                requests,
                "-c",
                clients,
                "-P",
                pipeline,
                "-r",
                "1000",
                "-q");

        assertThat(run.exit()).as(run.output()).isZero();
        assertThat(run.output().toLowerCase(Locale.ROOT)).doesNotContain("err").contains("mset (10 keys)");
    }
}
