package io.sluice.manager.migration;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.TopologyChange;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import java.util.Optional;

/** Moves of a pool that have waited set out, as far as it is their turn. Changes nothing if it is not. */
public record BeginWaiting(String pool) implements TopologyChange {

    @Override
    public String title() {
        return "next moves of " + pool;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        Optional<SlotPool> slotPool = before.slotPool(pool);
        return slotPool.isEmpty() ? before : before.withPool(Turns.next(slotPool.get(), before.epoch() + 1));
    }
}
