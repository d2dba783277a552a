package io.sluice.proxy.admin;

import static io.sluice.proxy.metrics.ServerMetric.CLOSED_BY_SERVER;
import static io.sluice.proxy.metrics.ServerMetric.CONNECTIONS_OPENED;
import static io.sluice.proxy.metrics.ServerMetric.CONNECT_FAILURES;
import static io.sluice.proxy.metrics.ServerMetric.ERROR_REPLIES;
import static io.sluice.proxy.metrics.ServerMetric.GIVEN_UP;
import static io.sluice.proxy.metrics.ServerMetric.IDLE_CLOSED;
import static io.sluice.proxy.metrics.ServerMetric.LOST;
import static io.sluice.proxy.metrics.ServerMetric.REPLIES;
import static io.sluice.proxy.metrics.ServerMetric.REPLY_BYTES;
import static io.sluice.proxy.metrics.ServerMetric.REQUESTS;
import static io.sluice.proxy.metrics.ServerMetric.REQUEST_BYTES;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.sluice.proxy.health.HealthState;
import io.sluice.proxy.health.ServerHealth;
import io.sluice.proxy.health.Shares;
import io.sluice.proxy.metrics.MetricBoard;
import io.sluice.proxy.metrics.MetricBoard.ServerTotals;
import io.sluice.proxy.metrics.ServerMetric;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The metrics of servers, with the labels {@code pool} and {@code server}. */
final class ServerFamilies {

    private record Row(String pool, ServerTotals totals, LatencyWindow.Series latencies) {}

    /** Of a server in the configuration. */
    private record HealthRow(String pool, ServerView server) {}

    private record StateRow(HealthRow server, HealthState state) {}

    private record ProbeRow(HealthRow server, boolean good) {}

    private record ErrorRow(Row server, String kind, int index) {}

    private final MetricBoard board;
    private final List<Row> rows;
    private final List<HealthRow> healthRows;
    private final List<MetricSnapshot> families = new ArrayList<>();

    private ServerFamilies(MetricBoard board, List<Row> rows, List<HealthRow> healthRows) {
        this.board = board;
        this.rows = rows;
        this.healthRows = healthRows;
    }

    static List<MetricSnapshot> of(ProxyView proxy, PoolSeries series) {
        MetricBoard board = proxy.board();
        List<Row> rows = new ArrayList<>();
        List<HealthRow> healthRows = new ArrayList<>();
        for (PoolView pool : proxy.poolsByName()) {
            Stream.concat(
                            pool.servers().stream().map(ServerView::totals),
                            pool.leavingForGood().map(LeavingServerView::totals))
                    .forEach(totals -> rows.add(new Row(pool.name(), totals, series.ofServer(totals))));
            pool.servers().forEach(server -> healthRows.add(new HealthRow(pool.name(), server)));
        }
        return new ServerFamilies(board, rows, healthRows).all();
    }

    private List<MetricSnapshot> all() {
        requests();
        latencies();
        connections();
        ejections();
        states();
        return families;
    }

    private void requests() {
        counter("sluice_server_requests", "Requests, or parts of such, made for the server.", REQUESTS);
        counter("sluice_server_replies", "Replies of the server, those included that came too late.", REPLIES);
        counter("sluice_server_error_replies", "Replies of the server that were errors of its own.", ERROR_REPLIES);
        counter("sluice_server_requests_lost", "Requests whose reply can never come.", LOST);
        gauge(
                "sluice_server_requests_in_flight",
                "Requests that await their replies.",
                row -> row.totals().inFlight());
        families.add(Family.counter(
                "sluice_server_request_errors",
                "Errors the proxy answered with because of the server, by kind.",
                errorRows(),
                row -> labels(row.server()).add("kind", row.kind()),
                row -> row.server().totals().errors(row.index())));
        counter("sluice_server_request_bytes", "Bytes of requests made for the server.", REQUEST_BYTES);
        counter("sluice_server_reply_bytes", "Bytes of the server that were read and made use of.", REPLY_BYTES);
        gauge(
                "sluice_server_queued_bytes",
                "Bytes of requests that the server has not taken.",
                row -> row.totals().queuedBytes());
    }

    private void latencies() {
        families.add(Family.histogram(
                "sluice_server_request_duration_seconds",
                "Time from queueing a request for the server to its reply.",
                rows,
                ServerFamilies::labels,
                row -> row.latencies().total()));
        families.add(Family.summary(
                "sluice_server_request_duration_recent_seconds",
                "The same over the last one to two minutes.",
                rows,
                ServerFamilies::labels,
                row -> row.latencies().recent()));
    }

