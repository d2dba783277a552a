package io.sluice.proxy.admin;

import io.sluice.proxy.health.ServerHealth;
import io.sluice.proxy.metrics.MetricBoard.ServerTotals;
import io.sluice.routing.topology.Server;
import java.time.Instant;
import java.util.Optional;

/**
 * One server of a pool's configuration as it can be looked at. Thread-safe.
 *
 * @param totals what is counted of it
 * @param health how far it is trusted
 */
public record ServerView(Server server, ServerTotals totals, ServerHealth health) {

    /** When probes of a server that is left out begin, or have begun; empty if it is in use. */
    Optional<Instant> ejectedUntil() {
        return health.probedFrom();
    }

    /** When it was last ejected; empty if it never was. */
    Optional<Instant> ejectedAt() {
        return health.ejectedAt();
    }

    /** How often it has been ejected. */
    int ejections() {
        return health.ejections();
    }
}
