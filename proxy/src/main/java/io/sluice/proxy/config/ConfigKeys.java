package io.sluice.proxy.config;

import io.sluice.proxy.config.ProxyConfig.Listener;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.routing.config.PoolDefinition;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
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

    private static final Map<String, String> OTHER_NAMES = Map.of(
            "policy", "ejection",
            "failure_limit", "server_failure_limit",
            "retry_timeout", "server_retry_timeout",
            "max_time", "max_ejection_time",
            "spare_time_to_live", "spare_ttl",
            "percent", "retry_percent",
            "reads", "retry_reads",
            "rules", "users",
            "server", "server_login",
            "tcp_keepalive", "tcpkeepalive");

    /** Records of a pool whose keys stand among the pool's own. */
    private static final Set<Class<?>> FLAT = Set.of(Ejection.class, ProxyConfig.Retries.class, PoolAccess.class);

    private ConfigKeys() {}

    /** Of the whole file, but for the pools. */
    static Map<String, Value> ofFile(ProxyConfig config) {
        Map<String, Value> keys = new LinkedHashMap<>();
        for (RecordComponent part : ProxyConfig.class.getRecordComponents()) {
            String name = part.getName();
            if (!name.equals("pools") && !name.equals("warnings")) {
                boolean isOnTop = name.equals("monitoring") || name.equals("lifecycle");
                add(keys, isOnTop ? "" : nameOf(part), valueOf(part, config));
            }
        }
        return keys;
    }

    /** Of one pool, but for what says where its keys belong. */
    static Map<String, Value> ofPool(Pool pool) {
        Map<String, Value> keys = new LinkedHashMap<>();
        for (RecordComponent part : Pool.class.getRecordComponents()) {
            Object value = valueOf(part, pool);
            if (!(value instanceof PoolDefinition)) {
                add(keys, value != null && FLAT.contains(value.getClass()) ? "" : nameOf(part), value);
            }
        }
        return keys;
    }

    private static void add(Map<String, Value> keys, String name, @Nullable Object value) {
        boolean isGroup = value instanceof Record && text(value).isEmpty();
        if (!isGroup || value == null) {
            keys.put(name, new Value(text(value).orElse("(not shown)"), value));
            return;
        }
        for (RecordComponent part : value.getClass().getRecordComponents()) {
            add(keys, name.isEmpty() ? nameOf(part) : name + "." + nameOf(part), valueOf(part, value));
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
        if (value instanceof Listener listener) {
            String mode = listener.unixMode() < 0 ? "" : String.format(" %04o", listener.unixMode());
            return Optional.of(listener.address() + mode);
        }
        return Optional.empty();
    }
}