    private void connections() {
        gauge(
                "sluice_server_connections",
                "Connections to the server that are open now.",
                row -> row.totals().connections());
        gauge(
                "sluice_server_unreachable",
                "Connections to the server that could not be had when last tried; 0 while all is well.",
                row -> row.totals().unreachable());
        counter("sluice_server_connections_opened", "Connections that came about.", CONNECTIONS_OPENED);
        counter("sluice_server_connect_failures", "Attempts that led to no usable connection.", CONNECT_FAILURES);
        counter("sluice_server_connections_lost", "Connections that the server closed or reset.", CLOSED_BY_SERVER);
        counter(
                "sluice_server_connections_idle_closed",
                "Connections that the proxy closed since they had no request.",
                IDLE_CLOSED);
        counter("sluice_server_connections_given_up", "Connections that the proxy closed as useless.", GIVEN_UP);
        counter(
                "sluice_server_connects_delayed",
                "Connections that waited for limits.server_connects_per_second.",
                ServerMetric.CONNECTS_DELAYED);
        counter("sluice_server_demotions", "Times the server turned out to be a replica.", ServerMetric.DEMOTIONS);
        counter(
                "sluice_server_connections_moved",
                "Connections replaced since the server's name leads to another address now.",
                ServerMetric.CONNECTIONS_MOVED);
        counter(
                "sluice_server_retries",
                "Requests sent once more, since their connection had failed.",
                ServerMetric.RETRIES);
        counter(
                "sluice_server_timeouts",
                "Times at which requests were found to be too late; several at once are one.",
                ServerMetric.TIMEOUTS);
    }

    private void ejections() {
        families.add(Family.counter(
                "sluice_server_ejections",
                "Times the server was left out.",
                healthRows,
                ServerFamilies::labels,
                row -> row.server().ejections()));
        families.add(Family.gauge(
                "sluice_server_ejected",
                "1 while the server is left out.",
                healthRows,
                ServerFamilies::labels,
                row -> row.server().health().state().isOut() ? 1 : 0));
        families.add(Family.gauge(
                "sluice_server_last_ejection_timestamp_seconds",
                "When it last was, in Unix time; 0 if never.",
                healthRows,
                ServerFamilies::labels,
                row -> row.server().ejectedAt().map(Instant::toEpochMilli).orElse(0L) / 1e3));
    }

    private void states() {
        families.add(Family.gauge(
                "sluice_server_state",
                "1 for the state the server is in, 0 for the others.",
                healthRows.stream()
                        .flatMap(row -> Stream.of(HealthState.values()).map(state -> new StateRow(row, state)))
                        .toList(),
                row -> labels(row.server()).add("state", row.state().word()),
                row -> row.server().server().health().state() == row.state() ? 1 : 0));
        families.add(Family.gauge(
                "sluice_server_key_share",
                "Share of its keys that the server serves, from 0 to 1.",
                healthRows,
                ServerFamilies::labels,
                row -> (double) row.server().health().share() / Shares.ALL));
        families.add(Family.counter(
                "sluice_server_probes",
                "Probes of the server while it was left out.",
                healthRows.stream()
                        .flatMap(row -> Stream.of(true, false).map(good -> new ProbeRow(row, good)))
                        .toList(),
                row -> labels(row.server()).add("result", row.good() ? "good" : "failed"),
                row -> probes(row.server().server().health(), row.good())));
    }

    private static long probes(ServerHealth health, boolean good) {
        return good ? health.goodProbes() : health.failedProbes();
    }

    private static Labels labels(HealthRow row) {
        return Labels.of("pool", row.pool(), "server", row.server().server().name());
    }

    private List<ErrorRow> errorRows() {
        return rows.stream()
                .flatMap(row -> IntStream.range(0, board.errorKinds().size())
                        .filter(kind -> isServersFault(board.errorKinds().get(kind)))
                        .mapToObj(kind -> new ErrorRow(
                                row, PoolFamilies.label(board.errorKinds().get(kind)), kind)))
                .toList();
    }

    private static boolean isServersFault(String errorKind) {
        return switch (errorKind) {
            case "NO_SERVER", "UNREACHABLE", "CONNECTION_LOST", "TIMED_OUT", "OVERLOADED", "STALLED", "DEMOTED" -> true;
            default -> false;
        };
    }

    private void counter(String name, String help, ServerMetric metric) {
        counter(name, help, row -> row.totals().get(metric));
    }

    private void counter(String name, String help, ToDoubleFunction<Row> value) {
        families.add(Family.counter(name, help, rows, ServerFamilies::labels, value));
    }

    private void gauge(String name, String help, ToDoubleFunction<Row> value) {
        families.add(Family.gauge(name, help, rows, ServerFamilies::labels, value));
    }

    private static Labels labels(Row row) {
        return Labels.of("pool", row.pool(), "server", row.totals().name());
    }
}
