package io.sluice.manager.change;

import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.List;

/** A shard gets one more replica. */
public record AddReplica(String pool, String shard, ServerAddress server) implements TopologyChange {

    @Override
    public String title() {
        return "server add " + server + " to shard " + shard + " of " + pool;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        SlotPool found = Inventory.slotPool(before, pool, "; leave the shard out");
        Shard old = Inventory.shard(found, shard);
        Inventory.rejectTaken(found, server);
        List<ServerAddress> replicas = new ArrayList<>(old.replicas());
        replicas.add(server);
        return before.withPool(found.withShard(old.withServers(old.primary(), replicas)));
    }
}
