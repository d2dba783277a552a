package io.sluice.proxy.admin;

import io.sluice.proxy.budget.ProcessBudget;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.health.HealthBoard;
import io.sluice.proxy.metrics.MetricBoard;
import io.sluice.proxy.tls.Reloading;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/**
 * What of a proxy can be looked at. Thread-safe.
 *
 * @param config what it runs with
 * @param board what it counts
 * @param budget what it holds for clients and servers
 * @param health of the servers, by pool
 * @param pulse of its event loops
 * @param phase where it is between start and end
 * @param transport which kernel interface it uses
 * @param version of the build
 * @param startedAt when it was started
 * @param certificates of its pools, as new as their files
 */
public record ProxyView(
        ProxyConfig config,
        MetricBoard board,
        ProcessBudget budget,
        List<HealthBoard> health,
        WorkerPulse pulse,
        Supplier<ServingPhase> phase,
        String transport,
        String version,
        Instant startedAt,
        Supplier<List<Reloading<?>>> certificates) {

    public ProxyView {
        health = List.copyOf(health);
    }

    /** Without TLS. */
    public ProxyView(
            ProxyConfig config,
            MetricBoard board,
            ProcessBudget budget,
            List<HealthBoard> health,
            WorkerPulse pulse,
            Supplier<ServingPhase> phase,
            String transport,
            String version,
            Instant startedAt) {
        this(config, board, budget, health, pulse, phase, transport, version, startedAt, List::of);
    }
}
