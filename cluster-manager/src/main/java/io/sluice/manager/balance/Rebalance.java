package io.sluice.manager.balance;

import io.sluice.manager.change.TopologyChange;
import io.sluice.manager.migration.BeginMoves;
import io.sluice.routing.cluster.WaitingMove;
import java.util.List;

/** Changes that level what shards have. */
public final class Rebalance {

    private Rebalance() {}

    /** These moves. */
    public static TopologyChange by(String pool, List<WaitingMove> moves) {
        return new BeginMoves("rebalance", pool, moves);
    }

    /** So many slots for each shard. */
    public static TopologyChange evenly(String pool, String id) {
        return new Planned("rebalance of " + pool, pool, Wish.EVEN, id);
    }
}
