package io.sluice.routing.config;

import io.sluice.routing.config.ZooKeeperAccess.Login;
import io.sluice.routing.config.ZooKeeperAccess.Tls;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the section {@code zookeeper}, which proxies and managers have in common. */
public final class ZooKeeperSection {

    /** More servers than that are no ensemble. */
    static final int MAX_SERVERS = 32;

    private static final String SERVERS = "host:port of ZooKeeper's servers with commas between them,"
            + " such as zk1:2181,zk2:2181, perhaps with a path behind the last";
    private static final ScalarType<String> CONNECT =
            ScalarType.of("ZooKeeper's servers", SERVERS, ZooKeeperSection::connect);
    private static final ScalarType<Duration> SESSION =
            ScalarType.duration(Duration.ofSeconds(1), Duration.ofMinutes(2));
    private static final ScalarType<Duration> WAIT = ScalarType.duration(Duration.ofMillis(100), Duration.ofMinutes(1));
    private static final ScalarType<String> USER =
            ScalarType.of("a user", "a name without a colon", ZooKeeperSection::user);

    private ZooKeeperSection() {}

    /**
     * Reads it; harmless where mistakes were found, which the section remembers. A plane may have keys of its own in
     * it, so the caller rejects unknown ones.
     */
    public static ZooKeeperAccess read(YamlSection section) {
        section.required("connect", SERVERS);
        ZooKeeperAccess access = new ZooKeeperAccess(
                section.value("connect", "nowhere:1", CONNECT),
                section.value("session_timeout", ZooKeeperAccess.SESSION_TIMEOUT, SESSION),
                section.value("connect_timeout", ZooKeeperAccess.CONNECT_TIMEOUT, WAIT),
                login(section),
                section.section("tls", "the keys 'ca', 'certificate', 'verify'")
                        .map(ZooKeeperSection::tls)
                        .orElse(null));
        if (access.login() != null && access.tls() == null) {
            section.warning("auth", "the password goes over the network as it is; expected the section 'tls' as well");
        }
        return access;
    }

    /** The section {@code auth} of {@code section}; null if there is none. */
    public static @Nullable Login login(YamlSection section) {
        return section.section("auth", "the keys 'user' and 'password' or 'password_file'")
                .map(ZooKeeperSection::readLogin)
                .orElse(null);
    }

    private static Login readLogin(YamlSection auth) {
        auth.required("user", "the name of a user");
        String user = auth.value("user", "", USER);
        Optional<String> password = auth.optional("password", ScalarType.TEXT);
        Optional<YamlScalar> file = auth.scalar("password_file", "the name of a file");
        if (auth.has("password") == auth.has("password_file")) {
            auth.mistake(
                    auth.has("password")
                            ? "password and password_file; expected one of the two"
                            : "no password; expected password or password_file");
        }
        String known = password.or(() -> file.flatMap(PasswordFile::read)).orElse("");
        auth.rejectUnknownKeys();
        return new Login(user, known);
    }

    private static Tls tls(YamlSection tls) {
        Tls read = new Tls(file(tls, "ca"), file(tls, "certificate"), tls.value("verify", true, ScalarType.BOOLEAN));
        tls.rejectUnknownKeys();
        return read;
    }

    private static @Nullable Path file(YamlSection tls, String key) {
        return tls.scalar(key, "the path of a file in PEM form")
                .flatMap(ZooKeeperSection::existing)
                .orElse(null);
    }

    private static Optional<Path> existing(YamlScalar name) {
        try {
            Path file = Path.of(name.text());
            if (Files.isReadable(file) && Files.isRegularFile(file)) {
                return Optional.of(file.toAbsolutePath());
            }
            name.mistake("'" + name.text() + "': no such file, or it cannot be read");
        } catch (InvalidPathException e) {
            name.unlike("the path of a file", "one in PEM form");
        }
        return Optional.empty();
    }

    private static Optional<String> user(String text) {
        return text.isEmpty() || text.indexOf(':') >= 0 ? Optional.empty() : Optional.of(text);
    }

    private static Optional<String> connect(String text) {
        int slash = text.indexOf('/');
        String path = slash < 0 ? "" : text.substring(slash);
        String[] servers = (slash < 0 ? text : text.substring(0, slash)).split(",", -1);
        if (servers.length > MAX_SERVERS || path.endsWith("/") || path.contains("//")) {
            return Optional.empty();
        }
        for (String server : servers) {
            if (AddressText.tcp(server.strip()).isEmpty()) {
                return Optional.empty();
            }
        }
        return Optional.of(text.replace(" ", ""));
    }
}
