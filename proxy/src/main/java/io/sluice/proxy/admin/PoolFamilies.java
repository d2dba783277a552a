package io.sluice.proxy.admin;

import static io.sluice.proxy.metrics.PoolMetric.ABANDONED;
import static io.sluice.proxy.metrics.PoolMetric.CLIENTS_ACCEPTED;
import static io.sluice.proxy.metrics.PoolMetric.CLIENTS_CLOSED;
import static io.sluice.proxy.metrics.PoolMetric.CLIENTS_EVICTED;
import static io.sluice.proxy.metrics.PoolMetric.CLIENTS_IDLE;
import static io.sluice.proxy.metrics.PoolMetric.CLIENTS_REFUSED;
import static io.sluice.proxy.metrics.PoolMetric.CLIENTS_REFUSED_BY_ADDRESS;
import static io.sluice.proxy.metrics.PoolMetric.CLIENTS_REFUSED_BY_POOL;
import static io.sluice.proxy.metrics.PoolMetric.CLIENTS_REFUSED_HEADER;
import static io.sluice.proxy.metrics.PoolMetric.CLIENTS_REFUSED_HEADER_LATE;
import static io.sluice.proxy.metrics.PoolMetric.CLIENTS_REFUSED_TOO_FAST;
import static io.sluice.proxy.metrics.PoolMetric.CLIENTS_REFUSED_UNTRUSTED;
import static io.sluice.proxy.metrics.PoolMetric.FAILED_LOGINS;
import static io.sluice.proxy.metrics.PoolMetric.FAULTS_SKIPPED;
import static io.sluice.proxy.metrics.PoolMetric.FAULT_DELAYS;
import static io.sluice.proxy.metrics.PoolMetric.FAULT_DROPS;
import static io.sluice.proxy.metrics.PoolMetric.FAULT_ERRORS;
import static io.sluice.proxy.metrics.PoolMetric.PROTOCOL_ERRORS;
import static io.sluice.proxy.metrics.PoolMetric.REPLIES;
import static io.sluice.proxy.metrics.PoolMetric.REPLY_BYTES;
import static io.sluice.proxy.metrics.PoolMetric.REQUESTS;
import static io.sluice.proxy.metrics.PoolMetric.REQUEST_BYTES;
import static io.sluice.proxy.metrics.PoolMetric.REQUEST_PARTS;
import static io.sluice.proxy.metrics.PoolMetric.SPARE_REQUESTS;
import static io.sluice.proxy.metrics.PoolMetric.SPLIT_REQUESTS;
import static io.sluice.proxy.metrics.PoolMetric.TLS_FAILED_CERTIFICATE;
import static io.sluice.proxy.metrics.PoolMetric.TLS_FAILED_CLOSED;
import static io.sluice.proxy.metrics.PoolMetric.TLS_FAILED_LATE;
import static io.sluice.proxy.metrics.PoolMetric.TLS_FAILED_PROTOCOL;
import static io.sluice.proxy.metrics.PoolMetric.TLS_HANDSHAKES;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.sluice.proxy.metrics.MetricBoard;
import io.sluice.proxy.metrics.MetricBoard.PoolTotals;
import io.sluice.proxy.metrics.PoolMetric;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** The metrics of pools, with the label {@code pool}. */
final class PoolFamilies {

    private record Row(PoolView pool, LatencyWindow.Series latencies, int faults) {
        PoolTotals totals() {
            return pool.totals();
        }
    }

    private static final Map<String, PoolMetric> REFUSALS = new TreeMap<>(Map.of(
            "max_clients", CLIENTS_REFUSED,
            "pool_max_clients", CLIENTS_REFUSED_BY_POOL,
            "max_clients_per_address", CLIENTS_REFUSED_BY_ADDRESS,
            "accept_rate", CLIENTS_REFUSED_TOO_FAST,
            "proxy_header", CLIENTS_REFUSED_HEADER,
            "proxy_header_late", CLIENTS_REFUSED_HEADER_LATE,
            "proxy_header_untrusted", CLIENTS_REFUSED_UNTRUSTED));

    private static final Map<String, PoolMetric> TLS_FAILURES = new TreeMap<>(Map.of(
            "late", TLS_FAILED_LATE,
            "closed", TLS_FAILED_CLOSED,
            "certificate", TLS_FAILED_CERTIFICATE,
            "protocol", TLS_FAILED_PROTOCOL));

    private record ReasonRow(PoolTotals totals, String reason, PoolMetric metric) {}

