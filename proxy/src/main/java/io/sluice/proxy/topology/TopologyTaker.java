package io.sluice.proxy.topology;

import io.sluice.routing.cluster.Topology;
import java.util.concurrent.CompletionStage;

/** Who serves by topologies. Called by one thread at a time. */
public interface TopologyTaker {

    /** Whether it could be served; throws if not, and changes nothing either way. */
    void check(Topology topology) throws TopologyRefusedException;

    /**
     * Serves by it from now on; throws, having changed nothing, if it cannot. May block until all event loops follow.
     *
     * @return done once nothing that is under way depends on an older one
     */
    CompletionStage<Void> take(Topology topology) throws TopologyRefusedException;
}
