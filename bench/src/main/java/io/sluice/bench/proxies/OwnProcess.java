package io.sluice.bench.proxies;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A process that we started and that ends with us. */
public final class OwnProcess implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration END_LIMIT = Duration.ofSeconds(15);
    private static final long POLL_NANOS = Duration.ofMillis(1).toNanos();
    private static final int PROBE_MILLIS = 1_000;

    private final String name;
    private final Process process;
    private final Path log;

    private OwnProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /** Starts it; what it prints goes to {@code NAME.log} in the folder. */
    static OwnProcess start(
            String name, Folder folder, Teardown teardown, Map<String, String> environment, List<String> command) {
        Path log = folder.resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.path().toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        try {
            OwnProcess started = new OwnProcess(name, builder.start(), log);
            teardown.add(started::close);
            return started;
        } catch (IOException e) {
            throw new BenchException("cannot start " + name + ": " + e.getMessage(), e);
        }
    }

    /** Runs a program that ends by itself; throws with the end of its output if it fails. */
    static void runToEnd(String name, Folder folder, Map<String, String> environment, List<String> command) {
        try (Teardown own = new Teardown()) {
            OwnProcess process = start(name, folder, own, environment, command);
            if (process.process.waitFor() != 0) {
                throw new BenchException(name + " failed: " + process.endOfLog());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
    }

    public long pid() {
        return process.pid();
    }

    /** Waits until the first reply to {@code request} has come; throws with the end of the log if the process ends. */
    public void awaitReply(int port, String request) {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (!replies(port, request)) {
            if (!process.isAlive()) {
                throw new BenchException(name + " ended at once: " + endOfLog());
            }
            if (System.nanoTime() - deadline > 0) {
                throw new BenchException(name + " does not answer after " + START_LIMIT.toSeconds() + " s");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private boolean replies(int port, String request) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PROBE_MILLIS);
            socket.setSoTimeout(PROBE_MILLIS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return socket.getInputStream().read() > 0 && process.isAlive();
        } catch (IOException notYet) {
            return false;
        }
    }

    private String endOfLog() {
        try {
            List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
            return String.join(" | ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
