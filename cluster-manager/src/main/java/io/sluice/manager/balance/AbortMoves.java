package io.sluice.manager.balance;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.TopologyChange;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.WaitingMove;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What has not arrived stays where it is: moves that wait are given up, handoffs before their switch are aborted. What
 * has arrived stays there.
 *
 * @param shard the drain of this one is given up, and it stays; null for all moves that do not drain a shard
 */
public record AbortMoves(String pool, @Nullable String shard) implements TopologyChange {

    @Override
    public String title() {
        return shard == null ? "rebalance --abort of " + pool : "shard drain --abort " + shard + " of " + pool;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        SlotPool after = Planned.pool(before, pool);
        if (shard != null) {
            Optional<Shard> found = after.shard(shard);
            if (found.isEmpty() || !found.get().draining()) {
                throw new ChangeRefusedException("shard '" + shard + "' of pool '" + pool + "' is not being drained");
            }
        }
        for (WaitingMove move : after.waiting().values()) {
            after = isMeant(after, move.from()) ? after.withoutWaiting(move.id()) : after;
        }
        for (Handoff handoff : after.handoffs().values()) {
            boolean isOnItsWay = handoff.state() != HandoffState.SWITCHED;
            after = isOnItsWay && isMeant(after, handoff.from()) ? after.withoutHandoff(handoff.id()) : after;
        }
        return before.withPool(shard == null ? after : stays(after, shard));
    }

    private boolean isMeant(SlotPool slotPool, String from) {
        return shard == null ? slotPool.shard(from).filter(Shard::draining).isEmpty() : from.equals(shard);
    }

    private static SlotPool stays(SlotPool slotPool, String shard) {
        return slotPool.withShard(slotPool.shard(shard).orElseThrow().withDraining(false));
    }
}
