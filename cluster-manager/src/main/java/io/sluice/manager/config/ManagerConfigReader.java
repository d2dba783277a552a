package io.sluice.manager.config;

import io.sluice.manager.failover.FailoverConfig;
import io.sluice.routing.config.AddressText;
import io.sluice.routing.config.PasswordFile;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlScalar;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.config.ZooKeeperAccess;
import io.sluice.routing.config.ZooKeeperSection;
import io.sluice.routing.topology.ServerAddress;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads {@code manager.yaml}; harmless values where something is wrong, which the sections remember. */
final class ManagerConfigReader {

    private static final int MAX_NAME_CHARACTERS = 64;
    private static final String AUTO = "auto";

    private static final ScalarType<String> NAME = ScalarType.of(
            "a name",
            "at most " + MAX_NAME_CHARACTERS + " letters, digits, dots, hyphens and underscores",
            ManagerConfigReader::name);
    private static final ScalarType<ServerAddress> ADDRESS =
            ScalarType.of("an address", "host:port such as 127.0.0.1:9700", AddressText::tcp);
    private static final ScalarType<String> URL =
            ScalarType.of("a URL", "auto, or http://host:port", ManagerConfigReader::url);
    private static final ScalarType<Path> FOLDER =
            ScalarType.of("a folder", "auto, or the path of a folder", ManagerConfigReader::folder);

    private final YamlSection file;

    ManagerConfigReader(YamlSection file) {
        this.file = file;
    }

    ManagerConfig read() {
        ServerAddress listen = file.value("listen", ManagerConfig.LISTEN, ADDRESS);
        ApiToken token = token(listen);
        EmbeddedAccess embedded = file.section("embedded_zookeeper", "the keys 'listen' and 'auth'")
                .map(this::embedded)
                .orElse(EmbeddedAccess.DEFAULT);
        ZooKeeperAccess zooKeeper = file.section("zookeeper", "the keys 'connect', 'auth', 'tls' and others")
                .map(ManagerConfigReader::zooKeeper)
                .orElse(null);
        warnOfUnused(zooKeeper);
        return new ManagerConfig(
                file.value("cluster", ManagerConfig.CLUSTER, NAME),
                autoOr("id", NAME).orElse(""),
                listen,
                autoOr("url", URL).orElse(""),
                token,
                autoOr("data_dir", FOLDER).orElse(null),
                embedded,
                zooKeeper,
                FailoverConfig.read(file),
                List.of());
    }

    private <T> Optional<T> autoOr(String key, ScalarType<T> type) {
        return file.scalar(key, AUTO).filter(text -> !text.text().equals(AUTO)).flatMap(type::read);
    }

    private @Nullable ApiToken token(ServerAddress listen) {
        Optional<String> token = file.optional("token", ScalarType.TEXT);
        Optional<YamlScalar> name = file.scalar("token_file", "the name of a file");
        if (file.has("token") && file.has("token_file")) {
            file.mistake("token", "stands beside token_file; expected one of the two");
        }
        Optional<String> known = token.or(() -> name.flatMap(PasswordFile::read));
        if (known.isPresent() && known.get().length() < ApiToken.MIN_CHARACTERS) {
            file.mistake(
                    token.isPresent() ? "token" : "token_file",
                    "a token of less than " + ApiToken.MIN_CHARACTERS
                            + " characters; expected one that nobody guesses");
        }
        if (!file.has("token") && !file.has("token_file") && !isLoopback(listen.hostOrPath())) {
            file.mistake(
                    "listen",
                    "the API would be open to everybody who reaches " + listen
                            + "; expected the key 'token' or 'token_file' as well, or an address of this machine alone");
        }
        boolean guardsReads = file.value("reads_need_token", true, ScalarType.BOOLEAN);
        return known.map(text -> ApiToken.of(text).guardingReads(guardsReads)).orElse(null);
    }

    private EmbeddedAccess embedded(YamlSection section) {
        ServerAddress fallback = ServerAddress.tcp(EmbeddedAccess.DEFAULT.host(), EmbeddedAccess.DEFAULT.port());
        ServerAddress listen = section.value("listen", fallback, ADDRESS);
        ZooKeeperAccess.Login login = ZooKeeperSection.login(section);
        if (login == null && !isLoopback(listen.hostOrPath())) {
            section.warning(
                    "listen",
                    "whoever reaches " + listen + " can change the cluster; expected the section 'auth' as well");
        }
        section.rejectUnknownKeys();
        return new EmbeddedAccess(listen.hostOrPath(), listen.port(), login);
    }

    private static ZooKeeperAccess zooKeeper(YamlSection section) {
        ZooKeeperAccess access = ZooKeeperSection.read(section);
        section.rejectUnknownKeys();
        return access;
    }

    private void warnOfUnused(@Nullable ZooKeeperAccess zooKeeper) {
        for (String key : List.of("embedded_zookeeper", "data_dir")) {
            if (zooKeeper != null && file.has(key)) {
                file.warning(key, "has no effect beside the section 'zookeeper'");
            }
        }
    }

    private static boolean isLoopback(String host) {
        return host.startsWith("127.") || host.equals("::1") || host.equals("localhost");
    }

    private static Optional<String> name(String text) {
        return !text.isEmpty()
                        && text.length() <= MAX_NAME_CHARACTERS
                        && !text.startsWith(".")
                        && text.matches("[A-Za-z0-9._-]+")
                ? Optional.of(text)
                : Optional.empty();
    }

    private static Optional<String> url(String text) {
        try {
            URI uri = URI.create(text);
            boolean isUsable = ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && !text.endsWith("/");
            return isUsable ? Optional.of(text) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<Path> folder(String text) {
        try {
            return text.isBlank() ? Optional.empty() : Optional.of(Path.of(text));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
