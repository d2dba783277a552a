package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.routing.cluster.Shard;
import io.sluice.testing.workload.Workload;
import io.sluice.testing.workload.WorkloadReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shards come and go while clients of three proxies go on. */
class RebalanceIT {

    private static final int KEYS = 1_000;
    private static final int FAST = 50_000;

    /** A copy that does not end before somebody says so, even on a slow machine. */
    private static final int SLOW = 20;

    private static final Duration PAUSE = Duration.ofMillis(4);

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("sluice.seed", System.nanoTime());

    @Test
    void twoShardsBecomeFourAndTwoAgainWhileClientsGoOn() throws Exception {
        try (MovingSlots cluster = MovingSlots.start(folder, Rounds.FEW, Rounds.MANY - Rounds.FEW, 3, FAST);
                Freezes freezes = new Freezes()) {
            cluster.fill(KEYS);
            try (Workload workload =
                    Workload.start(cluster.ports(), seed, PAUSE, EnumSet.allOf(Workload.Extra.class))) {
                CtlRun plan = cluster.ctl("rebalance --dry-run");
                assertThat(plan.out()).contains("Nothing to move: by slots, each shard has what is due to it.");

                Rounds.there(cluster);
                Rounds.back(cluster);

                WorkloadReport report = workload.stop();
                System.out.printf("FIGURE rebalance 2, 4, 2 shards: freezes %s; clients %s%n", freezes.ended(), report);
                assertThat(report.violations()).as(report.toString()).isZero();
                assertThat(report.errorCount()).as(report.toString()).isZero();
                assertThat(report.answers()).isGreaterThan(1_000);
            }
            assertThat(freezes.ended().stream().filter(Freezes.Freeze::switched))
                    .hasSizeGreaterThanOrEqualTo(6);
            assertThat(cluster.keysInTheWrongPlace()).isEmpty();
            assertThat(cluster.found(KEYS)).isEqualTo(KEYS);
            assertThat(cluster.ctl("history --limit 100").out())
                    .contains(
                            "rebalance of cache: 2 moves",
                            "shard drain s2 of cache",
                            "shard drain s2 of cache is done");
        }
    }

    @Test
    void aDrainThatIsGivenUpLeavesTheShardWithWhatItHas() throws Exception {
        try (MovingSlots cluster = MovingSlots.start(folder, 3, SLOW)) {
            cluster.fill(KEYS);
            CtlRun plan = cluster.ctl("shard drain s2 --dry-run");
            assertThat(plan.out())
                    .contains("Drain of shard s2 of pool cache, then it is removed:", "s2", "5462", "5462 -> 0");
            assertThat(cluster.pool().handoffs()).isEmpty();

            Rounds.done(cluster.ctl("shard drain s2 --yes"));
            assertThat(cluster.ctl("pools").out()).contains("s2 is drained");
            assertThat(cluster.ctl("topology show").out()).contains("\"draining\": true");
            assertThat(cluster.ctl("slots move --from s0 --to s2 --slots 0 --yes")
                            .err())
                    .contains("shard 's2' is being drained");
            await("something is copied")
                    .atMost(MovingSlots.LIMIT)
                    .until(() -> !cluster.keysInTheWrongPlace().isEmpty());
            Rounds.done(cluster.ctl("shard drain s2 --abort --yes"));

            await("the copies are taken away")
                    .atMost(MovingSlots.LIMIT)
                    .until(() -> cluster.keysInTheWrongPlace().isEmpty());
            assertThat(cluster.pool().shard("s2").map(Shard::draining)).contains(false);
            assertThat(cluster.pool().shard("s2").orElseThrow().slots().size()).isEqualTo(5462);
            assertThat(cluster.found(KEYS)).isEqualTo(KEYS);
        }
    }
}
