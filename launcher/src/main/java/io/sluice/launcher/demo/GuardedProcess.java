package io.sluice.launcher.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A shell script that learns of this JVM's end, even by {@code kill -9}, because its standard input ends with it.
 *
 * <pre>
 *   JVM ──pipe──▶ stdin of the script       the pipe ends ──▶ the script cleans up and ends
 * </pre>
 *
 * It runs in a session of its own where {@code setsid} exists: Ctrl-C goes to every process of the terminal's foreground
 * group, and the servers must outlive it until the proxy has drained. A {@code kill -9} of the whole group spares it
 * for the same reason, so it still cleans up.
 */
final class GuardedProcess implements AutoCloseable {

    private static final Duration END_LIMIT = Duration.ofSeconds(5);

    private final Process process;

    private GuardedProcess(Process process) {
        this.process = process;
    }

    /** Runs {@code script} with {@code arguments} as {@code $0}, {@code $1} ...; what it prints goes to {@code log}. */
    static GuardedProcess start(Path log, String script, List<String> arguments) throws IOException {
        List<String> line = new ArrayList<>();
        Programs.onPath("setsid").ifPresent(setsid -> line.add(setsid.toString()));
        line.addAll(List.of("/bin/sh", "-c", script));
        line.addAll(arguments);
        return new GuardedProcess(new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start());
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
