package io.sluice.manager.balance;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.TopologyChange;
import io.sluice.manager.migration.BeginMoves;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.WaitingMove;
import java.util.Arrays;
import java.util.List;

/**
 * A wish by slots alone, which needs no look at any server: planned and begun at once.
 *
 * @param title what it is
 * @param id of the moves, which have a number behind it
 */
record Planned(String title, String pool, Wish wish, String id) implements TopologyChange {

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        SlotPool slotPool = pool(before, pool);
        double[] costs = new double[slotPool.hash().slots()];
        Arrays.fill(costs, 1);
        List<WaitingMove> moves =
                Rebalancing.named(PoolBalance.of(slotPool, wish).steps(costs), id);
        String leaving = wish.leaving();
        return leaving == null
                ? new BeginMoves("rebalance", pool, moves).applyTo(before)
                : new DrainShard(pool, leaving, moves).applyTo(before);
    }

    static SlotPool pool(Topology topology, String name) throws ChangeRefusedException {
        return topology.slotPool(name)
                .orElseThrow(() -> new ChangeRefusedException("there is no slot pool '" + name + "'"));
    }
}
