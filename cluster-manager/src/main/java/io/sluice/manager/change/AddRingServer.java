package io.sluice.manager.change;

import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.topology.Server;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A ring gets one more server, and with it some keys of the others.
 *
 * @param force also if the ring holds keys that are no cache
 */
public record AddRingServer(String pool, Server server, boolean force) implements TopologyChange {

    @Override
    public String title() {
        return "server add " + server.name() + " to " + pool + (force ? " --force" : "");
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        RingPool found = Inventory.ringPool(before, pool, "; say which shard gets the server, or use 'shard add'");
        for (Server other : found.definition().servers()) {
            if (other.name().equals(server.name()) || other.address().equals(server.address())) {
                throw new ChangeRefusedException("pool '" + pool + "' has " + PoolText.described(other)
                        + " already; expected each name and each address once");
            }
        }
        List<Server> servers = new ArrayList<>(found.definition().servers());
        servers.add(server);
        return StrandedKeys.unlessStranded(before, before.withPool(with(found, servers)), force);
    }

    /** The ring with other servers, in the order in which such rings have them. */
    static RingPool with(RingPool ring, Collection<Server> servers) {
        PoolDefinition old = ring.definition();
        List<Server> sorted = servers.stream().sorted(Server.RING_ORDER).toList();
        return new RingPool(
                ring.protocol(),
                new PoolDefinition(
                        old.name(), old.hash(), old.hashTag(), old.distribution(), sorted, old.slotOwners()));
    }
}
