package io.sluice.proxy.admin;

import com.google.gson.stream.JsonWriter;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.health.HealthState;
import io.sluice.proxy.health.Shares;
import io.sluice.proxy.metrics.Latencies;
import io.sluice.proxy.metrics.MetricBoard.PoolTotals;
import io.sluice.proxy.metrics.MetricBoard.ServerTotals;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.metrics.ServerMetric;
import io.sluice.routing.topology.Server;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** {@code /topology}: pools and servers and how they do, as JSON; what the dashboard draws. Used by one thread. */
final class TopologyPage {

    private static final double NANOS_PER_MILLI = 1e6;

    private final ProxyView proxy;
    private final PoolSeries series;

    TopologyPage(ProxyView proxy, PoolSeries series) {
        this.proxy = proxy;
        this.series = series;
    }

    Page page() {
        return Page.json(JsonText.object("  ", this::write));
    }

    private void write(JsonWriter json) throws IOException {
        json.name("version").value(proxy.version());
        json.name("phase").value(proxy.phase().get().name().toLowerCase(Locale.ROOT));
        json.name("transport").value(proxy.transport());
        json.name("workers").value(proxy.board().loops());
        json.name("uptime_seconds")
                .value(Duration.between(proxy.startedAt(), Instant.now()).toSeconds());
        json.name("cpu_seconds").value(ProcessFigures.cpuSeconds());
        json.name("resident_bytes").value(ProcessFigures.residentBytes());
        writeStatus(json, proxy.status().get());
        Optional<ClusterView> cluster = proxy.cluster().get();
        if (cluster.isPresent()) {
            writeCluster(json, cluster.get());
        }
        json.name("pools").beginArray();
        for (PoolView pool : proxy.pools().get()) {
            writePool(json, pool);
        }
        json.endArray();
    }

    private static void writeStatus(JsonWriter json, ConfigStatus status) throws IOException {
        json.name("configuration").beginObject();
        json.name("epoch").value(status.epoch());
        json.name("applied_at").value(status.appliedAt().toString());
        ConfigStatus.Reload last = status.last();
        if (last != null) {
            json.name("last_reload").beginObject();
            json.name("at").value(last.at().toString());
            json.name("trigger").value(last.trigger());
            json.name("result").value(last.result().name().toLowerCase(Locale.ROOT));
            json.name("message").value(last.message());
            json.endObject();
        }
        json.endObject();
    }

    private static void writeCluster(JsonWriter json, ClusterView cluster) throws IOException {
        json.name("cluster").beginObject();
        json.name("name").value(cluster.name());
        json.name("proxy_id").value(cluster.proxyId());
        json.name("epoch").value(cluster.epoch());
        json.name("since").value(cluster.since().toString());
        json.name("applied_epoch").value(cluster.applied());
        json.name("zookeeper").value(cluster.zookeeper());
        json.name("zookeeper_since").value(cluster.zookeeperSince().toString());
        json.name("registered").value(cluster.registered());
        json.name("lease_age_seconds").value(cluster.leaseAgeSeconds());
        if (cluster.refused() > 0) {
            json.name("refused_epoch").value(cluster.refused());
        }
        if (cluster.trouble().isPresent()) {
            json.name("trouble").value(cluster.trouble().get());
        }
        json.endObject();
    }

    private void writePool(JsonWriter json, PoolView view) throws IOException {
        Pool pool = view.config();
        PoolTotals totals = view.totals();
        json.beginObject();
        json.name("name").value(pool.name());
        json.name("state").value(view.ending() ? "draining" : "in use");
        json.name("epoch").value(view.epoch());
        json.name("listen").value(pool.listen().address().toString());
        json.name("protocol").value(pool.protocol().name().toLowerCase(Locale.ROOT));
        json.name("topology").value(pool.topology().name().toLowerCase(Locale.ROOT));
        json.name("distribution").value(pool.definition().distribution().configName());
        json.name("hash").value(pool.definition().hash().configName());
        json.name("clients").value(totals.clients());
        json.name("in_flight").value(totals.inFlight());
        json.name("requests").value(totals.get(PoolMetric.REQUESTS));
        json.name("errors").value(totals.errors());
        json.name("faults").value(proxy.faults().count(view.name()));
        json.name("ejection").value(pool.ejection().policy().word());
        json.name("servers_in_use").value(view.health().inUse());
        writeLatencies(json, series.ofPool(totals).recent());
        json.name("servers").beginArray();
        for (ServerView server : view.servers()) {
            writeServer(json, server);
        }
        json.endArray();
        json.name("leaving").beginArray();
        for (LeavingServerView server : view.leaving()) {
            writeLeaving(json, server);
        }
        json.endArray();
        json.endObject();
    }

    private void writeServer(JsonWriter json, ServerView view) throws IOException {
        Server server = view.server();
        ServerTotals totals = view.totals();
        Optional<Instant> ejectedUntil = view.ejectedUntil();
        json.beginObject();
        json.name("name").value(server.name());
        json.name("address").value(server.address().toString());
        json.name("weight").value(server.weight());
        json.name("state").value(state(totals, view.health().state()));
        if (ejectedUntil.isPresent()) {
            json.name("ejected_until").value(ejectedUntil.get().toString());
        }
        json.name("share_percent").value(view.health().share() * 100 / Shares.ALL);
        json.name("ejections").value(view.ejections());
        json.name("connections").value(totals.connections());
        json.name("in_flight").value(totals.inFlight());
        json.name("queued_bytes").value(totals.queuedBytes());
        json.name("requests").value(totals.get(ServerMetric.REQUESTS));
        json.name("errors").value(totals.errors());
        json.name("error_replies").value(totals.get(ServerMetric.ERROR_REPLIES));
        writeLatencies(json, series.ofServer(totals).recent());
        json.endObject();
    }

    /** Counts are by name, so there are none here: another server may have that name now. */
    private static void writeLeaving(JsonWriter json, LeavingServerView server) throws IOException {
        json.beginObject();
        json.name("name").value(server.name());
        json.name("address").value(server.address().toString());
        json.name("state").value(server.drained() ? "drained" : "draining");
        json.name("left_at").value(server.leftAt().toString());
        json.endObject();
    }

    /** That no connection can be had says more than that the server is suspect. */
    private static String state(ServerTotals totals, HealthState health) {
        boolean isUnreachable = !health.isOut() && totals.unreachable() > 0;
        return isUnreachable ? "unreachable" : health.word();
    }

    /** Of the last one to two minutes; left out where nothing is known. */
    private static void writeLatencies(JsonWriter json, Latencies recent) throws IOException {
        if (recent.count() > 0) {
            json.name("p50_millis").value(millis(recent.quantile(0.5)));
            json.name("p99_millis").value(millis(recent.quantile(0.99)));
            json.name("p999_millis").value(millis(recent.quantile(0.999)));
        }
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / NANOS_PER_MILLI;
    }
}
