package io.sluice.proxy.admin;

import com.google.gson.stream.JsonWriter;
import io.sluice.proxy.config.ProxyConfig.Pool;
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
        json.name("pools").beginArray();
        for (PoolView pool : proxy.pools().get()) {
            writePool(json, pool);
        }
        json.endArray();
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
        json.name("distribution").value(pool.definition().distribution().configName());
        json.name("hash").value(pool.definition().hash().configName());
        json.name("clients").value(totals.clients());
        json.name("in_flight").value(totals.inFlight());
        json.name("requests").value(totals.get(PoolMetric.REQUESTS));
        json.name("errors").value(totals.errors());
        json.name("servers_in_use").value(view.health().inUse().cardinality());
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
        json.name("state").value(state(totals, ejectedUntil));
        if (ejectedUntil.isPresent()) {
            json.name("ejected_until").value(ejectedUntil.get().toString());
        }
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

    private static String state(ServerTotals totals, Optional<Instant> ejectedUntil) {
        if (ejectedUntil.isPresent()) {
            return "ejected";
        }
        return totals.unreachable() > 0 ? "unreachable" : "in use";
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
