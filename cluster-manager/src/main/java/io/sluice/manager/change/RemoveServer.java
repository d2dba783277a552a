package io.sluice.manager.change;

import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.util.List;

/**
 * A replica goes, or a server of a ring with the keys it has.
 *
 * @param server its address; in a ring its name as well
 * @param force also if a ring's server has keys that are no cache
 */
public record RemoveServer(String pool, String server, boolean force) implements TopologyChange {

    @Override
    public String title() {
        return "server remove " + server + " from " + pool + (force ? " --force" : "");
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        return Inventory.pool(before, pool) instanceof RingPool ring
                ? StrandedKeys.unlessStranded(before, before.withPool(without(RingPassage.atRest(ring), server)), force)
                : before.withPool(withoutReplica(Inventory.slotPool(before, pool, "")));
    }

    static RingPool without(RingPool ring, String server) throws ChangeRefusedException {
        Server going = Inventory.server(ring, server);
        List<Server> left = ring.definition().servers().stream()
                .filter(other -> !other.equals(going))
                .toList();
        if (left.isEmpty()) {
            throw new ChangeRefusedException("'" + server + "' is the last server of pool '" + ring.name()
                    + "'; add another one first, or remove the pool");
        }
        return ring.withServers(left);
    }

    private SlotPool withoutReplica(SlotPool slots) throws ChangeRefusedException {
        Shard shard = Inventory.shardOf(slots, server);
        if (shard.primary().toString().equals(server)) {
            throw new ChangeRefusedException(server + " is the primary of shard '" + shard.name()
                    + "'; promote a replica first ('server promote'), or remove the shard once it owns no slots");
        }
        List<ServerAddress> left = shard.replicas().stream()
                .filter(replica -> !replica.toString().equals(server))
                .toList();
        return slots.withShard(shard.withServers(shard.primary(), left));
    }
}
