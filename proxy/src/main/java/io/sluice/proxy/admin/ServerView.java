package io.sluice.proxy.admin;

import io.sluice.proxy.health.HealthBoard;
import io.sluice.proxy.metrics.MetricBoard.ServerTotals;
import io.sluice.routing.topology.Server;
import java.time.Instant;
import java.util.Optional;

/**
 * One server of a pool's configuration as it can be looked at. Thread-safe.
 *
 * @param totals what is counted of it
 * @param health who knows how it does
 * @param index where it stands there
 */
public record ServerView(Server server, ServerTotals totals, HealthBoard health, int index) {

    /** When a server that is ejected now is to come back; empty if it is in use. */
    Optional<Instant> ejectedUntil() {
        return health.ejectedUntil(index);
    }

    /** When it was last ejected; empty if it never was. */
    Optional<Instant> ejectedAt() {
        return health.ejectedAt(index);
    }

    /** How often it has been ejected. */
    int ejections() {
        return health.ejections(index);
    }
}
