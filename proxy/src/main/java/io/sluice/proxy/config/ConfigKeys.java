package io.sluice.proxy.config;

import io.sluice.proxy.admission.AdmissionRule;
import io.sluice.proxy.admission.HeaderRule;
import io.sluice.proxy.config.ProxyConfig.Listener;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.tls.ListenerTls;
import io.sluice.proxy.tls.ServerTls;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.config.ZooKeeperAccess;
import io.sluice.routing.topology.ServerAddress;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A configuration as keys with their values, so that two can be compared key by key. Found out from the records
 * themselves: a key that is new is compared from its first day on.
 */
final class ConfigKeys {

    /** One value, as people see it and as it is compared. */
    record Value(String text, @Nullable Object compared) {}

    private static final Map<String, String> OTHER_NAMES = Map.ofEntries(
            Map.entry("policy", "ejection"),
            Map.entry("failure_limit", "server_failure_limit"),
            Map.entry("retry_timeout", "server_retry_timeout"),
            Map.entry("max_time", "max_ejection_time"),
            Map.entry("spare_time_to_live", "spare_ttl"),
            Map.entry("percent", "retry_percent"),
            Map.entry("reads", "retry_reads"),
            Map.entry("idle_timeout", "client_idle_timeout"),
            Map.entry("headers", "proxy_protocol"),
            Map.entry("tcp_keepalive", "tcpkeepalive"),
            Map.entry("login", "auth"));

    /** Records whose keys stand among those of what they are part of. */
    private static final Set<Class<?>> FLAT = Set.of(
            Monitoring.class,
            Lifecycle.class,
            Ejection.class,
            ProxyConfig.Retries.class,
            Edge.class,
            ServerWatch.class,
            AdmissionRule.class,
            ZooKeeperAccess.class);

    /** Records that are one key. */
    private static final Set<Class<?>> WHOLE = Set.of(
            ListenerTls.class,
            ServerTls.class,
            HeaderRule.class,
            ZooKeeperAccess.Login.class,
            ZooKeeperAccess.Tls.class);

    private ConfigKeys() {}

    /** Of the whole file, but for the pools. */
    static Map<String, Value> ofFile(ProxyConfig config) {
        Map<String, Value> keys = new LinkedHashMap<>();
        for (RecordComponent part : ProxyConfig.class.getRecordComponents()) {
            String name = part.getName();
            if (!name.equals("pools") && !name.equals("warnings")) {
                add(keys, "", nameOf(part), valueOf(part, config));
            }
        }
        return keys;
    }

    /** Of one pool, but for what says where its keys belong. */
    static Map<String, Value> ofPool(Pool pool) {
        Map<String, Value> keys = new LinkedHashMap<>();
        for (RecordComponent part : Pool.class.getRecordComponents()) {
            Object value = valueOf(part, pool);
            if (value instanceof PoolAccess access) {
                addAccess(keys, access, pool);
            } else if (!(value instanceof PoolDefinition)) {
                add(keys, "", nameOf(part), value);
            }
        }
        return keys;
    }

    /** What only follows from {@code redis_auth} is not told twice. */
    private static void addAccess(Map<String, Value> keys, PoolAccess access, Pool pool) {
        PoolAccess byPassword = PoolAccess.by(pool.redisAuth());
        if (!access.rules().equals(byPassword.rules())) {
            keys.put("users", new Value("(not shown)", access.rules()));
        }
        if (!Objects.equals(access.server(), byPassword.server())) {
            keys.put("server_user and server_password", new Value("(not shown)", access.server()));
        }
    }

    /** @param group the name of what it is part of, with a dot behind it, or empty */
    private static void add(Map<String, Value> keys, String group, String name, @Nullable Object value) {
        if (!(value instanceof Record)
                || WHOLE.contains(value.getClass())
                || text(value).isPresent()) {
            keys.put(group + name, new Value(text(value).orElse("(not shown)"), value));
            return;
        }
        String inner = FLAT.contains(value.getClass()) ? group : group + name + ".";
        for (RecordComponent part : value.getClass().getRecordComponents()) {
            add(keys, inner, nameOf(part), valueOf(part, value));
        }
    }

    /** {@code serverMaxInFlight} is {@code server_max_in_flight}. */
    private static String nameOf(RecordComponent part) {
        String name = part.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
        return OTHER_NAMES.getOrDefault(name, name);
    }

    private static @Nullable Object valueOf(RecordComponent part, Object of) {
        try {
            part.getAccessor().setAccessible(true);
            return part.getAccessor().invoke(of);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("cannot read " + part, e);
        }
    }

    /** Empty for what is not known to be no secret. */
    private static Optional<String> text(@Nullable Object value) {
        if (value == null) {
            return Optional.of("none");
        }
        if (value instanceof Number || value instanceof Boolean) {
            return Optional.of(value.toString());
        }
        if (value instanceof Enum<?> word) {
            return Optional.of(word.name().toLowerCase(Locale.ROOT));
        }
        if (value instanceof Duration duration) {
            return Optional.of(duration.toMillis() + "ms");
        }
        if (value instanceof Monitoring.Endpoint endpoint) {
            return Optional.of(endpoint.toString());
        }
        if (value instanceof ServerAddress address) {
            return Optional.of(address.toString());
        }
        if (value instanceof Listener listener) {
            String mode = listener.unixMode() < 0 ? "" : String.format(" %04o", listener.unixMode());
            return Optional.of(listener.address() + mode);
        }
        return Optional.empty();
    }
}
