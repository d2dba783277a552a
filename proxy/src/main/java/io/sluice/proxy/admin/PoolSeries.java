package io.sluice.proxy.admin;

import io.sluice.proxy.metrics.Latencies;
import io.sluice.proxy.metrics.MetricBoard.PoolTotals;
import io.sluice.proxy.metrics.MetricBoard.ServerTotals;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** The latencies of every pool and of every server that the counters know. Used by one thread. */
final class PoolSeries {

    private final ProxyView proxy;
    private final LatencyWindow window;
    private final Map<Object, LatencyWindow.Series> known = new HashMap<>(); // by what counts them

    PoolSeries(ProxyView proxy, LatencyWindow window) {
        this.proxy = proxy;
        this.window = window;
        window.beforeTurn(this::follow);
    }

    /** Begins to follow what is new, and ends to follow what is gone. */
    private void follow() {
        Map<Object, LatencyWindow.Series> before = new HashMap<>(known);
        for (PoolTotals pool : proxy.board().pools()) {
            ofPool(pool);
            before.remove(pool);
            for (ServerTotals server : pool.servers()) {
                ofServer(server);
                before.remove(server);
            }
        }
        before.forEach((gone, series) -> {
            known.remove(gone);
            window.forget(series);
        });
    }

    LatencyWindow.Series ofPool(PoolTotals pool) {
        return of(pool, pool::latencies);
    }

    LatencyWindow.Series ofServer(ServerTotals server) {
        return of(server, server::latencies);
    }

    private LatencyWindow.Series of(Object counters, Supplier<Latencies> latencies) {
        return known.computeIfAbsent(counters, added -> window.follow(latencies));
    }
}
