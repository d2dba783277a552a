package io.sluice.manager.migration;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.HandoffOrder;
import io.sluice.manager.change.TopologyChange;
import io.sluice.routing.cluster.Topology;
import java.util.Optional;

/** What was paused goes on. */
public record ResumeHandoff(String pool, String id) implements TopologyChange {

    @Override
    public String title() {
        return "migrations resume " + id;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        FoundHandoff.in(before, pool, id);
        return before;
    }

    @Override
    public Optional<HandoffOrder> order() {
        return Optional.of(new HandoffOrder(id, orders -> orders.paused(false)));
    }
}
