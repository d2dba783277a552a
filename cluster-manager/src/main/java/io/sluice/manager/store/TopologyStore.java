package io.sluice.manager.store;

import io.sluice.routing.cluster.Topology;

/** The one truth about routing. May be used from any thread; both methods block until ZooKeeper has answered. */
public interface TopologyStore {

    /** The newest that a quorum has, as of a moment after the call began. */
    StoredTopology read() throws StoreException;

    /**
     * Writes {@code after} in place of {@code before}, with the next epoch and the writer's term, whatever {@code after}
     * says of these. Only the leader may, and only if nobody has written since {@code before} was read.
     *
     * @return what is written now
     */
    StoredTopology replace(StoredTopology before, Topology after) throws StoreException;
}
