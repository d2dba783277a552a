package io.sluice.proxy.config;

import io.netty.util.NetUtil;
import io.sluice.proxy.admission.AddressRange;
import io.sluice.proxy.admission.AdmissionRule;
import io.sluice.proxy.admission.HeaderRule;
import io.sluice.proxy.tls.ListenerTls;
import io.sluice.proxy.tls.ServerTls;
import io.sluice.routing.config.AddressText;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlScalar;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads those keys of a pool that say how connections begin and end. Sluice's own kind of file only. */
final class EdgeReader {

    private static final int MAX_COUNT = 1 << 24;
    private static final int MAX_RATE = 1_000_000;
    private static final int MAX_RANGES = 1_024;
    private static final String TLS_FORM = "host:port";
    private static final String RANGE_FORM = "an IP address, or a range such as 10.0.0.0/8";

    private static final ScalarType<Integer> COUNT = ScalarType.integer(0, MAX_COUNT);
    private static final ScalarType<HeaderRule.Mode> MODE =
            ScalarType.oneOf("a way to take PROXY headers", List.of(HeaderRule.Mode.values()));

    private final YamlSection pool;

    private EdgeReader(YamlSection pool) {
        this.pool = pool;
    }

    /** The edge, harmless in those parts where mistakes were found. */
    static Edge read(YamlSection pool, PoolDefinition definition, PoolProtocol protocol) {
        return new EdgeReader(pool).read(definition, protocol);
    }

    private Edge read(PoolDefinition definition, PoolProtocol protocol) {
        @Nullable ServerAddress tlsListen = tlsListen();
        @Nullable ListenerTls tls = tls();
        if (tlsListen != null && !pool.has("tls")) {
            pool.mistake("tls_listen", "found without a certificate; expected a section 'tls' in the pool as well");
        } else if (pool.has("tls") && !pool.has("tls_listen")) {
            pool.mistakenKey("tls", "found without an address; expected the key 'tls_listen' in the pool as well");
        }
        return new Edge(
                tlsListen,
                tls,
                serverTls(definition),
                admission(),
                headers(),
                idleTimeout("server_idle_timeout"),
                servers(protocol));
    }

    // ---- TLS

    private @Nullable ServerAddress tlsListen() {
        Optional<YamlScalar> where = pool.scalar("tls_listen", TLS_FORM);
        if (where.isEmpty()) {
            return null;
        }
        Optional<ServerAddress> address =
                AddressText.read(where.get().text().strip(), where.get(), "an address", TLS_FORM);
        if (address.isPresent() && address.get().isUnixSocket()) {
            where.get().unlike("an address for TLS", TLS_FORM);
        }
        return address.orElse(PoolReader.NOWHERE);
    }

    private @Nullable ListenerTls tls() {
        return pool.section("tls", "the keys 'certificate' and 'key'")
                .flatMap(TlsReader::listener)
                .orElse(null);
    }

    private @Nullable ServerTls serverTls(PoolDefinition definition) {
        Optional<YamlSection> section = pool.section("server_tls", "keys such as 'ca', or {} for all defaults");
        boolean hasUnixSocket = definition.servers().stream()
                .anyMatch(server -> server.address().isUnixSocket());
        if (section.isPresent() && hasUnixSocket) {
            pool.mistakenKey("server_tls", "TLS is not spoken over unix sockets; expected servers with host:port only");
        }
        return section.map(TlsReader::server).orElse(null);
    }

    // ---- limits

    private AdmissionRule admission() {
        int rate = pool.value("accept_rate", 0, ScalarType.integer(0, MAX_RATE));
        int burst = pool.value("accept_burst", rate, ScalarType.integer(0, MAX_COUNT));
        if (rate > 0 && burst == 0) {
            pool.mistake("accept_burst", "nobody could ever connect; expected at least 1");
        } else if (rate == 0 && pool.has("accept_burst")) {
            pool.warning("accept_burst", "has no effect without accept_rate");
        }
        return new AdmissionRule(
                pool.value("max_clients", 0, COUNT),
                pool.value("max_clients_per_address", 0, COUNT),
                rate,
                rate == 0 ? 0 : Math.max(1, burst),
                pool.value("max_in_flight", 0, COUNT),
                idleTimeout("client_idle_timeout"));
    }

    private @Nullable Duration idleTimeout(String key) {
        Duration timeout = pool.value(
                key, Duration.ZERO, ScalarType.orNone(ScalarType.duration(Duration.ofMillis(100), Duration.ofDays(1))));
        return timeout.isZero() ? null : timeout;
    }

    // ---- servers

    private ServerWatch servers(PoolProtocol protocol) {
        boolean checkRole = pool.value("check_role", false, ScalarType.BOOLEAN);
        if (checkRole && protocol == PoolProtocol.MEMCACHE) {
            pool.mistake(
                    "check_role",
                    "found in a memcached pool, whose servers have no roles; expected only with" + " protocol: redis");
        }
        Duration interval = pool.value(
                "resolve_interval",
                ServerWatch.RESOLVE_INTERVAL,
                ScalarType.orNone(ScalarType.duration(Duration.ofMillis(100), Duration.ofDays(1))));
        return new ServerWatch(checkRole, interval.isZero() ? null : interval);
    }

    // ---- PROXY headers

    private HeaderRule headers() {
        HeaderRule.Mode mode = pool.value("proxy_protocol", HeaderRule.Mode.OFF, MODE);
        Duration timeout = pool.value(
                "proxy_protocol_timeout",
                HeaderRule.DEFAULT_TIMEOUT,
                ScalarType.duration(Duration.ofMillis(10), Duration.ofMinutes(10)));
        boolean hasSources = pool.has("proxy_protocol_from");
        List<AddressRange> sources = ranges();
        if (mode != HeaderRule.Mode.OFF && !hasSources) {
            pool.mistake(
                    "proxy_protocol",
                    "nobody is trusted to say for whom a connection is; expected the key 'proxy_protocol_from' with the"
                            + " addresses of your load balancers");
        }
        return mode == HeaderRule.Mode.OFF && timeout.equals(HeaderRule.DEFAULT_TIMEOUT)
                ? HeaderRule.OFF
                : new HeaderRule(mode, sources, timeout);
    }

    private List<AddressRange> ranges() {
        List<YamlScalar> texts = pool.oneOrMore("proxy_protocol_from", "a list of addresses or ranges");
        if (texts.size() > MAX_RANGES) {
            pool.mistake("proxy_protocol_from", texts.size() + " ranges; expected at most " + MAX_RANGES);
            return List.of();
        }
        return texts.stream().map(EdgeReader::range).flatMap(Optional::stream).toList();
    }

    private static Optional<AddressRange> range(YamlScalar scalar) {
        String text = scalar.text().strip();
        int slash = text.indexOf('/');
        byte[] address = NetUtil.createByteArrayFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            scalar.unlike("an address", RANGE_FORM);
            return Optional.empty();
        }
        int all = address.length * 8;
        Optional<Integer> bits =
                slash < 0 ? Optional.of(all) : ScalarType.wholeNumber(text.substring(slash + 1), 0, all);
        if (bits.isEmpty()) {
            scalar.unlike("a range", RANGE_FORM + ", with 0 to " + all + " bits");
        }
        return bits.map(count -> new AddressRange(address(address), count));
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("An address of " + bytes.length + " bytes", e);
        }
    }
}
