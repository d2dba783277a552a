package io.sluice.manager.change;

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
        return StrandedKeys.unlessStranded(before, document, force);
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
