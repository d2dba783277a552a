package io.sluice.proxy.admin;

import com.google.gson.stream.JsonWriter;
import io.sluice.proxy.metrics.MetricBoard.PoolTotals;
import io.sluice.proxy.metrics.MetricBoard.ServerTotals;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.metrics.ServerMetric;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * twemproxy's statistics: the same names in the same order, on one line. Values are of this moment; twemproxy's are of
 * the last {@code --stats-interval}. Source: twemproxy src/nc_stats.h.
 */
final class StatsReport {

    private final ProxyView proxy;
    private final String host;

    StatsReport(ProxyView proxy) {
        this.proxy = proxy;
        this.host = hostName();
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    String json() {
        return JsonText.object("", this::write) + "\n";
    }

    private void write(JsonWriter json) throws IOException {
        Instant now = Instant.now();
        json.name("service").value("sluice");
        json.name("source").value(host);
        json.name("version").value(proxy.version());
        json.name("uptime").value(Duration.between(proxy.startedAt(), now).toSeconds());
        json.name("timestamp").value(now.getEpochSecond());
        json.name("total_connections").value(connections(true));
        json.name("curr_connections").value(connections(false));
        for (PoolView pool : proxy.poolsByName()) {
            writePool(json, pool);
        }
    }

    /** Clients, servers, and one listener for each pool, as twemproxy counts. */
    private long connections(boolean ever) {
        long sum = 0;
        for (PoolTotals pool : proxy.board().pools()) {
            sum += 1 + (ever ? pool.get(PoolMetric.CLIENTS_ACCEPTED) : pool.clients());
            for (ServerTotals server : pool.servers()) {
                sum += ever ? server.get(ServerMetric.CONNECTIONS_OPENED) : server.connections();
            }
        }
        return sum;
    }

    private static void writePool(JsonWriter json, PoolView view) throws IOException {
        PoolTotals pool = view.totals();
        long ended = pool.get(PoolMetric.CLIENTS_ENDED);
        json.name(view.name()).beginObject();
        json.name("client_eof").value(ended);
        json.name("client_err").value(pool.get(PoolMetric.CLIENTS_CLOSED) - ended);
        json.name("client_connections").value(pool.clients());
        json.name("server_ejects")
                .value(view.servers().stream().mapToInt(ServerView::ejections).sum());
        json.name("forward_error").value(pool.errors());
        json.name("fragments").value(pool.get(PoolMetric.REQUEST_PARTS));
        for (ServerView server : view.servers()) {
            writeServer(json, server);
        }
        json.endObject();
    }

    private static void writeServer(JsonWriter json, ServerView view) throws IOException {
        ServerTotals server = view.totals();
        long unsent = server.unsent();
        json.name(server.name()).beginObject();
        json.name("server_eof").value(server.get(ServerMetric.CLOSED_BY_SERVER));
        json.name("server_err").value(server.get(ServerMetric.CONNECT_FAILURES) + server.get(ServerMetric.GIVEN_UP));
        json.name("server_timedout").value(server.get(ServerMetric.TIMEOUTS));
        json.name("server_connections").value(server.connections());
        json.name("server_ejected_at")
                .value(view.ejectedAt().map(StatsReport::micros).orElse(0L));
        json.name("requests").value(server.get(ServerMetric.REQUESTS));
        json.name("request_bytes").value(server.get(ServerMetric.REQUEST_BYTES));
        json.name("responses").value(server.get(ServerMetric.REPLIES));
        json.name("response_bytes").value(server.get(ServerMetric.REPLY_BYTES));
        json.name("in_queue").value(unsent);
        json.name("in_queue_bytes").value(server.queuedBytes());
        json.name("out_queue").value(Math.max(0, server.inFlight() - unsent));
        json.name("out_queue_bytes").value(server.awaitedBytes());
        json.endObject();
    }

    private static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
}