    private record ErrorRow(PoolTotals totals, String kind, int index) {}

    private final MetricBoard board;
    private final List<Row> rows;
    private final List<MetricSnapshot> families = new ArrayList<>();

    private PoolFamilies(MetricBoard board, List<Row> rows) {
        this.board = board;
        this.rows = rows;
    }

    static List<MetricSnapshot> of(ProxyView proxy, PoolSeries series) {
        MetricBoard board = proxy.board();
        List<Row> rows = proxy.poolsByName().stream()
                .map(pool -> new Row(
                        pool, series.ofPool(pool.totals()), proxy.faults().count(pool.name())))
                .toList();
        return new PoolFamilies(board, rows).all();
    }

    private List<MetricSnapshot> all() {
        requests();
        clients();
        gauge(
                "sluice_pool_servers",
                "Servers of the pool.",
                row -> row.pool().servers().size());
        gauge(
                "sluice_pool_servers_in_use",
                "Servers of the pool that are not ejected.",
                row -> row.pool().health().inUse());
        families.add(Family.counter(
                "sluice_pool_ejections_withheld",
                "Times a server was to be left out and was not, since too many were.",
                rows,
                PoolFamilies::labels,
                row -> row.pool().health().failedOpen()));
        counter("sluice_spare_requests", "Requests that the spare pool was to serve.", SPARE_REQUESTS);
        families.addAll(ConversationFamilies.of(rows.stream().map(Row::totals).toList()));
        handoffs();
        windows();
        faults();
        return families;
    }

    private void handoffs() {
        counter("sluice_handoff_freezes", "Times a worker let requests of some slots wait.", PoolMetric.FREEZES);
        gauge(
                "sluice_parked_requests",
                "Clients whose next request waits for its slots.",
                row -> difference(row, PoolMetric.PARKED, PoolMetric.UNPARKED));
        gauge(
                "sluice_parked_bytes",
                "Bytes of these requests.",
                row -> difference(row, PoolMetric.PARKED_BYTES, PoolMetric.UNPARKED_BYTES));
        counter("sluice_requests_parked", "Requests that waited for their slots.", PoolMetric.PARKED);
        counter("sluice_park_timeouts", "Requests that waited too long, and got an error.", PoolMetric.PARK_TIMEOUTS);
        counter(
                "sluice_replies_held",
                "Replies held back, since their slots might have gone to another server.",
                PoolMetric.REPLIES_HELD);
        counter(
                "sluice_replies_relayed_late",
                "Those of them that were passed on after all.",
                PoolMetric.REPLIES_RELAYED_LATE);
        counter("sluice_replies_dropped", "Those of them that were not passed on.", PoolMetric.REPLIES_DROPPED);
    }

    private void windows() {
        counter(
                "sluice_window_hits_new",
                "Reads of keys that change their server, answered by the new one.",
                PoolMetric.WINDOW_HITS_NEW);
        counter(
                "sluice_window_hits_old",
                "Reads of keys that change their server, answered by the old one.",
                PoolMetric.WINDOW_HITS_OLD);
        counter(
                "sluice_window_misses",
                "Reads of keys that change their server, which neither had.",
                PoolMetric.WINDOW_MISSES);
        counter("sluice_window_fills", "Values copied to their new server as they were read.", PoolMetric.WINDOW_FILLS);
        counter(
                "sluice_window_fills_refused",
                "Copies that the new server refused, since the key had been changed meanwhile.",
                PoolMetric.WINDOW_FILLS_REFUSED);
        counter(
                "sluice_window_promotions",
                "Values taken to their new server because a request was to change them.",
                PoolMetric.WINDOW_PROMOTIONS);
    }

    /** What leaves is read first. */
    private static double difference(Row row, PoolMetric came, PoolMetric left) {
        long gone = row.totals().get(left);
        return row.totals().get(came) - gone;
    }

    private void faults() {
        gauge("sluice_faults_active", "Faults that somebody asked for and that are on.", Row::faults);
        counter("sluice_fault_delays", "Replies that a fault held back.", FAULT_DELAYS);
        counter("sluice_fault_errors", "Requests that a fault answered with an error.", FAULT_ERRORS);
        counter("sluice_fault_drops", "Requests that a fault let nobody answer.", FAULT_DROPS);
        counter(
                "sluice_fault_skips",
                "Faults that did nothing because too much was held back already.",
                FAULTS_SKIPPED);
    }

