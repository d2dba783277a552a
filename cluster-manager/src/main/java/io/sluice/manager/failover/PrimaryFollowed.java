package io.sluice.manager.failover;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.TopologyChange;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The primary of a shard is another server now, whoever made it so; the one before becomes a replica. Done already, it
 * does nothing; refused if the shard has got a third primary in the meantime.
 *
 * @param from the primary when it was looked at
 * @param to the primary that was found
 */
public record PrimaryFollowed(String pool, String shard, ServerAddress from, ServerAddress to)
        implements TopologyChange {

    @Override
    public String title() {
        return "follow primary of " + pool + "/" + shard + " from " + from + " to " + to;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        SlotPool slots = before.slotPool(pool)
                .orElseThrow(() -> new ChangeRefusedException("pool '" + pool + "' has no shards now"));
        Shard now = slots.shard(shard)
                .orElseThrow(() -> new ChangeRefusedException("pool '" + pool + "' has no shard '" + shard + "' now"));
        if (now.primary().equals(to)) {
            return before;
        }
        if (!now.primary().equals(from)) {
            throw new ChangeRefusedException(
                    "the primary of shard '" + shard + "' is " + now.primary() + " now, no longer " + from);
        }
        rejectElsewhere(slots);
        return before.withPool(slots.withShard(now.withServers(to, replicasOf(now))));
    }

    /** A server in two shards would get the keys of both. */
    private void rejectElsewhere(SlotPool slots) throws ChangeRefusedException {
        for (Shard other : slots.shards().values()) {
            if (!other.name().equals(shard)
                    && (other.primary().equals(to) || other.replicas().contains(to))) {
                throw new ChangeRefusedException(to + " belongs to shard '" + other.name() + "'; is the name of the"
                        + " master that sentinels watch for shard '" + shard + "' right?");
            }
        }
    }

    /** The old primary takes the place that the new one had, or the last if nobody knew that one. */
    private List<ServerAddress> replicasOf(Shard now) {
        List<ServerAddress> replicas = new ArrayList<>(now.replicas());
        int place = replicas.indexOf(to);
        if (place >= 0) {
            replicas.set(place, from);
        } else if (replicas.size() < Shard.MAX_REPLICAS) {
            replicas.add(from);
        }
        return replicas;
    }
}
