package io.sluice.proxy.admin;

import static io.sluice.proxy.metrics.PoolMetric.MESSAGES;
import static io.sluice.proxy.metrics.PoolMetric.PRIVATE_CLOSED;
import static io.sluice.proxy.metrics.PoolMetric.PRIVATE_OPENED;
import static io.sluice.proxy.metrics.PoolMetric.PRIVATE_REFUSED;
import static io.sluice.proxy.metrics.PoolMetric.QUEUES_FOUND_EMPTY;
import static io.sluice.proxy.metrics.PoolMetric.SCRIPTS_RESENT;
import static io.sluice.proxy.metrics.PoolMetric.SUBSCRIBED;
import static io.sluice.proxy.metrics.PoolMetric.TRANSACTIONS;
import static io.sluice.proxy.metrics.PoolMetric.UNSUBSCRIBED;
import static io.sluice.proxy.metrics.PoolMetric.WAITS_BEGUN;
import static io.sluice.proxy.metrics.PoolMetric.WAITS_CUT;
import static io.sluice.proxy.metrics.PoolMetric.WAITS_ENDED;
import static io.sluice.proxy.metrics.PoolMetric.WAITS_FOR_NOBODY;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.sluice.proxy.metrics.MetricBoard.PoolTotals;
import io.sluice.proxy.metrics.PoolMetric;
import java.util.ArrayList;
import java.util.List;

/** The metrics of what clients begin that outlasts a request, with the label {@code pool}. */
final class ConversationFamilies {

    private final List<PoolTotals> pools;
    private final List<MetricSnapshot> families = new ArrayList<>();

    private ConversationFamilies(List<PoolTotals> pools) {
        this.pools = pools;
    }

    static List<MetricSnapshot> of(List<PoolTotals> pools) {
        return new ConversationFamilies(pools).all();
    }

    private List<MetricSnapshot> all() {
        gauge("sluice_private_connections", "Server connections for one client alone.", PRIVATE_OPENED, PRIVATE_CLOSED);
        counter("sluice_private_connections_opened", "Server connections opened for one client alone.", PRIVATE_OPENED);
        counter("sluice_private_connections_refused", "Times that there were as many as may be.", PRIVATE_REFUSED);
        counter("sluice_transactions", "Transactions sent to a server.", TRANSACTIONS);
        counter("sluice_scripts_resent", "Scripts sent once more, with their text.", SCRIPTS_RESENT);
        gauge("sluice_requests_blocked", "Requests that wait for data now.", WAITS_BEGUN, WAITS_ENDED);
        counter("sluice_waits", "Requests that a server was to wait for data for.", WAITS_BEGUN);
        counter("sluice_waits_cut", "Waits that the proxy ended, as when their client went.", WAITS_CUT);
        counter(
                "sluice_waits_for_nobody",
                "Replies with data to a wait whose client had gone already.",
                WAITS_FOR_NOBODY);
        counter(
                "sluice_queues_found_empty",
                "Queues on their way that were found to have nothing at the server that they leave.",
                QUEUES_FOUND_EMPTY);
        gauge("sluice_subscriptions", "Channels and patterns that clients have now.", SUBSCRIBED, UNSUBSCRIBED);
        counter("sluice_messages", "Messages passed on, one for each client that got it.", MESSAGES);
        return families;
    }

    private void counter(String name, String help, PoolMetric metric) {
        families.add(Family.counter(name, help, pools, ConversationFamilies::labels, pool -> pool.get(metric)));
    }

    /** What has left is read first: else a gauge could be below zero. */
    private void gauge(String name, String help, PoolMetric came, PoolMetric left) {
        families.add(Family.gauge(name, help, pools, ConversationFamilies::labels, pool -> {
            long gone = pool.get(left);
            return pool.get(came) - gone;
        }));
    }

    private static Labels labels(PoolTotals pool) {
        return Labels.of("pool", pool.name());
    }
}
