package io.sluice.routing.cluster;

import java.util.Optional;
import java.util.Set;

/** The one change that needs no term: nobody's slots stay frozen. */
public final class Freezes {

    private Freezes() {}

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
