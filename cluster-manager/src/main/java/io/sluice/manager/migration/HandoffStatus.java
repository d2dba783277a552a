package io.sluice.manager.migration;

import io.sluice.manager.migration.engine.CopyProgress;
import io.sluice.routing.cluster.Handoff;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a handoff stands, for people.
 *
 * @param pool its pool
 * @param handoff as it stands in the topology
 * @param step what is done or waited for, in a few words
 * @param waitsFor what keeps it from the next step; empty if nothing does
 * @param progress of the copy
 * @param numbers of the copy; null between attempts
 * @param frozenFor how long it has been frozen now; zero if it is not
 * @param lastFreeze how long the last freeze lasted; zero if there was none
 * @param lastError what went wrong last; empty if nothing did
 */
public record HandoffStatus(
        String pool,
        Handoff handoff,
        String step,
        List<String> waitsFor,
        String progress,
        @Nullable CopyProgress numbers,
        Duration frozenFor,
        Duration lastFreeze,
        String lastError) {

    public HandoffStatus {
        waitsFor = List.copyOf(waitsFor);
    }

    /** Of the copy that runs. */
    public Optional<CopyProgress> copy() {
        return Optional.ofNullable(numbers);
    }
}
