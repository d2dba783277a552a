package io.sluice.manager.migration;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.TopologyChange;
import io.sluice.routing.cluster.Topology;

/** Slots that have not arrived stay where they are; whoever leads takes the copies away again. */
public record AbortHandoff(String pool, String id) implements TopologyChange {

    @Override
    public String title() {
        return "migrations abort " + id;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        if (before.slotPool(pool)
                .filter(slots -> slots.waiting().containsKey(id))
                .isPresent()) {
            return before.withPool(before.slotPool(pool).orElseThrow().withoutWaiting(id));
        }
        FoundHandoff found = FoundHandoff.in(before, pool, id);
        if (found.isSwitched()) {
            throw new ChangeRefusedException("the slots of '" + id + "' belong to '"
                    + found.handoff().to() + "' already; to give them back: 'ctl migrations rollback " + id + "'");
        }
        return before.withPool(found.pool().withoutHandoff(id));
    }
}
