package io.sluice.proxy.config;

import io.sluice.proxy.access.PasswordHash;
import io.sluice.routing.config.AddressText;
import io.sluice.routing.config.Dialect;
import io.sluice.routing.config.PasswordFile;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlScalar;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.topology.ServerAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where people and collectors look inside.
 *
 * @param admin HTTP: metrics, health, topology, configuration
 * @param stats twemproxy's statistics: connect, read JSON
 * @param token what must be shown to change something over {@code admin}; null if nothing may be changed
 */
public record Monitoring(
        Endpoint admin, Endpoint stats, @Nullable PasswordHash token) {

    /** Nothing of it. */
    public static final Monitoring NONE = new Monitoring(Endpoint.NONE, Endpoint.NONE);

    static final int MIN_TOKEN_CHARACTERS = 16;

    /** Nothing may be changed. */
    public Monitoring(Endpoint admin, Endpoint stats) {
        this(admin, stats, null);
    }

    private static final ServerAddress ADMIN_ADDRESS = ServerAddress.tcp("127.0.0.1", 9600);

    /** twemproxy's own default; collectors may be anywhere. */
    private static final ServerAddress STATS_ADDRESS = ServerAddress.tcp("0.0.0.0", 22222);

    /** What becomes of an address when somebody else listens there. */
    public enum IfTaken {
        /** Somebody asked for this address, so the proxy must not start without it. */
        FAIL,
        /** It is a courtesy. */
        GO_WITHOUT,
        TAKE_ANOTHER_PORT
    }

    /**
     * One listening socket, or none.
     *
     * @param address null for none
     * @param ifTaken what becomes of it when somebody else listens there
     */
    public record Endpoint(@Nullable ServerAddress address, IfTaken ifTaken) {

        public static final Endpoint NONE = new Endpoint(null, IfTaken.GO_WITHOUT);

        public static Endpoint at(ServerAddress address) {
            return new Endpoint(address, IfTaken.FAIL);
        }

        /** Listens there if nobody else does. */
        static Endpoint ifFree(ServerAddress address) {
            return new Endpoint(address, IfTaken.GO_WITHOUT);
        }

        /** Listens there, or on any other port if that one is taken. */
        public static Endpoint preferably(ServerAddress address) {
            return new Endpoint(address, IfTaken.TAKE_ANOTHER_PORT);
        }

        @Override
        public String toString() {
            return address == null ? "none" : address.toString();
        }
    }

    /** What holds where nothing is said: for nutcracker.yml, which has no keys for it, what nutcracker does. */
    static Monitoring defaults(Dialect dialect) {
        return switch (dialect) {
            case TWEMPROXY -> new Monitoring(Endpoint.ifFree(ADMIN_ADDRESS), Endpoint.ifFree(STATS_ADDRESS));
            case SLUICE -> new Monitoring(Endpoint.ifFree(ADMIN_ADDRESS), Endpoint.NONE);
        };
    }

    /** Reads {@code admin} and {@code stats} of Sluice's own file. */
    static Monitoring read(YamlSection file) {
        Monitoring defaults = defaults(Dialect.SLUICE);
        return new Monitoring(
                file.value("admin", defaults.admin, type(ADMIN_ADDRESS)),
                file.value("stats", defaults.stats, type(STATS_ADDRESS)),
                token(file));
    }

    /** {@code admin_token}, or the content of {@code admin_token_file}. */
    private static @Nullable PasswordHash token(YamlSection file) {
        Optional<String> token = file.optional("admin_token", ScalarType.TEXT);
        Optional<YamlScalar> name = file.scalar("admin_token_file", "the name of a file");
        if (file.has("admin_token") && name.isPresent()) {
            file.mistake("admin_token", "stands beside admin_token_file; expected one of the two");
        }
        Optional<String> known = token.or(() -> name.flatMap(PasswordFile::read));
        if (known.isPresent() && known.get().length() < MIN_TOKEN_CHARACTERS) {
            file.mistake(
                    token.isPresent() ? "admin_token" : "admin_token_file",
                    "a token of less than " + MIN_TOKEN_CHARACTERS + " characters; expected one that nobody guesses");
        }
        return known.map(PasswordHash::of).orElse(null);
    }

    /** The same, with what must be shown to change something. */
    public Monitoring withToken(String newToken) {
        return new Monitoring(admin, stats, PasswordHash.of(newToken));
    }

    private static ScalarType<Endpoint> type(ServerAddress auto) {
        return ScalarType.of(
                "an address", "host:port, auto (" + auto + " if it is free), or none", text -> parse(text, auto));
    }

    /** What {@code --admin} says: {@code host:port}, {@code auto} or {@code none}; empty for anything else. */
    public static Optional<Endpoint> parseAdmin(String text) {
        return parse(text, ADMIN_ADDRESS);
    }

    private static Optional<Endpoint> parse(String text, ServerAddress auto) {
        return switch (text) {
            case "none" -> Optional.of(Endpoint.NONE);
            case "auto" -> Optional.of(Endpoint.ifFree(auto));
            default -> AddressText.tcp(text).map(Endpoint::at);
        };
    }

    public Monitoring withAdmin(Endpoint other) {
        return new Monitoring(other, stats, token);
    }

    public Monitoring withStats(Endpoint other) {
        return new Monitoring(admin, other, token);
    }

    /** The same statistics at another host or port; what is null stays, or is twemproxy's default. */
    public Monitoring withStatsAt(@Nullable String host, @Nullable Integer port) {
        ServerAddress before = stats.address() == null ? STATS_ADDRESS : stats.address();
        return withStats(Endpoint.at(
                ServerAddress.tcp(host == null ? before.hostOrPath() : host, port == null ? before.port() : port)));
    }
}
