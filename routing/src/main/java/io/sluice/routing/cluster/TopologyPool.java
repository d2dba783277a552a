package io.sluice.routing.cluster;

import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.topology.PoolProtocol;

/** One pool of a cluster. */
public sealed interface TopologyPool permits SlotPool, RingPool {

    String name();

    PoolProtocol protocol();

    /** How its keys are spread over its servers, as a proxy routes them. */
    PoolDefinition definition();
}
