package io.sluice.manager.change;

import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingChangeState;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Topology;
import java.time.Instant;

/**
 * A ring keeps the servers it had: at once if nothing is on the new ones yet, else by going back step by step. A way back that
 * is aborted leaves the ring with the servers that it was to get: keys that had stayed on the others are served no more, and
 * these must not be stopped before every proxy has acknowledged that.
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
        if (change.turning() || (change.back() && !isBeforeTurning(change))) {
            throw new ChangeRefusedException("'" + id + "' is on its way back already; 'ctl migrations' shows what it"
                    + " waits for. When it is done, begin anew");
        }
        return before.withPool(
                switch (change.state()) {
                    case PREPARE, SEALED, INVALIDATE -> ring.withoutChange();
                    case WINDOW, CLOSING ->
                        ring.withChange(change.in(
                                        RingChangeState.INVALIDATE,
                                        before.epoch() + 1,
                                        Instant.ofEpochMilli(now.toEpochMilli()))
                                .asTurning());
                    case TURNING, DRAINING -> ring.withChange(change.asTurning());
                });
    }

    /** Whether nothing has gone to other servers yet on this way; on the way back the ring keeps those it was to get. */
    private static boolean isBeforeTurning(RingChange change) {
        return switch (change.state()) {
            case PREPARE, SEALED -> true;
            case INVALIDATE, WINDOW, CLOSING, TURNING, DRAINING -> false;
        };
    }
}
