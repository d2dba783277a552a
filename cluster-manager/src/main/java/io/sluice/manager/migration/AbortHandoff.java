package io.sluice.manager.migration;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.TopologyChange;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;

/** Slots that have not arrived stay where they are; whoever leads takes the copies away again. */
public record AbortHandoff(String pool, String id) implements TopologyChange {

    @Override
    public String title() {
        return "migrations abort " + id;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        SlotPool slotPool = before.slotPool(pool)
                .orElseThrow(() -> new ChangeRefusedException("there is no slot pool '" + pool + "'"));
        if (slotPool.waiting().containsKey(id)) {
            return before.withPool(slotPool.withoutWaiting(id));
        }
        Handoff handoff = slotPool.handoff(id)
                .orElseThrow(
                        () -> new ChangeRefusedException("there is no handoff '" + id + "' in pool '" + pool + "'"));
        if (handoff.state() == HandoffState.SWITCHED) {
            throw new ChangeRefusedException("the slots of '" + id + "' belong to '" + handoff.to()
                    + "' already; move them back when it is done");
        }
        return before.withPool(slotPool.withoutHandoff(id));
    }
}
