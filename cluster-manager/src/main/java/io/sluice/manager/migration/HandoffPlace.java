package io.sluice.manager.migration;

import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import java.util.Optional;

/**
 * Where a handoff stands in topologies, and those with another one in its place. Pure.
 *
 * @param pool its name
 * @param id of the handoff
 */
record HandoffPlace(String pool, String id) {

    Optional<Handoff> in(Topology topology) {
        return topology.slotPool(pool).flatMap(slots -> slots.handoff(id));
    }

    Topology with(Topology topology, Handoff handoff) {
        return topology.withPool(poolOf(topology).withHandoff(handoff));
    }

    /** Its slots are the target's. */
    Topology switchedIn(Topology topology, Handoff handoff) {
        return topology.withPool(poolOf(topology)
                .withOwner(handoff.slots(), handoff.to())
                .withHandoff(handoff.in(HandoffState.SWITCHED)));
    }

    Topology without(Topology topology) {
        return topology.withPool(poolOf(topology).withoutHandoff(id));
    }

    private SlotPool poolOf(Topology topology) {
        return topology.slotPool(pool).orElseThrow();
    }
}
