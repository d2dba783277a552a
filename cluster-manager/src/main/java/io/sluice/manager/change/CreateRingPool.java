package io.sluice.manager.change;

import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Topology;

/** A new pool whose servers stand alone: ketama, modula or random. */
public record CreateRingPool(RingPool ring) implements TopologyChange {

    @Override
    public String title() {
        return "pool create " + ring.name();
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        CreateSlotPool.rejectExisting(before, ring.name());
        return before.withPool(ring);
    }
}
