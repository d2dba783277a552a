package io.sluice.manager.change;

import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyPool;

/**
 * A pool goes, its servers and their keys stay as they are.
 *
 * @param force also if its servers have keys
 */
public record RemovePool(String pool, boolean force) implements TopologyChange {

    @Override
    public String title() {
        return "pool remove " + pool + (force ? " --force" : "");
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        TopologyPool found = Inventory.pool(before, pool);
        if (found instanceof SlotPool slots && !slots.handoffs().isEmpty()) {
            throw new ChangeRefusedException("slots of pool '" + pool + "' are on their way (handoffs "
                    + String.join(", ", slots.handoffs().keySet()) + "): wait for them, or abort them first");
        }
        if (found instanceof RingPool ring) {
            RingPassage.atRest(ring);
        }
        return StrandedKeys.unlessStranded(before, before.withoutPool(pool), force);
    }
}
