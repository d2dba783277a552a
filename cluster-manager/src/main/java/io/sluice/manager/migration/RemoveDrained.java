package io.sluice.manager.migration;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.TopologyChange;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;

/** A shard that was to be drained goes, if nothing is left there. Changes nothing else, and nothing if something is. */
record RemoveDrained(String pool, String shard) implements TopologyChange {

    @Override
    public String title() {
        return "shard drain " + shard + " of " + pool + " is done";
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        return before.slotPool(pool)
                .filter(slotPool -> slotPool.shard(shard)
                        .filter(found -> isDrained(slotPool, found))
                        .isPresent())
                .map(slotPool -> before.withPool(slotPool.withoutShard(shard)))
                .orElse(before);
    }

    /** No slot, no handoff and no move that waits has to do with it. */
    static boolean isDrained(SlotPool pool, Shard shard) {
        return shard.draining()
                && shard.slots().isEmpty()
                && pool.waiting().values().stream().noneMatch(move -> move.concerns(shard.name()))
                && pool.handoffs().values().stream()
                        .noneMatch(handoff -> handoff.from().equals(shard.name())
                                || handoff.to().equals(shard.name()));
    }
}
