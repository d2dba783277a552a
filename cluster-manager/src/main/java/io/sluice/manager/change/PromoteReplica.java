package io.sluice.manager.change;

import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.config.Words;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A replica becomes its shard's primary, and the primary a replica. Only the topology says so: whoever asks for it has
 * made the server a primary, or does so at once. Nothing changes if it is the primary already.
 *
 * @param server host:port of a replica
 */
public record PromoteReplica(String pool, String shard, ServerAddress server) implements TopologyChange {

    @Override
    public String title() {
        return "server promote " + server + " in shard " + shard + " of " + pool;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        SlotPool found = Inventory.slotPool(before, pool, ", and no primaries");
        Shard old = Inventory.shard(found, shard);
        if (old.primary().equals(server)) {
            return before;
        }
        if (!old.replicas().contains(server)) {
            throw new ChangeRefusedException(Words.quoted(server.toString()) + " is no replica of shard '" + shard
                    + "'; "
                    + (old.replicas().isEmpty()
                            ? "it has none: add one with 'server add'"
                            : "its replicas are: " + String.join(", ", names(old.replicas()))));
        }
        List<ServerAddress> replicas = new ArrayList<>(old.replicas());
        replicas.set(replicas.indexOf(server), old.primary());
        return before.withPool(found.withShard(old.withServers(server, replicas)));
    }

    private static List<String> names(List<ServerAddress> servers) {
        return servers.stream().map(ServerAddress::toString).toList();
    }
}
