package io.sluice.routing.cluster;

import java.util.Optional;
import java.util.Set;

/** Handoffs whose slots wait; and the one change that needs no term: that nobody's stay so. */
public final class Freezes {

    private Freezes() {}

    /** Whether there are any. */
    public static boolean areIn(Topology topology) {
        return topology.pools().keySet().stream()
                .flatMap(pool -> topology.slotPool(pool).stream())
                .flatMap(pool -> pool.handoffs().values().stream())
                .anyMatch(handoff -> handoff.state() == HandoffState.FREEZE);
    }

    /** Whether nothing has changed but that slots of handoffs wait which were on their way before. */
    public static boolean areAllThatIsNew(Topology before, Topology after) {
        Topology undone = after;
        for (String pool : after.pools().keySet()) {
            Optional<SlotPool> then = before.slotPool(pool);
            Optional<SlotPool> now = after.slotPool(pool);
            if (then.isPresent() && now.isPresent()) {
                undone = undone.withPool(undone(then.get(), now.get()));
            }
        }
        return areIn(after) && undone.pools().equals(before.pools());
    }

    private static SlotPool undone(SlotPool before, SlotPool after) {
        SlotPool undone = after;
        for (Handoff handoff : after.handoffs().values()) {
            Optional<Handoff> then = before.handoff(handoff.id());
            if (handoff.state() == HandoffState.FREEZE && then.isPresent()) {
                undone = handoff.equals(then.get().in(HandoffState.FREEZE)) ? undone.withHandoff(then.get()) : undone;
            }
        }
        return undone;
    }

    /** The same with these handoffs in COPY, as far as they are in FREEZE. */
    public static Topology ended(Topology before, Set<String> handoffs) {
        Topology after = before;
        for (String pool : before.pools().keySet()) {
            Optional<SlotPool> slots = before.slotPool(pool);
            if (slots.isPresent()) {
                after = after.withPool(ended(slots.get(), handoffs));
            }
        }
        return after;
    }

    private static SlotPool ended(SlotPool before, Set<String> handoffs) {
        SlotPool after = before;
        for (Handoff handoff : before.handoffs().values()) {
            if (handoff.state() == HandoffState.FREEZE && handoffs.contains(handoff.id())) {
                after = after.withHandoff(handoff.in(HandoffState.COPY));
            }
        }
        return after;
    }
}
