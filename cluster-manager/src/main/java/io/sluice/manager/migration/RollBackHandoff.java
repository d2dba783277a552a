package io.sluice.manager.migration;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.HandoffOrder;
import io.sluice.manager.change.TopologyChange;
import io.sluice.manager.store.EngineWish;
import io.sluice.manager.store.Orders;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import java.util.Optional;

/**
 * Slots go back to where they came from. Before the switch that is an abort. Afterwards a handoff in the other direction
 * takes the place of the first in one write, so that nobody takes keys off the shard to which they return: what the first
 * one had still to clean there, the second one clears before it copies.
 *
 * @param back the id of the handoff in the other direction, unlike that of any other handoff ever
 * @param orders for it
 */
public record RollBackHandoff(String pool, String id, String back, Orders orders) implements TopologyChange {

    @Override
    public String title() {
        return "migrations rollback " + id + " (" + back + ")";
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        FoundHandoff found = FoundHandoff.in(before, pool, id);
        if (orders.engine() == EngineWish.REPLICA) {
            throw new ChangeRefusedException("engine replica takes everything off the shard to which it copies, and '"
                    + found.handoff().from() + "' may have slots and keys; to give slots back take another engine");
        }
        SlotPool without = found.pool().withoutHandoff(id);
        if (!found.isSwitched()) {
            return before.withPool(without);
        }
        Handoff done = found.handoff();
        return new BeginHandoff(pool, back, done.slots(), done.to(), done.from())
                .inPlaceOfAnother(before.withPool(without));
    }

    @Override
    public Optional<HandoffOrder> order() {
        return orders.equals(Orders.NONE) ? Optional.empty() : Optional.of(new HandoffOrder(back, none -> orders));
    }
}
