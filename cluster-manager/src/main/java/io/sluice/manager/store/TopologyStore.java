package io.sluice.manager.store;

import io.sluice.routing.cluster.Topology;
import java.util.Set;

/** The one truth about routing. May be used from any thread; all methods block until ZooKeeper has answered. */
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

    /**
     * The same, and the history's entry, in one write: whoever dies in the midst of it has done both or neither.
     *
     * @param why its epochs are those of the two topologies
     */
    StoredTopology replace(StoredTopology before, Topology after, HistoryEntry why) throws StoreException;

    /**
     * Brings handoffs from FREEZE back to COPY and changes nothing else, with the next epoch. Whoever leads or not may, so
     * that clients do not wait for a manager that has died; only if nobody has written since {@code before} was read.
     *
     * @param handoffs their ids; those that are not frozen stay as they are
     */
    StoredTopology endFreezes(StoredTopology before, Set<String> handoffs) throws StoreException;
}
