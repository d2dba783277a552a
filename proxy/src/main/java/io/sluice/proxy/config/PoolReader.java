package io.sluice.proxy.config;

import io.sluice.proxy.config.ProxyConfig.Listener;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.config.ProxyConfig.Retries;
import io.sluice.routing.config.Dialect;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.config.PoolDefinitionReader;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads one pool of a proxy's file. The keys and defaults are twemproxy's, plus a few in Sluice's own file. */
final class PoolReader {
    /** Stands for an address that could not be read. */
    static final ServerAddress NOWHERE = ServerAddress.tcp("", 0);

    static final int MAX_SERVER_CONNECTIONS = 65_535;
    static final int DEFAULT_BACKLOG = 512;
    static final int DEFAULT_RETRY_PERCENT = 10;
    static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);
    static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(1);
    static final Duration DEFAULT_RECONNECT_MIN = Duration.ofMillis(50);
    static final Duration DEFAULT_RECONNECT_MAX = Duration.ofSeconds(1);
    private static final int HARD_TIMEOUT_FACTOR = 10;
    private static final Duration LEAST_HARD_TIMEOUT = Duration.ofSeconds(10);

    /** twemproxy counts milliseconds in an int. */
    private static final Duration MAX_MILLIS = Duration.ofMillis(Integer.MAX_VALUE);

    private static final Duration MAX_DURATION = Duration.ofDays(1);
    private static final Duration ONE_MILLI = Duration.ofMillis(1);

    private static final ScalarType<Integer> NATURAL = ScalarType.integer(0, Integer.MAX_VALUE);
    private static final ScalarType<Duration> POSITIVE_DURATION = ScalarType.duration(ONE_MILLI, MAX_DURATION);
    private static final ScalarType<String> PROTOCOL =
            ScalarType.oneOf("a protocol", List.of("redis", "memcache", "memcached"), word -> word);

    private static final ScalarType<PoolSource> SOURCE =
            ScalarType.oneOf("a place of servers", List.of(PoolSource.values()));

    /** What the topology says of a pool that has its servers from there. */
    private static final List<String> KEYS_OF_TOPOLOGY =
            List.of("servers", "distribution", "hash", "hash_tag", "slots", "slot_ranges");

    private final YamlSection pool;
    private final Dialect dialect;

    private PoolReader(YamlSection pool, Dialect dialect) {
        this.pool = pool;
        this.dialect = dialect;
    }

    /** The pool, harmless in those parts where mistakes were found. */
    static Pool read(String name, YamlSection pool, Dialect dialect) {
        return new PoolReader(pool, dialect).read(name);
    }

    private Pool read(String name) {
        PoolSource source = source();
        PoolDefinition definition =
                source == PoolSource.FILE ? PoolDefinitionReader.read(name, pool, dialect) : withoutServers(name);
        PoolProtocol protocol = protocol();
        @Nullable Duration timeout = noneIfZero(pool.value("timeout", defaultTimeout(), ScalarType.orNone(duration(ONE_MILLI))));
        readKeysWithoutEffect();
        @Nullable String redisAuth = redisAuth(protocol);
        Edge edge = dialect == Dialect.SLUICE ? EdgeReader.read(pool, definition, protocol) : Edge.OPEN;
        Pool read = new Pool(
                definition,
                listener(edge),
                protocol,
                pool.value("backlog", DEFAULT_BACKLOG, NATURAL),
                timeout,
                hardTimeout(timeout),
                ownDuration("connect_timeout", DEFAULT_CONNECT_TIMEOUT),
                ownDuration("reconnect_min", DEFAULT_RECONNECT_MIN),
                ownDuration("reconnect_max", DEFAULT_RECONNECT_MAX),
                redisAuth,
                redisDb(definition, protocol),
                pool.value("tcpkeepalive", false, ScalarType.BOOLEAN),
                pool.value("preconnect", false, ScalarType.BOOLEAN),
                pool.value("server_connections", 1, ScalarType.integer(1, MAX_SERVER_CONNECTIONS)),
                EjectionReader.read(pool, dialect, definition.distribution()),
                retries(),
                dialect == Dialect.SLUICE ? AccessReader.read(pool, protocol, redisAuth) : PoolAccess.by(redisAuth),
                edge,
                source);
        checkReconnect(read);
        pool.rejectUnknownKeys();
        return read;
    }

    private PoolSource source() {
        PoolSource source =
                dialect == Dialect.SLUICE ? pool.value("topology", PoolSource.FILE, SOURCE) : PoolSource.FILE;
        if (source == PoolSource.ZOOKEEPER) {
            KEYS_OF_TOPOLOGY.forEach(key -> pool.reject(
                    key, "stands beside topology: zookeeper, where the same is written; expected one of the two"));
        }
        return source;
    }

    /** The pool until its topology is known: no key has an owner. */
    private static PoolDefinition withoutServers(String name) {
        return new PoolDefinition(name, HashAlgorithm.FNV1A_64, null, DistributionKind.KETAMA, List.of(), List.of());
    }

    /** A pool may have clients with TLS only. */
    private Listener listener(Edge edge) {
        if (edge.tlsListen() != null && !pool.has("listen")) {
            return new Listener(edge.tlsListen(), ListenText.NO_MODE);
        }
        return ListenText.read(pool).orElse(new Listener(NOWHERE, ListenText.NO_MODE));
    }

    /**
     * {@code redis: true} and, in Sluice's own file, {@code protocol: redis} say the same. A pool of twemproxy that says
     * nothing is memcached's; one of Sluice's own is Redis'.
     */
    private PoolProtocol protocol() {
        Optional<PoolProtocol> redis = pool.optional("redis", ScalarType.BOOLEAN)
                .map(isRedis -> isRedis ? PoolProtocol.REDIS : PoolProtocol.MEMCACHE);
        Optional<PoolProtocol> named = dialect == Dialect.SLUICE
                ? pool.optional("protocol", PROTOCOL)
                        .map(word -> word.equals("redis") ? PoolProtocol.REDIS : PoolProtocol.MEMCACHE)
                : Optional.empty();
        if (redis.isPresent() && named.isPresent() && !redis.equals(named)) {
            pool.mistake("protocol", "contradicts the key 'redis'; expected one of the two");
        }
        boolean isSaid = pool.has("redis") || named.isPresent();
        PoolProtocol otherwise = dialect == Dialect.SLUICE || isSaid ? PoolProtocol.REDIS : PoolProtocol.MEMCACHE;
        return named.or(() -> redis).orElse(otherwise);
    }

    private @Nullable String redisAuth(PoolProtocol protocol) {
        Optional<String> password = pool.optional("redis_auth", ScalarType.TEXT);
        if (password.isPresent() && protocol == PoolProtocol.MEMCACHE) {
            pool.mistake(
                    "redis_auth",
                    "found in a memcached pool; expected only with "
                            + (dialect == Dialect.TWEMPROXY ? "redis: true" : "protocol: redis"));
        }
        return password.orElse(null);
    }

    /**
     * In twemproxy's file, what twemproxy really does: it never sends SELECT over a unix socket (its connect succeeds at
     * once, and nc_server.c then skips the post-connect step), so the keys of such a server are in database 0.
     */
    private int redisDb(PoolDefinition definition, PoolProtocol protocol) {
        int database = pool.value("redis_db", 0, NATURAL);
        if (protocol == PoolProtocol.MEMCACHE) {
            refuseDatabase();
            return 0;
        }
        long unixSockets = definition.servers().stream()
                .filter(server -> server.address().isUnixSocket())
                .count();
        if (dialect == Dialect.SLUICE || database == 0 || unixSockets == 0) {
            return database;
        }
        if (unixSockets == definition.servers().size()) {
            pool.warning(
                    "redis_db",
                    "has no effect on servers behind unix sockets in twemproxy, so their database 0 is used here as well;"
                            + " a pool in Sluice's own file would use database " + database);
        } else {
            pool.mistake(
                    "redis_db",
                    "twemproxy uses database " + database + " of the TCP servers and database 0 of those behind unix"
                            + " sockets, which cannot be taken over; expected servers of one kind, or Sluice's own file");
        }
        return 0;
    }

    /** nutcracker accepts the key there and does not look at it. */
    private void refuseDatabase() {
        if (!pool.has("redis_db")) {
            return;
        }
        switch (dialect) {
            case TWEMPROXY ->
                pool.warning("redis_db", "has no effect on a memcached pool, neither here nor in twemproxy");
            case SLUICE -> pool.mistake("redis_db", "found in a memcached pool; expected only with protocol: redis");
        }
    }

    private Retries retries() {
        return switch (dialect) {
            case TWEMPROXY -> Retries.NONE;
            case SLUICE ->
                new Retries(
                        pool.value("retry_percent", DEFAULT_RETRY_PERCENT, ScalarType.integer(0, 100)),
                        pool.value("retry_reads", false, ScalarType.BOOLEAN));
        };
    }

    private void readKeysWithoutEffect() {
        pool.optional("reuseport", ScalarType.BOOLEAN); // every worker listens with SO_REUSEPORT anyway
        if (pool.optional("client_connections", NATURAL).isPresent()) {
            pool.warning("client_connections", "has no effect, neither here nor in twemproxy; see limits.max_clients");
        }
    }

    private Duration defaultTimeout() {
        return switch (dialect) {
            case TWEMPROXY -> Duration.ZERO;
            case SLUICE -> DEFAULT_TIMEOUT;
        };
    }

    private ScalarType<Duration> duration(Duration min) {
        return switch (dialect) {
            case TWEMPROXY -> ScalarType.millis(min, MAX_MILLIS);
            case SLUICE -> ScalarType.duration(min, MAX_DURATION);
        };
    }

    private Duration ownDuration(String key, Duration fallback) {
        return dialect == Dialect.SLUICE ? pool.value(key, fallback, POSITIVE_DURATION) : fallback;
    }

    private @Nullable Duration hardTimeout(@Nullable Duration timeout) {
        Duration fallback =
                timeout == null ? Duration.ZERO : longer(timeout.multipliedBy(HARD_TIMEOUT_FACTOR), LEAST_HARD_TIMEOUT);
        if (dialect == Dialect.TWEMPROXY) {
            return noneIfZero(fallback);
        }
        @Nullable Duration hard = noneIfZero(pool.value("hard_timeout", fallback, ScalarType.orNone(POSITIVE_DURATION)));
        if (hard != null && timeout != null && hard.compareTo(timeout) < 0) {
            pool.mistake("hard_timeout", "shorter than timeout; expected at least " + timeout.toMillis() + "ms");
        }
        return hard;
    }

    private void checkReconnect(Pool read) {
        if (read.reconnectMin().compareTo(read.reconnectMax()) > 0) {
            String place = pool.has("reconnect_min") ? "reconnect_min" : "reconnect_max";
            pool.mistake(
                    place,
                    "reconnect_min is longer than reconnect_max; expected at most "
                            + read.reconnectMax().toMillis() + "ms");
        }
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    private static @Nullable Duration noneIfZero(Duration duration) {
        return duration.isZero() ? null : duration;
    }
}
