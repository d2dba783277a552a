package io.sluice.manager.change;

import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.WaitingMove;
import java.util.Optional;

/**
 * Slots get an owner by decree: no key is moved.
 *
 * @param force also if another shard owns some of them, and so may have their keys
 */
public record AssignSlots(String pool, String shard, SlotSet slots, boolean force) implements TopologyChange {

    @Override
    public String title() {
        return "slots assign " + slots + " to " + shard + " in " + pool + (force ? " --force" : "");
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        SlotPool found = Inventory.slotPool(before, pool, "");
        if (Inventory.shard(found, shard).draining()) {
            throw new ChangeRefusedException("shard '" + shard + "' is being drained: it gets no slots");
        }
        Optional<Handoff> replacing = found.replacing(shard);
        if (replacing.isPresent()) {
            throw new ChangeRefusedException("shard '" + shard + "' is made a replica by "
                    + PoolText.described(replacing.get()) + ": wait for it, or abort it first");
        }
        if (slots.isEmpty()) {
            throw new ChangeRefusedException("no slots were named; expected some such as 0-8191,9000");
        }
        AddShard.rejectOutside(found, slots);
        for (Handoff handoff : found.handoffs().values()) {
            if (handoff.slots().intersects(slots)) {
                throw new ChangeRefusedException("slots of " + PoolText.described(handoff)
                        + " are on their way: wait for it, or abort it first");
            }
        }
        for (WaitingMove move : found.waiting().values()) {
            if (move.slots().intersects(slots)) {
                throw new ChangeRefusedException(
                        "slots of " + PoolText.described(move) + " are to move: wait for it, or abort it first");
            }
        }
        return StrandedKeys.unlessStranded(before, before.withPool(found.withOwner(slots, shard)), force);
    }
}
