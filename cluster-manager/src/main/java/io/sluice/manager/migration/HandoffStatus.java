package io.sluice.manager.migration;

import io.sluice.routing.cluster.Handoff;
import java.time.Duration;
import java.util.List;

/**
 * How a handoff stands, for people.
 *
 * @param pool its pool
 * @param handoff as it stands in the topology
 * @param step what is done or waited for, in a few words
 * @param waitsFor what keeps it from the next step; empty if nothing does
 * @param progress of the copy
 * @param lastFreeze how long the last freeze lasted; zero if there was none
 * @param lastError what went wrong last; empty if nothing did
 */
public record HandoffStatus(
        String pool,
        Handoff handoff,
        String step,
        List<String> waitsFor,
        String progress,
        Duration lastFreeze,
        String lastError) {

    public HandoffStatus {
        waitsFor = List.copyOf(waitsFor);
    }
}
