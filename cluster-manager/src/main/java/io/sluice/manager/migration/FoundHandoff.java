package io.sluice.manager.migration;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import java.util.Optional;

/** A handoff that is under way, and its pool. */
record FoundHandoff(SlotPool pool, Handoff handoff) {

    /** Refused, with what to do next, if there is none. */
    static FoundHandoff in(Topology topology, String pool, String id) throws ChangeRefusedException {
        Optional<RingChange> ring = topology.ringPool(pool).flatMap(RingPool::underway);
        if (ring.isPresent() && ring.get().id().equals(id)) {
            throw new ChangeRefusedException(
                    "'" + id + "' is a change of a ring, not of slots: nothing is copied that could"
                            + " be paused, limited or rolled back by itself. 'ctl migrations' shows what it waits for, 'ctl"
                            + " migrations abort " + id + "' gives it up, by way of back where it has to");
        }
        if (topology.ringPool(pool).isPresent()) {
            throw new ChangeRefusedException("no change '" + id + "' is on its way in pool '" + pool
                    + "', which is a ring; 'ctl migrations' shows what is, 'ctl history' what was");
        }
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
