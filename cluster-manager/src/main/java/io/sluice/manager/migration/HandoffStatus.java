package io.sluice.manager.migration;

import io.sluice.manager.migration.engine.CopyProgress;
import io.sluice.manager.store.Orders;
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
 * @param orders what people want of it
 * @param step what is done or waited for, in a few words
 * @param waitsFor what keeps it from the next step; empty if nothing does
 * @param reason why its engine copies; empty before one was chosen
 * @param progress of the copy
 * @param numbers of the copy as they were last; null before it began
 * @param frozenFor how long it has been frozen now; zero if it is not
 * @param lastFreeze how long the last freeze lasted; zero if there was none
 * @param lastError what went wrong last; empty if nothing did
 */
public record HandoffStatus(
        String pool,
        Handoff handoff,
        Orders orders,
        String step,
        List<String> waitsFor,
        String reason,
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

    /** One that nobody has taken up yet. */
    public static HandoffStatus notTakenUp(String pool, Handoff handoff) {
        return new HandoffStatus(
                pool,
                handoff,
                Orders.NONE,
                "is taken up soon",
                List.of(),
                "",
                "",
                null,
                Duration.ZERO,
                Duration.ZERO,
                "");
    }

    /** Share of the way, 0 to 1; does not fall while one copy runs, and is 1 when the target owns the slots. */
    public double done() {
        return switch (handoff.state()) {
            case SWITCHED -> 1;
            case COPY, FREEZE -> COPIED * copy().map(CopyProgress::done).orElse(0.0);
        };
    }

    /** When all keys were copied once, only what was written since is missing. */
    private static final double COPIED = 0.99;
}
