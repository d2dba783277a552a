package io.sluice.manager.migration;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;

/** A handoff that is under way, and its pool. */
record FoundHandoff(SlotPool pool, Handoff handoff) {

    /** Refused, with what to do next, if there is none. */
    static FoundHandoff in(Topology topology, String pool, String id) throws ChangeRefusedException {
        SlotPool slots = topology.slotPool(pool)
                .orElseThrow(() -> new ChangeRefusedException("there is no slot pool '" + pool + "'"));
        if (slots.waiting().containsKey(id)) {
            throw new ChangeRefusedException(
                    "'" + id + "' has not begun: it waits for its turn. 'ctl migrations abort " + id + "' gives it up");
        }
        Handoff handoff = slots.handoff(id)
                .orElseThrow(() -> new ChangeRefusedException("there is no handoff '" + id + "' in pool '" + pool
                        + "': it is over, or never was; 'ctl migrations' shows those under way, 'ctl history' the"
                        + " others, and 'ctl slots move' moves slots back"));
        return new FoundHandoff(slots, handoff);
    }

    boolean isSwitched() {
        return handoff.state() == HandoffState.SWITCHED;
    }
}
