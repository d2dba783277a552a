package io.sluice.manager.change;

import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import java.util.Map;

/** A new pool of slots, without shards. */
public record CreateSlotPool(String pool, PoolProtocol protocol, SlotHash hash) implements TopologyChange {

    @Override
    public String title() {
        return "pool create " + pool;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        rejectExisting(before, pool);
        return before.withPool(new SlotPool(pool, protocol, hash, Map.of(), Map.of()));
    }

    static void rejectExisting(Topology before, String pool) throws ChangeRefusedException {
        if (before.pool(pool).isPresent()) {
            throw new ChangeRefusedException("there is a pool '" + pool + "' already: "
                    + PoolText.described(before.pool(pool).get()) + "; expected another name");
        }
    }
}