    private void requests() {
        counter("sluice_requests", "Requests of clients, those included that cannot be understood.", REQUESTS);
        counter("sluice_replies", "Replies made for clients, errors included.", REPLIES);
        counter("sluice_requests_abandoned", "Requests whose client went before the reply.", ABANDONED);
        gauge(
                "sluice_requests_in_flight",
                "Requests that await their replies.",
                row -> row.totals().inFlight());
        families.add(Family.counter(
                "sluice_request_errors",
                "Errors the proxy itself answered with, to a request or a part of one, by kind.",
                errorRows(),
                row -> Labels.of("pool", row.totals().name(), "kind", row.kind()),
                row -> row.totals().errors(row.index())));
        counter("sluice_requests_split", "Requests whose keys lay on several servers.", SPLIT_REQUESTS);
        counter("sluice_request_parts", "What became of split requests: one for each server.", REQUEST_PARTS);
        counter("sluice_request_bytes", "Bytes of clients that were read and made use of.", REQUEST_BYTES);
        counter("sluice_reply_bytes", "Bytes of replies made for clients.", REPLY_BYTES);
        families.add(Family.histogram(
                "sluice_request_duration_seconds",
                "Time from a request's arrival until its reply was ready to be sent.",
                rows,
                PoolFamilies::labels,
                row -> row.latencies().total()));
        families.add(Family.summary(
                "sluice_request_duration_recent_seconds",
                "The same over the last one to two minutes.",
                rows,
                PoolFamilies::labels,
                row -> row.latencies().recent()));
    }

    private void clients() {
        gauge(
                "sluice_client_connections",
                "Clients connected now.",
                row -> row.totals().clients());
        counter("sluice_client_connections_accepted", "Clients that connected.", CLIENTS_ACCEPTED);
        counter("sluice_client_connections_closed", "Clients whose connection ended.", CLIENTS_CLOSED);
        families.add(Family.counter(
                "sluice_client_connections_refused",
                "Clients turned away before they could ask anything, by reason.",
                reasonRows(REFUSALS),
                PoolFamilies::reasonLabels,
                row -> row.totals().get(row.metric())));
        counter("sluice_client_connections_idle_closed", "Clients closed because they were silent.", CLIENTS_IDLE);
        counter("sluice_client_tls_handshakes", "Clients with whom TLS was agreed on.", TLS_HANDSHAKES);
        families.add(Family.counter(
                "sluice_client_tls_failures",
                "Clients with whom no TLS came about, by reason.",
                reasonRows(TLS_FAILURES),
                PoolFamilies::reasonLabels,
                row -> row.totals().get(row.metric())));
        counter(
                "sluice_client_connections_evicted",
                "Clients closed because they did not take their replies while memory was scarce.",
                CLIENTS_EVICTED);
        counter("sluice_client_protocol_errors", "Clients whose bytes did not follow the protocol.", PROTOCOL_ERRORS);
        counter("sluice_client_failed_logins", "AUTH and HELLO with a wrong user or password.", FAILED_LOGINS);
        gauge(
                "sluice_client_queued_bytes",
                "Bytes of replies that clients have not taken.",
                row -> row.totals().queuedBytes());
    }

    private List<ErrorRow> errorRows() {
        return rows.stream()
                .flatMap(row -> IntStream.range(0, board.errorKinds().size())
                        .mapToObj(kind -> new ErrorRow(
                                row.totals(), label(board.errorKinds().get(kind)), kind)))
                .toList();
    }

    private List<ReasonRow> reasonRows(Map<String, PoolMetric> metrics) {
        return rows.stream()
                .flatMap(row -> metrics.entrySet().stream()
                        .map(reason -> new ReasonRow(row.totals(), reason.getKey(), reason.getValue())))
                .toList();
    }

    private static Labels reasonLabels(ReasonRow row) {
        return Labels.of("pool", row.totals().name(), "reason", row.reason());
    }

    static String label(String errorKind) {
        return errorKind.toLowerCase(Locale.ROOT);
    }

    private void counter(String name, String help, PoolMetric metric) {
        families.add(Family.counter(
                name, help, rows, PoolFamilies::labels, row -> row.totals().get(metric)));
    }

    private void gauge(String name, String help, ToDoubleFunction<Row> value) {
        families.add(Family.gauge(name, help, rows, PoolFamilies::labels, value));
    }

    private static Labels labels(Row row) {
        return Labels.of("pool", row.totals().name());
    }
}
