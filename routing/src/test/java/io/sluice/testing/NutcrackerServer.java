package io.sluice.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The real twemproxy with a given configuration, the peer whose placement we copy. Without a {@code nutcracker} on the
 * PATH the test is skipped, or fails under {@code -Dsluice.it.require=nutcracker}.
 */
public final class NutcrackerServer implements ServerFixture {

    private static final Logger log = LoggerFactory.getLogger(NutcrackerServer.class);
    private static final Pattern LISTEN = Pattern.compile("(?m)^\\s*listen:\\s*\\S+:(\\d+)\\s*$");

    private final String yaml;
    private final List<Integer> ports;
    private final int statsPort = FreePorts.next();
    private Duration statsInterval = Duration.ofSeconds(30);
    private @Nullable ServerProcess process;

    private NutcrackerServer(String yaml) {
        this.yaml = yaml;
        this.ports = LISTEN.matcher(yaml)
                .results()
                .map(result -> Integer.valueOf(result.group(1)))
                .toList();
    }

    /** The file's text; its {@code listen} ports come from {@link FreePorts}. */
    public static NutcrackerServer withConfig(String yaml) {
        return new NutcrackerServer(yaml);
    }

    /** How often it adds its statistics up; its own default is half a minute. */
    public NutcrackerServer withStatsInterval(Duration interval) {
        statsInterval = interval;
        return this;
    }

    /** The ports of its pools, in the order of the file. */
    public List<Integer> ports() {
        return ports;
    }

    public int statsPort() {
        return statsPort;
    }

    @Override
    public void start() {
        Path program = Binaries.onPathOrSkip("nutcracker", "nutcracker");
        Path folder = ServerProcess.newFolder("nutcracker");
        log.info("Starting nutcracker: path={} ports={}", program, ports);
        process = ServerProcess.start(folder, command(program, write(folder)));
        process.awaitReady(() -> ports.stream().allMatch(NutcrackerServer::accepts));
    }

    private Path write(Path folder) {
        try {
            return Files.writeString(folder.resolve("nutcracker.yml"), yaml, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String[] command(Path program, Path config) {
        return new String[] {
            program.toString(),
            "-c",
            config.toString(),
            "-a",
            "127.0.0.1",
            "-s",
            String.valueOf(statsPort),
            "-i",
            String.valueOf(statsInterval.toMillis()),
            "-p",
            config.resolveSibling("nutcracker.pid").toString(),
            "-o",
            config.resolveSibling("nutcracker.log").toString()
        };
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    public long pid() {
        if (process == null) {
            throw new IllegalStateException("Not started");
        }
        return process.pid();
    }

    @Override
    public void close() {
        if (process != null) {
            process.close();
            process = null;
        }
    }
}
