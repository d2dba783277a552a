package io.sluice.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.TerminalFailureException;

/**
 * One server process in its own temporary folder, which does not outlive this JVM even if that is killed:
 *
 * <pre>
 *   JVM ──stdin pipe──▶ sh (waits for the pipe to end, then kills) ──▶ server
 * </pre>
 */
final class ServerProcess implements RunningRedis {

    /** It does not kill when it was told that the server has ended: by then its number may be another process's. */
    private static final String WRAPPER = "\"$0\" \"$@\" </dev/null >server.log 2>&1 & p=$!; echo $p;"
            + " cat >ended; [ -s ended ] || kill -9 $p; wait $p";

    private static final byte[] ENDED = "ended\n".getBytes(StandardCharsets.US_ASCII);
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final Path folder;
    private final Process wrapper;
    private final ProcessHandle server;

    private ServerProcess(Path folder, Process wrapper, ProcessHandle server) {
        this.folder = folder;
        this.wrapper = wrapper;
        this.server = server;
    }

    static Path newFolder(String name) {
        try {
            return Files.createTempDirectory("sluice-" + name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts the command; its folder goes when the process is closed. */
    static ServerProcess start(Path folder, String... command) {
        List<String> line = new ArrayList<>(List.of("sh", "-c", WRAPPER));
        line.addAll(Arrays.asList(command));
        try {
            Process wrapper = new ProcessBuilder(line)
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            long pid = Long.parseLong(firstLine(wrapper));
            ProcessHandle server =
                    ProcessHandle.of(pid).orElseThrow(() -> new IllegalStateException("Gone at once: " + command[0]));
            return new ServerProcess(folder, wrapper, server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String firstLine(Process wrapper) throws IOException {
        var out = new BufferedReader(new InputStreamReader(wrapper.getInputStream(), StandardCharsets.US_ASCII));
        String line = out.readLine();
        if (line == null) {
            throw new IOException("sh ended without starting the server");
        }
        return line;
    }

    /** Waits until the server answers; fails with its log if it ends before that. */
    @Override
    public void awaitReady(BooleanSupplier answers) {
        try {
            Awaitility.await("server is ready")
                    .atMost(START_LIMIT)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(10))
                    .failFast("server has ended", () -> !server.isAlive())
                    .until(answers::getAsBoolean);
        } catch (TerminalFailureException ended) {
            throw new IllegalStateException("The server ended by itself: " + log(), ended);
        }
    }

    @Override
    public long pid() {
        return server.pid();
    }

    @Override
    public void signal(String name) {
        checkAlive(name);
        try {
            int exit = new ProcessBuilder("sh", "-c", "kill -s " + name + " " + pid())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IllegalStateException("No process to signal: pid=" + pid() + " signal=" + name);
            }
            if (name.equals("STOP")) {
                awaitStopped();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A thread on another processor goes on for a moment, and may even answer. */
    private void awaitStopped() {
        Awaitility.await("server stops")
                .atMost(STOP_LIMIT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(this::isStopped);
    }

    private boolean isStopped() throws IOException {
        Path threads = Path.of("/proc/" + pid() + "/task");
        if (!Files.isDirectory(threads)) {
            return true; // no Linux: nobody tells
        }
        try (Stream<Path> all = Files.list(threads)) {
            for (Path thread : all.toList()) {
                if (!Files.readString(thread.resolve("status"), StandardCharsets.ISO_8859_1)
                        .contains("State:\tT")) {
                    return false;
                }
            }
        } catch (NoSuchFileException ended) {
            return false; // a thread that was there a moment ago: look again
        }
        return true;
    }

    private void checkAlive(String signal) {
        if (!server.isAlive()) {
            throw new IllegalStateException(
                    "The server ended before it was sent " + signal + ": pid=" + pid() + " log: " + log());
        }
    }

    @Override
    public void kill() {
        signal("KILL");
        awaitEnd();
    }

    private void awaitEnd() {
        Awaitility.await("server ends")
                .atMost(STOP_LIMIT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> !server.isAlive());
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("server.log"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }

    @Override
    public void close() {
        try {
            OutputStream shell = wrapper.getOutputStream();
            if (!server.isAlive()) {
                shell.write(ENDED);
            }
            shell.close(); // sh sees the end of its input and kills the server
            if (!wrapper.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("The server's shell does not end: pid=" + wrapper.pid());
            }
            awaitEnd();
            delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
