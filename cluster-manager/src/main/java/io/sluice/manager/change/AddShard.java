package io.sluice.manager.change;

import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.topology.ServerAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A new shard.
 *
 * @param slots those it gets at once; nobody may own them yet
 */
public record AddShard(String pool, String shard, ServerAddress primary, List<ServerAddress> replicas, SlotSet slots)
        implements TopologyChange {

    public AddShard {
        replicas = List.copyOf(replicas);
    }

    @Override
    public String title() {
        return "shard add " + shard + " to " + pool;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        SlotPool found = Inventory.slotPool(before, pool, "; add the server with 'server add'");
        if (found.shard(shard).isPresent()) {
            throw new ChangeRefusedException("pool '" + pool + "' has a shard '" + shard + "' already: "
                    + PoolText.described(found.shard(shard).get()) + "; expected another name");
        }
        Inventory.rejectTaken(found, primary);
        Set<ServerAddress> own = new HashSet<>(Set.of(primary));
        for (ServerAddress replica : replicas) {
            Inventory.rejectTaken(found, replica);
            if (!own.add(replica)) {
                throw new ChangeRefusedException(replica + " is named twice; expected each server once");
            }
        }
        rejectOutside(found, slots);
        rejectOwned(found);
        return before.withPool(found.withShard(new Shard(shard, primary, replicas, slots)));
    }

    static void rejectOutside(SlotPool pool, SlotSet slots) throws ChangeRefusedException {
        int last = pool.hash().slots() - 1;
        SlotSet outside = slots.without(SlotSet.range(0, last));
        if (!outside.isEmpty()) {
            throw new ChangeRefusedException(PoolText.described(outside) + ": pool '" + pool.name()
                    + "' has no such slots; expected some of 0-" + last);
        }
    }

    private void rejectOwned(SlotPool found) throws ChangeRefusedException {
        SlotSet owned = slots.without(found.unowned());
        if (!owned.isEmpty()) {
            throw new ChangeRefusedException(PoolText.described(owned) + " of pool '" + pool
                    + "' have an owner already; add the shard without slots, then move slots to it");
        }
    }
}
