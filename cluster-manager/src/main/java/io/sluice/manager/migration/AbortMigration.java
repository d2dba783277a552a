package io.sluice.manager.migration;

import io.sluice.manager.change.AbortRingChange;
import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.TopologyChange;
import io.sluice.routing.cluster.Topology;
import java.time.Instant;

/**
 * Whatever is on its way in a pool stays where it was.
 *
 * @param now when somebody asked for it
 */
public record AbortMigration(String pool, String id, Instant now) implements TopologyChange {

    @Override
    public String title() {
        return "migrations abort " + id;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        return before.ringPool(pool).isPresent()
                ? new AbortRingChange(pool, id, now).applyTo(before)
                : new AbortHandoff(pool, id).applyTo(before);
    }
}
