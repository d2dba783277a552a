package io.sluice.proxy.config;

import io.sluice.proxy.config.ConfigKeys.Value;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.routing.KeyShift;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.topology.Server;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What another configuration changes: lines for people, and whether a running proxy can do it.
 *
 * @param changes what a running proxy can do, in the order of the file
 * @param needRestart what it cannot; if there is any, it does nothing of the rest either
 */
public record ConfigPlan(List<String> changes, List<String> needRestart) {

    private static final String FROM_THEN_ON = "for clients that connect from then on";
    private static final String ANEW = "connections to servers are made anew";

    private static final Set<String> LIVE_IN_FILE = Set.of(
            "shutdown_timeout",
            "drain_timeout",
            "reload_on_change",
            "limits.max_request_bytes",
            "limits.max_arguments",
            "limits.max_inline_bytes",
            "limits.client_max_in_flight",
            "limits.client_buffer_bytes",
            "limits.client_held_bytes",
            "limits.server_max_in_flight",
            "limits.server_queue_bytes",
            "limits.max_clients",
            "limits.client_buffer_max_bytes",
            "limits.server_stall_timeout",
            "limits.server_connects_per_second");

    private static final Set<String> LIVE_IN_POOL = Set.of(
            "listen",
            "topology",
            "timeout",
            "hard_timeout",
            "connect_timeout",
            "reconnect_min",
            "reconnect_max",
            "redis_auth",
            "redis_db",
            "preconnect",
            "server_connections",
            "ejection",
            "server_failure_limit",
            "server_retry_timeout",
            "max_ejection_time",
            "failure_percent",
            "failure_window",
            "probe_interval",
            "probes_to_return",
            "max_ejected_percent",
            "slow_start",
            "spare_pool",
            "spare_ttl",
            "retry_percent",
            "retry_reads",
            "users",
            "server_user and server_password",
            "tls_listen",
            "tls",
            "server_tls",
            "max_clients",
            "max_clients_per_address",
            "accept_rate",
            "accept_burst",
            "max_in_flight",
            "client_idle_timeout",
            "server_idle_timeout",
            "check_role",
            "resolve_interval",
            "proxy_protocol");

    /** What more there is to know of a change. */
    private static final Map<String, String> NOTES = Map.ofEntries(
            Map.entry("limits.max_request_bytes", FROM_THEN_ON),
            Map.entry("limits.max_arguments", FROM_THEN_ON),
            Map.entry("limits.max_inline_bytes", FROM_THEN_ON),
            Map.entry("limits.client_max_in_flight", FROM_THEN_ON),
            Map.entry("limits.client_buffer_bytes", FROM_THEN_ON),
            Map.entry("limits.client_held_bytes", FROM_THEN_ON),
            Map.entry("limits.client_buffer_max_bytes", FROM_THEN_ON),
            Map.entry("redis_auth", "connections to servers are made anew; clients stay"),
            Map.entry("topology", "its servers are those of the other place"),
            Map.entry("redis_db", ANEW),
            Map.entry("server_connections", ANEW),
            Map.entry("retry_reads", ANEW),
            Map.entry("server_user and server_password", ANEW),
            Map.entry("server_tls", ANEW),
            Map.entry("check_role", ANEW),
            Map.entry("users", "clients go on with the new rules; those whose user is gone are closed"),
            Map.entry("tls", FROM_THEN_ON),
            Map.entry("max_in_flight", FROM_THEN_ON),
            Map.entry("client_idle_timeout", FROM_THEN_ON),
            Map.entry("proxy_protocol", FROM_THEN_ON));

    public ConfigPlan {
        changes = List.copyOf(changes);
        needRestart = List.copyOf(needRestart);
    }

    /** What it takes to get from one to the other. */
    public static ConfigPlan between(ProxyConfig before, ProxyConfig after) {
        Lines lines = new Lines();
        lines.compare("", ConfigKeys.ofFile(before), ConfigKeys.ofFile(after), LIVE_IN_FILE);
        Map<String, Pool> old = byName(before);
        Map<String, Pool> now = byName(after);
        now.forEach((name, pool) -> {
            Pool former = old.get(name);
            if (former == null) {
                lines.changes.add(
                        "+ pool " + name + ": listens on " + pool.listen().address() + ", " + servers(pool));
            } else {
                lines.comparePool(former, pool, after.lifecycle());
            }
        });
        old.forEach((name, pool) -> {
            if (!now.containsKey(name)) {
                lines.changes.add("- pool " + name + ": its clients are closed once they have their replies");
            }
        });
        return new ConfigPlan(lines.changes, lines.needRestart);
    }

