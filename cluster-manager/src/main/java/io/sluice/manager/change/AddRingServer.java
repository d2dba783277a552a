package io.sluice.manager.change;

import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.topology.Server;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A ring gets one more server, and with it some keys of the others.
 *
 * @param force also if the ring holds keys that are no cache
 * @param passage how it gets there under traffic; null for at once
 */
public record AddRingServer(
        String pool, Server server, boolean force, @Nullable RingPassage passage) implements TopologyChange {

    /** At once. */
    public AddRingServer(String pool, Server server, boolean force) {
        this(pool, server, force, null);
    }

    @Override
    public String title() {
        return "server add " + server.name() + " to " + pool
                + (force ? " --force" : "")
                + (passage == null ? "" : passage.options());
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        RingPool found = RingPassage.atRest(
                Inventory.ringPool(before, pool, "; say which shard gets the server, or use 'shard add'"));
        for (Server other : found.definition().servers()) {
            if (other.name().equals(server.name()) || other.address().equals(server.address())) {
                throw new ChangeRefusedException("pool '" + pool + "' has " + PoolText.described(other)
                        + " already; expected each name and each address once");
            }
        }
        List<Server> servers = new ArrayList<>(found.definition().servers());
        servers.add(server);
        return passage == null
                ? StrandedKeys.unlessStranded(before, before.withPool(found.withServers(servers)), force)
                : before.withPool(passage.begin(found, servers, before.epoch() + 1));
    }
}
