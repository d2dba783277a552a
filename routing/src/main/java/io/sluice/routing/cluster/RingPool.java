package io.sluice.routing.cluster;

import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.topology.PoolProtocol;

/** A pool whose keys are spread by ketama, modula or at random over servers that each stand alone. */
public record RingPool(PoolProtocol protocol, PoolDefinition definition) implements TopologyPool {

    @Override
    public String name() {
        return definition.name();
    }
}
