package io.sluice.manager.migration.ring;

import io.sluice.routing.cluster.RingChange;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a change of a ring stands, for people.
 *
 * @param pool its pool
 * @param change as it stands in the topology
 * @param step what is done or waited for, in a few words
 * @param waitsFor what keeps it from the next step; empty if nothing does
 * @param end when the state ends, if that is known
 * @param swept leftovers that were taken off the new owners
 * @param queues that their old owners still have, as of the last look
 * @param lastError what went wrong last; empty if nothing did
 */
public record RingStatus(
        String pool,
        RingChange change,
        String step,
        List<String> waitsFor,
        @Nullable Instant end,
        long swept,
        long queues,
        String lastError) {

    public RingStatus {
        waitsFor = List.copyOf(waitsFor);
    }

    /** One that nobody has taken up. */
    public static RingStatus notTakenUp(String pool, RingChange change) {
        return new RingStatus(pool, change, "is taken up soon", List.of(), null, 0, 0, "");
    }

    /** The same change in a state in which nobody has looked at it yet. */
    public RingStatus entering(RingChange next) {
        return new RingStatus(pool, next, "begins", List.of(), null, swept, queues, "");
    }

    /** When the state ends. */
    public Optional<Instant> ends() {
        return Optional.ofNullable(end);
    }
}
