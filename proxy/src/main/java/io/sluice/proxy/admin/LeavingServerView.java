package io.sluice.proxy.admin;

import io.sluice.proxy.metrics.MetricBoard.ServerTotals;
import io.sluice.routing.topology.ServerAddress;
import java.time.Instant;

/**
 * A server that the configuration does not have any more.
 *
 * @param totals what is counted of it, and perhaps of another with its name
 * @param drained whether none of its connections is left
 * @param leftAt when the configuration was without it
 */
public record LeavingServerView(
        String name, ServerAddress address, ServerTotals totals, boolean drained, Instant leftAt) {}
