package io.sluice.manager.change;

import io.sluice.routing.cluster.Topology;
import java.util.Optional;

/** Something that may be done to a topology. Pure: applied to the same topology, it gives the same. */
public interface TopologyChange {

    /** What it is, in one line for people, such as {@code shard add s3}. */
    String title();

    /** The topology with the change; epoch and term do not matter. */
    Topology applyTo(Topology before) throws ChangeRefusedException;

    /** What it wants of a handoff, which is written down before the topology is changed; most want nothing. */
    default Optional<HandoffOrder> order() {
        return Optional.empty();
    }
}
