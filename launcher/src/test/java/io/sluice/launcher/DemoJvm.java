package io.sluice.launcher;

import io.sluice.testing.FreePorts;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** {@code sluice demo} in a JVM of its own, from the test's class path. */
final class DemoJvm implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration CLEAN_UP_LIMIT = Duration.ofSeconds(30);
    private static final Pattern SERVER = Pattern.compile("shard-\\d+ +127\\.0\\.0\\.1:(\\d+) +pid (\\d+)");
    private static final String LAST_BANNER_LINE = "Ctrl-C stops everything";

    private final int port;
    private final Path temporaryFolder;
    private final Process process;
    private final BufferedReader reader;
    private final List<String> output = new ArrayList<>();

    private DemoJvm(int port, Path temporaryFolder, Process process) {
        this.port = port;
        this.temporaryFolder = temporaryFolder;
        this.process = process;
        this.reader = process.inputReader();
    }

    static DemoJvm start(String... options) throws IOException {
        return start(FreePorts.next(), Map.of(), options);
    }

    static DemoJvm startOn(int port) throws IOException {
        return start(port, Map.of());
    }

    static DemoJvm startWithBundledRedis(String... options) throws IOException {
        return start(FreePorts.next(), Map.of("REDIS_SERVER", "bundled"), options);
    }

    static DemoJvm startWithRedis(String program) throws IOException {
        return start(FreePorts.next(), Map.of("REDIS_SERVER", program));
    }

    private static DemoJvm start(int port, Map<String, String> environment, String... options) throws IOException {
        Path folder = Files.createTempDirectory("sluice-demo-it");
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                SluiceMain.class.getName(),
                "demo",
                "--port",
                String.valueOf(port)));
        line.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return new DemoJvm(port, folder, builder.start());
    }

    int port() {
        return port;
    }

    /** Reads up to the banner's last line; fails with what was said instead if that never comes. */
    List<String> awaitBanner() throws IOException {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            output.add(line);
            if (line.contains(LAST_BANNER_LINE)) {
                return List.copyOf(output);
            }
        }
        throw new IllegalStateException("The demo ended without its banner: " + output);
    }

    /** All that was said, once the demo has ended. */
    List<String> output() throws IOException {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            output.add(line);
        }
        return List.copyOf(output);
    }

    List<Integer> serverPorts() {
        return serverRows().map(row -> Integer.valueOf(row.group(1))).toList();
    }

    private Stream<MatchResult> serverRows() {
        return SERVER.matcher(String.join("\n", output)).results();
    }

    void signal(String name) throws IOException, InterruptedException {
        int exitCode = new ProcessBuilder("/bin/sh", "-c", "kill -s " + name + " " + process.pid())
                .start()
                .waitFor();
        if (exitCode != 0) {
            throw new IllegalStateException("Cannot send SIG" + name);
        }
    }

    int awaitExit() throws InterruptedException {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("The demo does not end: " + output);
        }
        return process.exitValue();
    }

    /** Waits until no server of the banner runs and the demo's folder is gone. */
    void awaitNothingLeft() {
        List<Long> pids = serverRows().map(row -> Long.valueOf(row.group(2))).toList();
        Awaitility.await("servers and folder are gone")
                .atMost(CLEAN_UP_LIMIT)
                .until(() -> pids.stream().noneMatch(DemoJvm::isRunning) && isEmpty(temporaryFolder));
    }

    /** A zombie, which is dead and only waits for its parent to notice, does not count. */
    private static boolean isRunning(long pid) {
        try {
            String status = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
            return status.charAt(status.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("sluice-demo-"))
                    .findAny()
                    .isEmpty();
        }
    }

    static boolean accepts(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly()
                .onExit()
                .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
                .join();
        awaitNothingLeft();
        try (Stream<Path> tree = Files.walk(temporaryFolder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