    private static String servers(Pool pool) {
        return pool.topology() == PoolSource.ZOOKEEPER
                ? "servers as ZooKeeper says"
                : pool.definition().servers().size() + " servers";
    }

    private static Map<String, Pool> byName(ProxyConfig config) {
        Map<String, Pool> pools = new LinkedHashMap<>();
        config.pools().forEach(pool -> pools.put(pool.name(), pool));
        return pools;
    }

    /** Whether nothing changes. */
    public boolean isEmpty() {
        return changes.isEmpty() && needRestart.isEmpty();
    }

    /** Whether a running proxy can do it. */
    public boolean isLive() {
        return needRestart.isEmpty();
    }

    /** For people; lines without a line break at the end. */
    public String text() {
        if (isEmpty()) {
            return "nothing changes";
        }
        List<String> lines = new ArrayList<>(changes);
        if (!needRestart.isEmpty()) {
            lines.add("needs a restart, so a running proxy changes nothing of all this:");
            needRestart.forEach(line -> lines.add("  " + line));
        }
        return String.join("\n", lines);
    }

    private static final class Lines {
        private static final Value NONE = new Value("none", null);

        private final List<String> changes = new ArrayList<>();
        private final List<String> needRestart = new ArrayList<>();

        void compare(String prefix, Map<String, Value> before, Map<String, Value> after, Set<String> live) {
            Set<String> keys = new LinkedHashSet<>(before.keySet());
            keys.addAll(after.keySet());
            for (String key : keys) {
                Value old = before.getOrDefault(key, NONE);
                Value now = after.getOrDefault(key, NONE);
                if (!Objects.equals(old.compared(), now.compared())) {
                    String note = NOTES.containsKey(key) ? " (" + NOTES.get(key) + ")" : "";
                    String line = "~ " + prefix + key + ": "
                            + (old.text().equals(now.text()) ? "changed" : old.text() + " -> " + now.text()) + note;
                    (live.contains(key) ? changes : needRestart).add(line);
                }
            }
        }

        void comparePool(Pool before, Pool after, Lifecycle lifecycle) {
            String prefix = "pool " + after.name() + ": ";
            compare(prefix, ConfigKeys.ofPool(before), ConfigKeys.ofPool(after), LIVE_IN_POOL);
            if (before.topology() == PoolSource.ZOOKEEPER || after.topology() == PoolSource.ZOOKEEPER) {
                return; // the file alone does not say which servers it has
            }
            compareServers(prefix, before.definition(), after.definition(), lifecycle);
            compareRule(prefix, before.definition(), after.definition());
        }

        private void compareServers(String prefix, PoolDefinition before, PoolDefinition after, Lifecycle lifecycle) {
            Map<String, Server> old = new LinkedHashMap<>();
            before.servers().forEach(server -> old.put(server.name(), server));
            for (Server server : after.servers()) {
                Server former = old.remove(server.name());
                if (former == null) {
                    changes.add("+ " + prefix + "server " + described(server));
                    continue;
                }
                if (!former.address().equals(server.address())) {
                    changes.add("~ " + prefix + "server " + server.name() + ": " + former.address() + " -> "
                            + server.address() + " (keeps its keys; new connections)");
                }
                if (former.weight() != server.weight()) {
                    changes.add("~ " + prefix + "server " + server.name() + ": weight " + former.weight() + " -> "
                            + server.weight());
                }
            }
            old.values()
                    .forEach(server -> changes.add("- " + prefix + "server " + described(server)
                            + " (answers what it has, for at most "
                            + lifecycle.drainTimeout().toMillis() + "ms)"));
        }

        private static String described(Server server) {
            return server.name() + " at " + server.address() + ", weight " + server.weight();
        }

        private void compareRule(String prefix, PoolDefinition before, PoolDefinition after) {
            if (before.hash() != after.hash()) {
                changes.add("~ " + prefix + "hash: " + before.hash().configName() + " -> "
                        + after.hash().configName());
            }
            if (before.distribution() != after.distribution()) {
                changes.add(
                        "~ " + prefix + "distribution: " + before.distribution().configName() + " -> "
                                + after.distribution().configName());
            }
            if (!Objects.equals(before.hashTag(), after.hashTag())) {
                changes.add("~ " + prefix + "hash_tag: " + before.hashTag() + " -> " + after.hashTag()
                        + " (keys with a tag move, which is not counted below)");
            }
            if (!before.equals(after)) {
                double share = KeyShift.between(before, after);
                changes.add(String.format(
                        Locale.ROOT,
                        "  %s%.1f %% of the key space goes to a server of another name",
                        prefix,
                        100 * share));
            }
        }
    }
}
