package io.sluice.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real memcached on loopback: the one named by {@code -Dmemcached.server} or {@code MEMCACHED_SERVER}, else
 * the one on the PATH. Without either the test is skipped, or fails under {@code -Dsluice.it.require=memcached}.
 *
 * <p>The port is known from the beginning, so other fixtures can be built on it before this one is started.
 */
public final class MemcachedServer implements ServerFixture {

    private static final Logger log = LoggerFactory.getLogger(MemcachedServer.class);

    private static final int OWN_PORT = 11211;

    private final String host;
    private final int port;
    private List<String> more = List.of();
    private int threads = 1;
    private @Nullable ServerProcess running;

    private MemcachedServer(String host, int port) {
        this.host = host;
        this.port = port;
    }

    public static MemcachedServer onFreePort() {
        return new MemcachedServer("127.0.0.1", FreePorts.next());
    }

    /** On memcached's own port, and a loopback address that nobody else is likely to use. */
    public static MemcachedServer onItsOwnPort() {
        Random random = new Random();
        return new MemcachedServer(
                "127." + random.nextInt(1, 255) + "." + random.nextInt(256) + "." + random.nextInt(1, 255), OWN_PORT);
    }

    /** Speaks TLS as well, on a port of its own; clear text stays on {@link #port}. */
    public MemcachedServer withTls(int tlsPort, Path certificate, Path key) {
        more = List.of(
                "-Z",
                "-o",
                "ssl_chain_cert=" + certificate + ",ssl_key=" + key,
                "-l",
                "notls:" + address() + "," + host + ":" + tlsPort);
        return this;
    }

    /** As many threads serve connections; 1 if this is not called. */
    public MemcachedServer withThreads(int count) {
        threads = count;
        return this;
    }

    public int port() {
        return port;
    }

    public String address() {
        return host + ":" + port;
    }

    @Override
    public void start() {
        if (running != null) {
            throw new IllegalStateException("Already started: " + address());
        }
        Path program = program();
        log.info("Starting memcached: path={} address={}", program, address());
        List<String> command =
                new ArrayList<>(List.of(program.toString(), "-U", "0", "-m", "64", "-t", String.valueOf(threads)));
        command.addAll(List.of("-u", System.getProperty("user.name"), "-p", String.valueOf(port)));
        command.addAll(more.isEmpty() ? List.of("-l", host) : more);
        running = ServerProcess.start(ServerProcess.newFolder("memcached"), command.toArray(String[]::new));
        running.awaitReady(this::answers);
    }

    private static Path program() {
        Optional<Path> named = Optional.ofNullable(System.getProperty("memcached.server"))
                .or(() -> Optional.ofNullable(System.getenv("MEMCACHED_SERVER")))
                .map(Path::of);
        if (named.isPresent() && !Files.isExecutable(named.get())) {
            throw new IllegalStateException("memcached.server or MEMCACHED_SERVER names no program: " + named.get());
        }
        return named.orElseGet(() -> Binaries.onPathOrSkip("memcached", "memcached"));
    }

    private boolean answers() {
        try (TextClient client = connect()) {
            return client.ask("version").startsWith("VERSION ");
        } catch (IOException notYet) {
            return false;
        }
    }

    public TextClient connect() throws IOException {
        return new TextClient(host, port);
    }

    /** How many keys it holds. */
    public long items() throws IOException {
        try (TextClient client = connect()) {
            client.send("stats\r\n");
            String line = client.reply();
            while (!line.startsWith("STAT curr_items ")) {
                line = client.reply();
            }
            return Long.parseLong(line.strip().substring("STAT curr_items ".length()));
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

    /** SIGKILL: connections are reset and the port refuses, until {@link #restart}. */
    public void kill() {
        started().kill();
    }

    /** Starts an empty server on the same port, ending the present one if it still runs. */
    public void restart() {
        close();
        start();
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
