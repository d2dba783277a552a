package io.sluice.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A real sentinel, {@code redis-server --sentinel}, on a free loopback port. It takes a program; without one the test is
 * skipped, or fails under {@code -Dsluice.it.require=redis}.
 */
public final class RedisSentinel implements ServerFixture {

    /** A primary that is silent for so long is down. */
    public static final int DOWN_AFTER_MILLIS = 1_500;

    private final int port = FreePorts.next();
    private final List<String> lines = new ArrayList<>();
    private @Nullable String password;
    private @Nullable ServerProcess running;

    private RedisSentinel() {
        lines.addAll(List.of("port " + port, "bind 127.0.0.1", "protected-mode no"));
    }

    public static RedisSentinel onFreePort() {
        return new RedisSentinel();
    }

    /** Several that will find each other. */
    public static List<RedisSentinel> onFreePorts(int count) {
        List<RedisSentinel> sentinels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sentinels.add(onFreePort());
        }
        return List.copyOf(sentinels);
    }

    /** So many sentinels must find the primary down. */
    public RedisSentinel watching(String master, RedisServer primary, int quorum) {
        return withLines(
                "sentinel monitor " + master + " 127.0.0.1 " + primary.port() + " " + quorum,
                "sentinel down-after-milliseconds " + master + " " + DOWN_AFTER_MILLIS,
                "sentinel failover-timeout " + master + " 3000",
                "sentinel parallel-syncs " + master + " 1");
    }

    public RedisSentinel withPassword(String word) {
        password = word;
        return withLines("requirepass " + word, "sentinel sentinel-pass " + word);
    }

    /** More lines of its configuration. */
    public RedisSentinel withLines(String... more) {
        lines.addAll(Arrays.asList(more));
        return this;
    }

    public int port() {
        return port;
    }

    public String address() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void start() {
        Path binary = RedisBinary.find()
                .map(RedisBinary::path)
                .orElseThrow(() -> Binaries.missing("redis", "no redis-server, no bundled one"));
        Path folder = ServerProcess.newFolder("sentinel");
        try {
            Path file = Files.write(folder.resolve("sentinel.conf"), lines);
            ServerProcess process = ServerProcess.start(folder, binary.toString(), file.toString(), "--sentinel");
            running = process;
            process.awaitReady(this::answersPing);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean answersPing() {
        try (RespClient client = connect()) {
            return "PONG".equals(client.call("PING"));
        } catch (IOException notYet) {
            return false;
        }
    }

    /** A client that has said the password if there is one. */
    public RespClient connect() throws IOException {
        RespClient client = new RespClient(port);
        if (password != null) {
            client.call("AUTH", password);
        }
        return client;
    }

    /** Whether it knows so many other sentinels and replicas of the master that it can fail over. */
    public boolean knows(String master, int otherSentinels, int replicas) {
        return field(master, "num-other-sentinels").equals(Optional.of(String.valueOf(otherSentinels)))
                && field(master, "num-slaves").equals(Optional.of(String.valueOf(replicas)));
    }

    /** A field of {@code SENTINEL MASTER}. */
    public Optional<String> field(String master, String name) {
        try (RespClient client = connect()) {
            if (client.call("SENTINEL", "MASTER", master) instanceof List<?> fields && fields.contains(name)) {
                return Optional.of(String.valueOf(fields.get(fields.indexOf(name) + 1)));
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** SIGSTOP: connections stay open, nothing is answered. */
    public void pause() {
        started().signal("STOP");
    }

    /** SIGCONT. */
    public void resume() {
        started().signal("CONT");
    }

    private ServerProcess started() {
        if (running == null) {
            throw new IllegalStateException("Not started: " + address());
        }
        return running;
    }

    @Override
    public void close() {
        if (running != null) {
            running.close();
            running = null;
        }
    }
}
