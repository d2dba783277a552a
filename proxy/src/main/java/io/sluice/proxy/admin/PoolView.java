package io.sluice.proxy.admin;

import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.health.HealthBoard;
import io.sluice.proxy.metrics.MetricBoard.PoolTotals;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One pool as it can be looked at. Thread-safe.
 *
 * @param epoch number of the configuration that last changed it
 * @param totals what is counted of it
 * @param servers in the configuration's order
 * @param leaving those that it had before, until they are gone
 * @param ending whether the configuration is without it
 */
public record PoolView(
        Pool config,
        long epoch,
        PoolTotals totals,
        HealthBoard health,
        List<ServerView> servers,
        List<LeavingServerView> leaving,
        boolean ending) {

    public PoolView {
        servers = List.copyOf(servers);
        leaving = List.copyOf(leaving);
    }

    String name() {
        return config.name();
    }

    /** Those that leave and whose name no other server of the pool has: what is counted of them stands alone. */
    Stream<LeavingServerView> leavingForGood() {
        Set<String> names = new HashSet<>();
        servers.forEach(server -> names.add(server.server().name()));
        return leaving.stream().filter(server -> names.add(server.name()));
    }
}
