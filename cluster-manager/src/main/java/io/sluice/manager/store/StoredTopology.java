package io.sluice.manager.store;

import io.sluice.routing.cluster.Topology;

/**
 * A topology as it was read.
 *
 * @param topology {@link Topology#NONE} if nothing has been written yet
 * @param version what must not have changed when it is replaced: the data version of its node, -1 if there is none
 * @param zxid the transaction that wrote it; 0 if there is none
 */
public record StoredTopology(Topology topology, int version, long zxid) {

    /** Where it does not matter which transaction it was. */
    public StoredTopology(Topology topology, int version) {
        this(topology, version, 0);
    }
}
