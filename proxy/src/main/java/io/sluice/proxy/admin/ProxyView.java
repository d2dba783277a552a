package io.sluice.proxy.admin;

import io.sluice.proxy.budget.ProcessBudget;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.faults.FaultBoard;
import io.sluice.proxy.metrics.MetricBoard;
import io.sluice.proxy.tls.Reloading;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What of a proxy can be looked at. Thread-safe.
 *
 * @param running what it runs with
 * @param status which configuration that is, and what became of others
 * @param board what it counts
 * @param budget what it holds for clients and servers
 * @param pools as they are at this moment
 * @param pulse of its event loops
 * @param phase where it is between start and end
 * @param transport which kernel interface it uses
 * @param version of the build
 * @param startedAt when it was started
 * @param faults that somebody asked for
 * @param certificates of its pools, as new as their files
 * @param reloads where to ask for its configuration to be read again
 * @param cluster how it stands with its cluster; empty if it is a member of none
 */
public record ProxyView(
        Supplier<ProxyConfig> running,
        Supplier<ConfigStatus> status,
        MetricBoard board,
        ProcessBudget budget,
        Supplier<List<PoolView>> pools,
        WorkerPulse pulse,
        Supplier<ServingPhase> phase,
        String transport,
        String version,
        Instant startedAt,
        FaultBoard faults,
        Supplier<List<Reloading<?>>> certificates,
        ReloadRequests reloads,
        Supplier<Optional<ClusterView>> cluster) {

    ProxyConfig config() {
        return running.get();
    }

    /** The pools, each name once: one that ends is not told apart from one that has its name now. */
    List<PoolView> poolsByName() {
        Set<String> names = new HashSet<>();
        return pools.get().stream().filter(pool -> names.add(pool.name())).toList();
    }
}
