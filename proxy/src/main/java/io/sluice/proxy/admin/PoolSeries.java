package io.sluice.proxy.admin;

import io.sluice.proxy.metrics.MetricBoard;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The latencies of every pool and of every server, by index. Used by one thread. */
final class PoolSeries {

    private final List<LatencyWindow.Series> pools = new ArrayList<>();
    private final List<List<LatencyWindow.Series>> servers = new ArrayList<>();

    PoolSeries(MetricBoard board, LatencyWindow window) {
        for (int i = 0; i < board.pools().size(); i++) {
            MetricBoard.PoolTotals pool = board.pool(i);
            pools.add(window.follow(pool::latencies));
            servers.add(IntStream.range(0, pool.names().servers().size())
                    .mapToObj(server -> window.follow(pool.server(server)::latencies))
                    .toList());
        }
    }

    LatencyWindow.Series ofPool(int pool) {
        return pools.get(pool);
    }

    LatencyWindow.Series ofServer(int pool, int server) {
        return servers.get(pool).get(server);
    }
}
