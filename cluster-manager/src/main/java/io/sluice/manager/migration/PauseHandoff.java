package io.sluice.manager.migration;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.HandoffOrder;
import io.sluice.manager.change.TopologyChange;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.Topology;
import java.util.Optional;

/**
 * Slots stay where they are until somebody says that it goes on. One that is frozen is thawed by the same write: its
 * clients do not wait for somebody who is asleep.
 */
public record PauseHandoff(String pool, String id) implements TopologyChange {

    @Override
    public String title() {
        return "migrations pause " + id;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        FoundHandoff found = FoundHandoff.in(before, pool, id);
        Handoff handoff = found.handoff();
        return handoff.state() == HandoffState.FREEZE
                ? before.withPool(found.pool().withHandoff(handoff.in(HandoffState.COPY)))
                : before;
    }

    @Override
    public Optional<HandoffOrder> order() {
        return Optional.of(new HandoffOrder(id, orders -> orders.paused(true)));
    }
}
