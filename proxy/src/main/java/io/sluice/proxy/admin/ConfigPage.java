package io.sluice.proxy.admin;

import com.google.gson.stream.JsonWriter;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.routing.config.PoolDefinition;
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
        json.name("drain_timeout").value(text(config.lifecycle().drainTimeout()));
        json.name("admin").value(config.monitoring().admin().toString());
        json.name("stats").value(config.monitoring().stats().toString());
        writeLimits(json, config.limits());
        json.name("pools").beginObject();
        for (Pool pool : config.pools()) {
            writePool(json, pool);
        }
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
        json.endObject();
    }

    private static void writePool(JsonWriter json, Pool pool) throws IOException {
        json.name(pool.name()).beginObject();
        int mode = pool.listen().unixMode();
        json.name("listen").value(pool.listen().address() + (mode < 0 ? "" : String.format(" %04o", mode)));
        json.name("protocol").value(pool.protocol().name().toLowerCase(Locale.ROOT));
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
        json.name("redis_db").value(pool.redisDb());
        json.name("auto_eject_hosts").value(pool.ejection().enabled());
        json.name("server_failure_limit").value(pool.ejection().failureLimit());
        json.name("server_retry_timeout").value(text(pool.ejection().retryTimeout()));
        EdgeSection.write(json, pool.edge());
        json.name("servers").beginArray();
        for (Server server : pool.definition().servers()) {
            json.value(server.address() + ":" + server.weight() + " " + server.name());
        }
        json.endArray();
        json.endObject();
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
