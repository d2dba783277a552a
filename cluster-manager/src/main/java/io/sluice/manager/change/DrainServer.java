package io.sluice.manager.change;

import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.topology.PoolProtocol;

/**
 * A server goes without a loss. A cache may lose what it has; where keys would have to be moved first, it is refused,
 * and says what can be done.
 *
 * @param server its address; in a ring its name as well
 */
public record DrainServer(String pool, String server) implements TopologyChange {

    @Override
    public String title() {
        return "server drain " + server + " of " + pool;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        if (Inventory.pool(before, pool) instanceof RingPool ring) {
            return before.withPool(drained(ring));
        }
        throw refusal(Inventory.slotPool(before, pool, ""));
    }

    private RingPool drained(RingPool ring) throws ChangeRefusedException {
        RingPool left = RemoveServer.without(ring, server);
        if (ring.protocol() != PoolProtocol.MEMCACHE) {
            throw new ChangeRefusedException("the keys of " + server + " would be looked for at the other servers of"
                    + " pool '" + pool + "', and nothing moves them there: they would be lost. If the pool is only a"
                    + " cache, use 'server remove --force'");
        }
        return left;
    }

    private ChangeRefusedException refusal(SlotPool slots) throws ChangeRefusedException {
        Shard shard = Inventory.shardOf(slots, server);
        if (!shard.primary().toString().equals(server)) {
            return new ChangeRefusedException(server + " is a replica of shard '" + shard.name()
                    + "': nothing is lost without it; use 'server remove'");
        }
        if (shard.slots().isEmpty()) {
            return new ChangeRefusedException("shard '" + shard.name()
                    + "' owns no slots, so there is nothing to drain; use 'shard remove " + shard.name() + "'");
        }
        return new ChangeRefusedException(server + " is the primary of shard '" + shard.name() + "', which owns "
                + PoolText.described(shard.slots()) + ". If one of its replicas can take over, use 'server promote',"
                + " then 'server remove'; else its slots have to be moved to another shard first");
    }
}
