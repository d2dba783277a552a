package io.sluice.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real redis-server on a free loopback port, without persistence. A program is looked for first (see
 * {@link RedisBinary}), then a container is tried; without either the test is skipped, or fails under
 * {@code -Dsluice.it.require=redis}.
 *
 * <p>The port is known from the beginning, so other fixtures can be built on it before this one is started.
 */
public final class RedisServer implements ServerFixture {

    private static final Logger log = LoggerFactory.getLogger(RedisServer.class);

    private final int port = FreePorts.next();
    private final List<String> arguments = new ArrayList<>();
    private @Nullable String password;
    private @Nullable Path socketFolder;
    private boolean keepsWrites;
    private @Nullable RunningRedis running;

    private RedisServer() {}

    public static RedisServer onFreePort() {
        return new RedisServer();
    }

    public RedisServer withPassword(String password) {
        this.password = password;
        return withArguments("--requirepass", password);
    }

    /** Begins, and begins again after a {@link #restart}, as a replica of that server. */
    public RedisServer replicaOf(RedisServer primary) {
        return withArguments("--replicaof", "127.0.0.1 " + primary.port());
    }

    public RedisServer withArguments(String... more) {
        arguments.addAll(Arrays.asList(more));
        return this;
    }

    /** Listens on a unix socket too: {@link #unixSocket}. */
    public RedisServer withUnixSocket() {
        socketFolder = ServerProcess.newFolder("redis-socket");
        socketFolder.toFile().deleteOnExit();
        unixSocket().toFile().deleteOnExit(); // before its folder: last in, first out
        return withArguments("--unixsocket", unixSocket().toString());
    }

    /**
     * What it acknowledges outlives {@link #kill} and {@link #restart}: it is on the disk in that folder, one for each
     * server. Takes a program; a container has folders of its own.
     */
    public RedisServer keepingWrites(Path folder) {
        keepsWrites = true;
        return withArguments("--dir", folder.toString(), "--appendonly", "yes", "--appendfsync", "always");
    }

    public int port() {
        return port;
    }

    public String address() {
        return "127.0.0.1:" + port;
    }

    public Path unixSocket() {
        if (socketFolder == null) {
            throw new IllegalStateException("This server was not given a unix socket");
        }
        return socketFolder.resolve("redis.sock");
    }

    @Override
    public void start() {
        if (running != null) {
            throw new IllegalStateException("Already started: " + address());
        }
        FreePorts.awaitFree(port);
        running = Optional.<RunningRedis>empty()
                .or(() -> RedisBinary.find().map(this::startProgram))
                .or(() -> keepsWrites ? Optional.empty() : RedisContainer.start(commandLine()))
                .orElseThrow(() -> Binaries.missing("redis", "no redis-server, no bundled one, no Docker"));
        running.awaitReady(this::answersPing);
    }

    private RunningRedis startProgram(RedisBinary binary) {
        log.info("Starting redis-server: source={} path={} port={}", binary.source(), binary.path(), port);
        List<String> command = commandLine();
        command.set(0, binary.path().toString());
        return ServerProcess.start(ServerProcess.newFolder("redis"), command.toArray(String[]::new));
    }

    private List<String> commandLine() {
        List<String> command = new ArrayList<>(List.of("redis-server", "--port", String.valueOf(port)));
        command.addAll(List.of("--bind", "127.0.0.1", "--save", "", "--appendonly", "no"));
        command.addAll(List.of("--repl-diskless-sync-delay", "0"));
        command.addAll(arguments);
        return command;
    }

    private boolean answersPing() {
        try (RespClient client = new RespClient(port)) {
            if (password != null) {
                client.call("AUTH", password);
            }
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

    /** SIGSTOP: connections stay open, nothing is answered. */
    public void pause() {
        started().signal("STOP");
    }

    /** SIGCONT. */
    public void resume() {
        started().signal("CONT");
    }

    /** SIGKILL: connections are reset and the port refuses, until {@link #restart}. */
    public void kill() {
        started().kill();
    }

    /** Starts a server on the same port, empty unless it is {@link #keepingWrites}, ending one that still runs. */
    public void restart() {
        close();
        start();
    }

    public long pid() {
        return started().pid();
    }

    private RunningRedis started() {
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
