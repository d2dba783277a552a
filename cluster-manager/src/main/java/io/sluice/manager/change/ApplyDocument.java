package io.sluice.manager.change;

import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyPool;
import java.util.HashMap;
import java.util.Map;

/**
 * Everything becomes as a document has it. Its epoch and term are passed over; handoffs are not changed this way.
 *
 * @param file what people call the document
 * @param force also if keys are looked for at other servers then
 */
public record ApplyDocument(String file, Topology document, boolean force) implements TopologyChange {

    @Override
    public String title() {
        return "topology apply " + file + (force ? " --force" : "");
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        if (!handoffs(before).equals(handoffs(document))) {
            throw new ChangeRefusedException("the document has other handoffs ("
                    + String.join(", ", handoffs(document).keySet()) + ") than the cluster ("
                    + String.join(", ", handoffs(before).keySet())
                    + "): they are begun and ended by their own commands. Take them as 'topology show' has them, or"
                    + " wait until there are none");
        }
        rejectOtherRings(before);
        return StrandedKeys.unlessStranded(before, document, force);
    }

    /** A ring that is on its way changes by its steps only. */
    private void rejectOtherRings(Topology before) throws ChangeRefusedException {
        for (TopologyPool pool : before.pools().values()) {
            TopologyPool other = document.pools().get(pool.name());
            if (isOnItsWay(pool) && !pool.equals(other)) {
                throw new ChangeRefusedException("pool '" + pool.name() + "' is on its way to other servers: take it"
                        + " as 'topology show' has it, or wait until that is done");
            }
        }
        for (TopologyPool pool : document.pools().values()) {
            if (isOnItsWay(pool) && !pool.equals(before.pools().get(pool.name()))) {
                throw new ChangeRefusedException("pool '" + pool.name() + "' is on its way to other servers in the"
                        + " document, and not in the cluster: such changes are begun by their own commands");
            }
        }
    }

    private static boolean isOnItsWay(TopologyPool pool) {
        return pool instanceof RingPool ring && ring.underway().isPresent();
    }

    private static Map<String, Record> handoffs(Topology topology) {
        Map<String, Record> handoffs = new HashMap<>();
        for (TopologyPool pool : topology.pools().values()) {
            if (pool instanceof SlotPool slots) {
                slots.handoffs().forEach((id, handoff) -> handoffs.put(pool.name() + "/" + id, handoff));
                slots.waiting().forEach((id, move) -> handoffs.put(pool.name() + "/" + id, move));
            }
        }
        return handoffs;
    }
}
