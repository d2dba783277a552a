package io.sluice.manager.balance;

import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.WaitingMove;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Moves that would meet a wish, for people to look at before they have them begun.
 *
 * @param epoch of the topology that it was made for
 * @param seconds that all of it takes at least, at the limits of a copy; null if that is not known
 * @param notes how the numbers came about, and what is left out
 */
public record Proposal(
        long epoch,
        String pool,
        Wish wish,
        List<Part> parts,
        List<Step> steps,
        @Nullable Double seconds,
        List<String> notes) {

    public Proposal {
        parts = List.copyOf(parts);
        steps = List.copyOf(steps);
        notes = List.copyOf(notes);
    }

    /** What is stored in some slots; null for what is not known. */
    public record Load(@Nullable Double keys, @Nullable Double bytes) {}

    /** A shard, when all that was begun before is done, and after the moves. */
    public record Part(String shard, int weight, SlotSet now, Load nowLoad, SlotSet then, Load thenLoad) {}

    /**
     * A move, and what it takes.
     *
     * @param seconds at the limits of a copy, the first pass alone; null if that is not known
     */
    public record Step(
            WaitingMove move, Load load, @Nullable Double seconds) {}
}
