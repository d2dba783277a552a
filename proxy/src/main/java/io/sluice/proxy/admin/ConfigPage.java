package io.sluice.proxy.admin;

import com.google.gson.stream.JsonWriter;
import io.sluice.proxy.access.ServerLogin;
import io.sluice.proxy.access.User;
import io.sluice.proxy.config.Ejection;
import io.sluice.proxy.config.Membership;
import io.sluice.proxy.config.PoolAccess;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.config.ZooKeeperAccess;
import io.sluice.routing.topology.Server;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code /config}: what the proxy runs with, defaults included, under the keys of Sluice's own file. No secrets. */
final class ConfigPage {

    private static final String HIDDEN = "(hidden)";

    private ConfigPage() {}

    static String json(ProxyConfig config) {
        return JsonText.object("  ", json -> write(json, config));
    }

    private static void write(JsonWriter json, ProxyConfig config) throws IOException {
        json.name("workers");
        if (config.workers() == 0) {
            json.value("auto");
        } else {
            json.value(config.workers());
        }
        json.name("transport").value(config.transport().name().toLowerCase(Locale.ROOT));
        json.name("shutdown_timeout").value(text(config.shutdownTimeout()));
        json.name("reload_on_change").value(config.lifecycle().reloadOnChange());
        json.name("drain_timeout").value(text(config.lifecycle().drainTimeout()));
        json.name("control").value(config.lifecycle().control());
        json.name("admin").value(config.monitoring().admin().toString());
        json.name("admin_token").value(config.monitoring().token() == null ? "none" : HIDDEN);
        json.name("stats").value(config.monitoring().stats().toString());
        writeLimits(json, config.limits());
        if (config.zookeeper() != null) {
            writeMembership(json, config.zookeeper());
        }
        json.name("pools").beginObject();
        for (Pool pool : config.pools()) {
            writePool(json, pool);
        }
        json.endObject();
    }

    private static void writeMembership(JsonWriter json, Membership membership) throws IOException {
        ZooKeeperAccess access = membership.access();
        json.name("zookeeper").beginObject();
        json.name("connect").value(access.connect());
        json.name("cluster").value(membership.cluster());
        json.name("proxy_id").value(membership.proxyId());
        json.name("session_timeout").value(text(access.sessionTimeout()));
        json.name("connect_timeout").value(text(access.connectTimeout()));
        json.name("auth").value(access.login() == null ? "none" : access.login().user() + " " + HIDDEN);
        json.name("tls").value(access.tls() != null);
        json.name("last_good").value(membership.lastGood().toString());
        json.name("heartbeat").value(text(membership.heartbeat()));
        json.name("steady_lease").value(text(membership.steadyLease()));
        json.endObject();
    }

    private static void writeLimits(JsonWriter json, Limits limits) throws IOException {
        json.name("limits").beginObject();
        json.name("max_request_bytes").value(limits.maxRequestBytes());
        json.name("max_arguments").value(limits.maxArguments());
        json.name("max_inline_bytes").value(limits.maxInlineBytes());
        json.name("client_max_in_flight").value(limits.clientMaxInFlight());
        json.name("client_buffer_bytes").value(limits.clientBufferBytes());
        json.name("client_held_bytes").value(limits.clientHeldBytes());
        json.name("server_max_in_flight").value(limits.serverMaxInFlight());
        json.name("server_queue_bytes").value(limits.serverQueueBytes());
        json.name("max_clients").value(limits.maxClients());
        json.name("client_buffer_max_bytes").value(limits.clientBufferMaxBytes());
        json.name("server_stall_timeout").value(text(limits.serverStallTimeout()));
        json.name("process_buffer_bytes");
        if (limits.processBufferBytes() == Limits.AUTO_BYTES) {
            json.value("auto");
        } else {
            json.value(limits.processBufferBytes());
        }
        json.name("server_connects_per_second").value(limits.serverConnectsPerSecond());
        json.endObject();
    }

    private static void writePool(JsonWriter json, Pool pool) throws IOException {
        json.name(pool.name()).beginObject();
        int mode = pool.listen().unixMode();
        json.name("listen").value(pool.listen().address() + (mode < 0 ? "" : String.format(" %04o", mode)));
        json.name("protocol").value(pool.protocol().name().toLowerCase(Locale.ROOT));
        json.name("topology").value(pool.topology().name().toLowerCase(Locale.ROOT));
        writeRouting(json, pool.definition());
        json.name("timeout").value(text(pool.timeout()));
        json.name("hard_timeout").value(text(pool.hardTimeout()));
        json.name("connect_timeout").value(text(pool.connectTimeout()));
        json.name("reconnect_min").value(text(pool.reconnectMin()));
        json.name("reconnect_max").value(text(pool.reconnectMax()));
        json.name("server_connections").value(pool.serverConnections());
        json.name("preconnect").value(pool.preconnect());
        json.name("tcpkeepalive").value(pool.tcpKeepalive());
        json.name("backlog").value(pool.backlog());
        json.name("redis_auth").value(pool.redisAuth() == null ? "none" : HIDDEN);
        writeAccess(json, pool.access());
        json.name("redis_db").value(pool.redisDb());
        writeEjection(json, pool.ejection());
        json.name("retry_percent").value(pool.retries().percent());
        json.name("retry_reads").value(pool.retries().reads());
        EdgeSection.write(json, pool.edge());
        json.name("servers").beginArray();
        for (Server server : pool.definition().servers()) {
            json.value(server.address() + ":" + server.weight() + " " + server.name());
        }
        json.endArray();
        json.endObject();
    }

    /** Users by their names, and no more of their rules than that: who may look here need not know the gaps. */
    private static void writeAccess(JsonWriter json, PoolAccess access) throws IOException {
        if (access.rules().areConfigured()) {
            json.name("users").beginArray();
            for (User user : access.rules().users()) {
                json.value(user.name());
            }
            json.endArray();
        }
        ServerLogin server = access.server();
        json.name("server_user").value(server == null || server.user() == null ? "none" : server.user());
        json.name("server_password").value(server == null ? "none" : HIDDEN);
    }

    private static void writeEjection(JsonWriter json, Ejection ejection) throws IOException {
        json.name("ejection").value(ejection.policy().word());
        json.name("server_failure_limit").value(ejection.failureLimit());
        json.name("failure_percent").value(ejection.failurePercent());
        json.name("failure_window").value(text(ejection.failureWindow()));
        json.name("server_retry_timeout").value(text(ejection.retryTimeout()));
        json.name("max_ejection_time").value(text(ejection.maxTime()));
        json.name("max_ejected_percent").value(ejection.maxEjectedPercent());
        json.name("probe_interval").value(text(ejection.probeInterval()));
        json.name("probes_to_return").value(ejection.probesToReturn());
        json.name("slow_start").value(text(ejection.slowStart()));
        if (ejection.sparePool() != null) {
            json.name("spare_pool").value(ejection.sparePool());
            json.name("spare_ttl").value(text(ejection.spareTimeToLive()));
        }
    }

    private static void writeRouting(JsonWriter json, PoolDefinition definition) throws IOException {
        json.name("distribution").value(definition.distribution().configName());
        json.name("hash").value(definition.hash().configName());
        json.name("hash_tag")
                .value(
                        definition.hashTag() == null
                                ? "none"
                                : definition.hashTag().toString());
        if (!definition.slotOwners().isEmpty()) {
            json.name("slots").value(definition.slotOwners().size());
        }
    }

    private static String text(@Nullable Duration duration) {
        return duration == null ? "-1" : duration.toMillis() + "ms";
    }
}
