package io.sluice.manager.testing;

import io.sluice.testing.FreePorts;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A manager in a process of its own, which is told what to do by lines, and tells what it does by lines.
 */
public final class ManagerJvm implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(45);
    private static final int LOG_LINES = 100;

    private final Process process;
    private final BufferedWriter commands;
    private final Queue<Line> lines = new ConcurrentLinkedQueue<>();
    private final Queue<String> log = new ConcurrentLinkedQueue<>();
    private final Thread reader;
    private final long began = System.nanoTime();

    /** What it said, and when that arrived here. */
    public record Line(long nanos, String text) {

        public String word() {
            return text.split(" ", -1)[0];
        }

        public long number(int index) {
            return Long.parseLong(text.split(" ", -1)[index]);
        }
    }

    private ManagerJvm(Process process) {
        this.process = process;
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
        this.reader = new Thread(this::collect, "manager-output");
        reader.setDaemon(true);
        reader.start();
    }

    /** A manager of the cluster {@code faults}; more may follow. */
    public static String config(String id, String connect, Duration sessionTimeout) {
        return """
                cluster: faults
                id: %s
                listen: 127.0.0.1:%d
                zookeeper:
                  connect: %s
                  session_timeout: %dms
                """.formatted(id, FreePorts.next(), connect, sessionTimeout.toMillis());
    }

    /** The program's one argument is a file with this configuration. */
    public static ManagerJvm start(String program, Path folder, String id, String text) throws IOException {
        Path config = Files.writeString(folder.resolve(id + ".yaml"), text);
        List<String> line = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                program,
                config.toString());
        return new ManagerJvm(new ProcessBuilder(line)
                .redirectError(
                        folder.resolve(id + "-" + System.nanoTime() + ".log").toFile())
                .start());
    }

    private void collect() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.matches(
                        "(started|leads|ended|read|wrote|refused|closed|at|moves|error)( .*)?")) { // the rest is its
                    // log
                    lines.add(new Line(System.nanoTime(), line));
                } else {
                    keep(line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void keep(String line) {
        log.add(line);
        if (log.size() > LOG_LINES) {
            log.remove();
        }
    }

    /** The last lines of its log. */
    public String log() {
        return String.join("\n", log);
    }

    public void tell(String command) throws IOException {
        commands.write(command + "\n");
        commands.flush();
    }

    /** Waits for a line that came at or after {@code fromNanos}. */
    public Line await(long fromNanos, Predicate<String> which) {
        try {
            return Awaitility.await()
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(20))
                    .until(
                            () -> lines.stream()
                                    .filter(line -> line.nanos() - fromNanos >= 0 && which.test(line.text()))
                                    .findFirst(),
                            Optional::isPresent)
                    .orElseThrow();
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("It did not say what it should; its log:\n" + log(), e);
        }
    }

    public Line await(Predicate<String> which) {
        return await(began, which);
    }

    /** All that was said; complete once the process has ended. */
    public List<Line> said() {
        return new ArrayList<>(lines);
    }

    /** kill -9; returns when all it had said before is here. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
        reader.join(LIMIT.toMillis());
    }

    public void signal(String name) throws IOException, InterruptedException {
        int exitCode = new ProcessBuilder("/bin/sh", "-c", "kill -s " + name + " " + process.pid())
                .start()
                .waitFor();
        if (exitCode != 0) {
            throw new IllegalStateException("Cannot send SIG" + name);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly()
                .onExit()
                .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
                .join();
    }
}
