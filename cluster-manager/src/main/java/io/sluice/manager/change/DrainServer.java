package io.sluice.manager.change;

import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;

/**
 * A server of a ring goes without a loss, step by step: a cache's values are found until they have had time to be asked
 * for, queues are emptied by their consumers. In a pool with shards it is refused, and says what can be done.
 *
 * @param server its address; in a ring its name as well
 * @param passage how a ring gets there
 */
public record DrainServer(String pool, String server, RingPassage passage) implements TopologyChange {

    @Override
    public String title() {
        return "server drain " + server + " of " + pool + passage.options();
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        if (Inventory.pool(before, pool) instanceof RingPool ring) {
            RingPool left = RemoveServer.without(RingPassage.atRest(ring), server);
            return before.withPool(passage.begin(ring, left.definition().servers(), before.epoch() + 1));
        }
        throw refusal(Inventory.slotPool(before, pool, ""));
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
