package io.sluice.launcher;

import io.sluice.proxy.transport.NotifySocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd, or whoever speaks its protocol, how the proxy does; silent where nobody asks. The names are those of
 * sd_notify(3).
 */
final class ServiceManager {

    private static final Duration PROGRAM_LIMIT = Duration.ofSeconds(5);

    private final String socket; // empty where nobody asks
    private final long watchdogMicros; // 0 for none
    private final long pid;

    ServiceManager(Map<String, String> environment, long pid) {
        this.socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        this.watchdogMicros = micros(environment.getOrDefault("WATCHDOG_USEC", ""));
        this.pid = pid;
    }

    private static long micros(String text) {
        try {
            return Math.max(0, Long.parseLong(text));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** The proxy serves; also after a reload. */
    void ready() {
        tell("READY=1");
    }

    /** The proxy serves, in place of the process that was the main one. */
    void readyInstead() {
        tell("MAINPID=" + pid, "READY=1");
    }

    /** Another configuration is being taken up; {@link #ready()} follows. */
    void reloading() {
        tell("RELOADING=1", "MONOTONIC_USEC=" + System.nanoTime() / 1_000); // the same clock on Linux
    }

    void stopping() {
        tell("STOPPING=1");
    }

    /** Twice in the time that systemd waits, says that the proxy lives, as long as it does. */
    void watch(BooleanSupplier lives) {
        if (socket.isEmpty() || watchdogMicros == 0) {
            return;
        }
        long pauseNanos = Math.max(1, watchdogMicros / 2) * 1_000;
        Thread watchdog = new Thread(() -> assureEvery(pauseNanos, lives), "watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
    }

    private void assureEvery(long pauseNanos, BooleanSupplier lives) {
        while (!Thread.currentThread().isInterrupted()) {
            if (lives.getAsBoolean()) {
                tell("WATCHDOG=1");
            }
            LockSupport.parkNanos(pauseNanos);
        }
    }

    private void tell(String... lines) {
        if (socket.isEmpty()) {
            return;
        }
        try {
            if (NotifySocket.canSendTo(socket)) {
                NotifySocket.send(socket, String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
            } else {
                runProgram(lines);
            }
        } catch (IOException e) {
            log().warn("The service manager could not be told: socket={} error={}", socket, e.getMessage());
        }
    }

    /** For abstract sockets, and where there is no native code. */
    private static void runProgram(String... lines) throws IOException {
        List<String> command = new ArrayList<>(List.of("systemd-notify"));
        command.addAll(List.of(lines));
        Process program = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (!program.waitFor(PROGRAM_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                program.destroyForcibly();
                throw new IOException("systemd-notify does not end");
            }
            if (program.exitValue() != 0) {
                throw new IOException("systemd-notify ends with " + program.exitValue());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Logger log() {
        return LoggerFactory.getLogger(ServiceManager.class);
    }
}
