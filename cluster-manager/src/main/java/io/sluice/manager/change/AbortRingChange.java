package io.sluice.manager.change;

import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingChangeState;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Topology;
import java.time.Instant;

/**
 * A ring keeps the servers it had: at once if nothing is on the new ones yet, else by going back step by step.
 *
 * @param now when somebody asked for it
 */
public record AbortRingChange(String pool, String id, Instant now) implements TopologyChange {

    @Override
    public String title() {
        return "migrations abort " + id;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        RingPool ring = Inventory.ringPool(before, pool, "");
        RingChange change = ring.underway()
                .filter(found -> found.id().equals(id))
                .orElseThrow(
                        () -> new ChangeRefusedException("there is no change '" + id + "' in pool '" + pool + "'"));
        if (change.back() || change.turning()) {
            throw new ChangeRefusedException("'" + id + "' is on its way back already; when it is done, begin anew");
        }
        return before.withPool(
                switch (change.state()) {
                    case PREPARE, INVALIDATE -> ring.withoutChange();
                    case WINDOW, CLOSING ->
                        ring.withChange(change.in(
                                        RingChangeState.INVALIDATE,
                                        before.epoch() + 1,
                                        Instant.ofEpochMilli(now.toEpochMilli()))
                                .asTurning());
                    case TURNING, DRAINING -> ring.withChange(change.asTurning());
                });
    }
}
