package io.sluice.proxy;

import io.sluice.proxy.admin.ConfigStatus.Reload;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A proxy that is given one configuration after the other; and their YAML. */
final class ReloadedProxy implements AutoCloseable {

    private final Path folder;
    private @Nullable Proxy running;
    private @Nullable Reloader reloader;

    /** @param folder for its files */
    ReloadedProxy(Path folder) {
        this.folder = folder;
    }

    /** With a configuration of which no file is left. */
    void start(String yaml) {
        running = start(config(yaml));
    }

    /** With this file, which nobody looks at afterwards. */
    void start(Path file) {
        running = start(ProxyConfig.read(file));
    }

    private static Proxy start(ProxyConfig config) {
        try {
            return Proxy.start(config);
        } catch (ProxyStartException e) {
            throw new AssertionError(e);
        }
    }

    /** The file is read again when it has changed, and has stood still for this time. */
    void follow(Path file, Duration stands) {
        reloader = Reloader.start(running(), file, UnaryOperator.identity(), stands);
    }

    /** The same with the usual time. */
    void follow(Path file) {
        reloader = Reloader.start(running(), file, UnaryOperator.identity());
    }

    Reload reload(String yaml) {
        return running().reload("test", () -> config(yaml));
    }

    private ProxyConfig config(String yaml) {
        Path file = folder.resolve("offered.yaml");
        try {
            Files.writeString(file, yaml.contains("admin:") ? yaml : "admin: none\n" + yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ProxyConfig.read(file);
    }

    Proxy running() {
        return Objects.requireNonNull(running);
    }

    @Override
    public void close() {
        if (reloader != null) {
            reloader.close();
        }
        if (running != null) {
            running.close();
        }
    }

    // ---- YAML

    static String at(String name, RedisServer server) {
        return "127.0.0.1:" + server.port() + ":1 " + name;
    }

    static String pool(String name, int port, String... servers) {
        return "workers: 2\npools:\n" + poolOnly(name, port, servers);
    }

    /** To be put behind another pool. */
    static String poolOnly(String name, int port, String... servers) {
        StringBuilder yaml = new StringBuilder("  " + name + ":\n    listen: 127.0.0.1:" + port + "\n    servers:\n");
        for (String server : servers) {
            yaml.append("      - ").append(server).append('\n');
        }
        return yaml.toString();
    }

    // ---- what servers see

    /** What the servers call the proxy's connections. */
    static Set<String> connections(RedisServer... servers) throws IOException {
        Set<String> ids = new TreeSet<>();
        for (RedisServer server : servers) {
            try (RespClient direct = new RespClient(server.port())) {
                String own = String.valueOf(direct.call("CLIENT", "ID"));
                for (String line :
                        String.valueOf(direct.call("CLIENT", "LIST")).lines().toList()) {
                    String id = line.replaceAll("^id=(\\d+) .*", "$1").strip();
                    if (!id.isEmpty() && !id.equals(own)) {
                        ids.add(server.port() + "/" + id);
                    }
                }
            }
        }
        return ids;
    }

    static @Nullable Object direct(RedisServer server, String... request) throws IOException {
        try (RespClient client = new RespClient(server.port())) {
            return client.call(request);
        }
    }
}
