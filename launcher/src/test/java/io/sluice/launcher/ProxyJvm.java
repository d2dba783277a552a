package io.sluice.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** {@code sluice proxy}, or another command that runs until it is ended, in a process of its own, from the jar that users get. */
public final class ProxyJvm implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Path JAR = Path.of("target/sluice.jar").toAbsolutePath();
    private static final String READY_LINE = "Sluice is ready";

    private final Process process;
    private final Path log;

    private ProxyJvm(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts it; it may not be ready yet. */
    public static ProxyJvm start(Path folder, Map<String, String> environment, String... options) throws IOException {
        return startCommand("proxy", folder, environment, options);
    }

    /** The same for another command of the same jar. */
    public static ProxyJvm startCommand(String command, Path folder, Map<String, String> environment, String... options)
            throws IOException {
        Path log = Files.createTempFile(folder, command + "-", ".log");
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:MaxDirectMemorySize=64m",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + folder,
                "-jar",
                JAR.toString(),
                command));
        line.addAll(List.of(options));
        ProcessBuilder builder =
                new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().remove("XDG_RUNTIME_DIR");
        builder.environment().remove("NOTIFY_SOCKET");
        builder.environment().putAll(environment);
        return new ProxyJvm(builder.start(), log);
    }

    public ProxyJvm awaitReady() {
        awaitLine(READY_LINE);
        return this;
    }

    public void awaitLine(String text) {
        Awaitility.await(text).atMost(LIMIT).until(() -> {
            if (!process.isAlive() && !output().contains(text)) {
                throw new IllegalStateException("It has ended: " + output());
            }
            return output().contains(text);
        });
    }

    public String output() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    public long pid() {
        return process.pid();
    }

    public void signal(String name) throws IOException, InterruptedException {
        int exitCode = new ProcessBuilder("/bin/sh", "-c", "kill -s " + name + " " + process.pid())
                .start()
                .waitFor();
        if (exitCode != 0) {
            throw new IllegalStateException("Cannot send SIG" + name);
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL; it has ended when this returns. */
    public void kill() {
        close();
    }

    public int awaitExit() throws InterruptedException {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("It does not end: " + output());
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly()
                .onExit()
                .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
                .join();
    }
}
