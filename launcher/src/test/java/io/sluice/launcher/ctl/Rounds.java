package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;

/** Two shards become four, and two again, as people would have it. */
final class Rounds {

    static final int FEW = 2;
    static final int MANY = 4;
    private static final int SLOTS = 16_384;

    private Rounds() {}

    /** There and back. What people read of it is in the first exception, if one comes. */
    static void there(MovingSlots cluster) throws Exception {
        for (int i = FEW; i < MANY; i++) {
            done(cluster.ctl("shard add s" + i + " " + cluster.address(i) + " --yes"));
        }
        assertThat(done(cluster.ctl("rebalance --watch --yes")).out()).contains("Done: all slots have arrived.");
        assertThat(cluster.pool().shards().values())
                .hasSize(MANY)
                .allSatisfy(shard -> assertThat(shard.slots().size()).isEqualTo(SLOTS / MANY));
    }

    static void back(MovingSlots cluster) throws Exception {
        for (int i = FEW; i < MANY - 1; i++) {
            // The next ones get nothing, because they go as well; both drains run side by side.
            done(cluster.ctl("shard drain s" + i + " --weights s" + (i + 1) + "=0 --yes"));
        }
        done(cluster.ctl("shard drain s" + (MANY - 1) + " --watch --yes"));
        cluster.awaitNothingOnItsWay();
        cluster.awaitShards(FEW);
        SlotPool pool = cluster.pool();
        assertThat(pool.unowned().isEmpty()).isTrue();
        assertThat(pool.shards().values()).noneMatch(Shard::draining);
    }

    static CtlRun done(CtlRun run) {
        assertThat(run.exitCode()).as("%s%s", run.out(), run.err()).isEqualTo(CtlExit.OK);
        return run;
    }
}
