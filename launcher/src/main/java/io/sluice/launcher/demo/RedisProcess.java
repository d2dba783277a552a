package io.sluice.launcher.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One Redis server of the demo. The shell becomes the server, so the process id is the server's own; a watcher beside
 * it waits for the JVM's pipe to end and then kills the server. Nothing is lost by that: the demo keeps nothing.
 *
 * <pre>
 *   sh ─┬─ exec ──▶ redis-server
 *       └─ watcher: reads the pipe, on which nothing ever comes but its end, then kill -9 of the server
 * </pre>
 */
final class RedisProcess implements AutoCloseable {

    private static final String RUN_WATCHED =
            "exec 3<&0; { read -r end <&3; kill -9 $$; } >/dev/null 2>&1 & exec \"$0\" \"$@\" </dev/null 3<&-";
    private static final Duration START_LIMIT = Duration.ofSeconds(20);
    private static final int PROBE_MILLIS = 1_000;
    private static final int PROBE_BYTES = 64;

    private final String name;
    private final int port;
    private final Path log;
    private final GuardedProcess process;

    private RedisProcess(String name, int port, Path log, GuardedProcess process) {
        this.name = name;
        this.port = port;
        this.log = log;
        this.process = process;
    }

    /** Starts the server without waiting for it. */
    static RedisProcess start(RedisBinary redis, String name, int port, Path folder) throws DemoException {
        Path log = folder.resolve(name + ".log");
        try {
            GuardedProcess process = GuardedProcess.start(log, RUN_WATCHED, commandLine(redis, port, folder));
            return new RedisProcess(name, port, log, process);
        } catch (IOException e) {
            throw new DemoException("cannot start redis-server: " + e.getMessage(), e);
        }
    }

    private static List<String> commandLine(RedisBinary redis, int port, Path folder) {
        return Stream.of(
                        List.of(redis.program().toString(), "--port", String.valueOf(port)),
                        List.of("--bind", LoopbackPorts.HOST, "--daemonize", "no", "--dir", folder.toString()),
                        List.of("--save", "", "--appendonly", "no"))
                .flatMap(List::stream)
                .toList();
    }

    String name() {
        return name;
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    /** Waits until the server answers; throws with the last line of its log if it ends instead. */
    void awaitReady() throws DemoException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (!answers()) {
            if (!process.isAlive()) {
                throw new DemoException(name + " ended at once: " + lastLogLine());
            }
            if (System.nanoTime() - deadline > 0) {
                throw new DemoException(name + " does not answer after " + START_LIMIT.toSeconds() + " s");
            }
            pause();
        }
    }

    private boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PROBE_MILLIS);
            socket.setSoTimeout(PROBE_MILLIS);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] reply = new byte[PROBE_BYTES];
            return socket.getInputStream().read(reply) > 0 && reply[0] == '+' && process.isAlive();
        } catch (IOException e) {
            return false; // not yet
        }
    }

    private static void pause() throws DemoException {
        try {
            TimeUnit.MILLISECONDS.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoException("interrupted while the servers were starting", e);
        }
    }

    private String lastLogLine() {
        try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
            Optional<String> last = lines.filter(line -> !line.isBlank()).reduce((earlier, later) -> later);
            return last.orElse("its log is empty");
        } catch (IOException e) {
            return "no log: " + e.getMessage();
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
