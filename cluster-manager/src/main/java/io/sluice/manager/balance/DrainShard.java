package io.sluice.manager.balance;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.TopologyChange;
import io.sluice.manager.migration.BeginMoves;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.WaitingMove;
import java.util.ArrayList;
import java.util.List;

/**
 * All slots of a shard set out for others, and when nothing is left there, whoever leads removes it. Moves to it that
 * wait are given up.
 *
 * @param moves of all its slots that are not on their way already
 */
public record DrainShard(String pool, String shard, List<WaitingMove> moves) implements TopologyChange {

    public DrainShard {
        moves = List.copyOf(moves);
    }

    /** To those that have fewest slots. */
    public static TopologyChange evenly(String pool, String shard, String id) {
        return new Planned("shard drain " + shard + " of " + pool, pool, Wish.without(shard), id);
    }

    @Override
    public String title() {
        return "shard drain " + shard + " of " + pool;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        SlotPool slotPool = Planned.pool(before, pool);
        Shard going = slotPool.shard(shard)
                .orElseThrow(() -> new ChangeRefusedException("there is no shard '" + shard + "' in pool '" + pool
                        + "'; there are: " + String.join(", ", slotPool.shards().keySet())));
        rejectArriving(slotPool);
        SlotPool marked = slotPool.withShard(going.withDraining(true));
        for (WaitingMove move : slotPool.waiting().values()) {
            marked = move.to().equals(shard) ? marked.withoutWaiting(move.id()) : marked;
        }
        rejectOthers();
        rejectIncomplete(marked, going);
        return moves.isEmpty()
                ? before.withPool(marked)
                : new BeginMoves("shard drain", pool, moves).applyTo(before.withPool(marked));
    }

    private void rejectArriving(SlotPool slotPool) throws ChangeRefusedException {
        List<String> arriving = new ArrayList<>();
        for (Handoff handoff : slotPool.handoffs().values()) {
            if (handoff.to().equals(shard) && handoff.state() != HandoffState.SWITCHED) {
                arriving.add(handoff.id());
            }
        }
        if (!arriving.isEmpty()) {
            throw new ChangeRefusedException("slots are on their way to shard '" + shard + "' ("
                    + String.join(", ", arriving) + "): wait for them, or abort that first");
        }
    }

    private void rejectOthers() throws ChangeRefusedException {
        for (WaitingMove move : moves) {
            if (!move.from().equals(shard)) {
                throw new ChangeRefusedException("move '" + move.id() + "' is from '" + move.from()
                        + "'; expected moves from '" + shard + "' alone");
            }
        }
    }

    private void rejectIncomplete(SlotPool slotPool, Shard going) throws ChangeRefusedException {
        SlotSet left = going.slots();
        for (Handoff handoff : slotPool.handoffs().values()) {
            left = handoff.from().equals(shard) ? left.without(handoff.slots()) : left;
        }
        for (WaitingMove move : slotPool.waiting().values()) {
            left = left.without(move.slots());
        }
        for (WaitingMove move : moves) {
            left = left.without(move.slots());
        }
        if (!left.isEmpty()) {
            throw new ChangeRefusedException(
                    "the moves leave slots " + left + " on shard '" + shard + "'; expected moves of all of them");
        }
    }
}
