package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.cluster.SlotSet;
import io.sluice.testing.workload.Workload;
import io.sluice.testing.workload.WorkloadReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random slots between four shards, one move after the other. {@code -Dsluice.soak.seconds=N}, {@code -Dsluice.seed=N}. */
@Tag("soak")
class SlotsMoveSoakIT {

    private static final Duration TIME = Duration.ofSeconds(Long.getLong("sluice.soak.seconds", 600));
    private static final int SHARDS = 4;
    private static final int KEYS = 20_000;
    private static final int KEYS_PER_SECOND = 50_000;

    @TempDir
    private Path folder;

    @Test
    void clientsNoticeNothingOfManyMoves() throws Exception {
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        Random random = new Random(seed);
        try (MovingSlots cluster = MovingSlots.start(folder, SHARDS, KEYS_PER_SECOND)) {
            cluster.fill(KEYS);
            List<Long> freezes = new ArrayList<>();
            WorkloadReport report;
            int moves = 0;
            try (Workload workload = Workload.start(cluster.ports(), seed, Duration.ofMillis(2), Set.of())) {
                long end = System.nanoTime() + TIME.toNanos();
                while (System.nanoTime() - end < 0) {
                    CtlRun run = moveSome(cluster, random);
                    assertThat(run.exitCode()).as("%s%s", run.out(), run.err()).isZero();
                    FrozenFor.in(run).ifPresent(freezes::add);
                    cluster.awaitNothingOnItsWay();
                    assertThat(cluster.keysInTheWrongPlace()).isEmpty();
                    moves++;
                }
                report = workload.stop();
            }
            freezes.sort(null);
            System.out.printf(
                    "FIGURE %d moves between %d shards: freezes seen %d, ms median %d, longest %d; clients %s%n",
                    moves,
                    SHARDS,
                    freezes.size(),
                    freezes.get(freezes.size() / 2),
                    freezes.get(freezes.size() - 1),
                    report);
            assertThat(report.violations()).isZero();
            assertThat(report.errorCount()).isZero();
            assertThat(cluster.found(KEYS)).isEqualTo(KEYS);
        }
    }

    /** About half of what a shard owns, in one range or in many. */
    private static CtlRun moveSome(MovingSlots cluster, Random random) throws Exception {
        int from = random.nextInt(SHARDS);
        int to = (from + 1 + random.nextInt(SHARDS - 1)) % SHARDS;
        SlotSet owned = cluster.pool().shard("s" + from).orElseThrow().slots();
        if (owned.isEmpty()) {
            return moveSome(cluster, random);
        }
        BitSet chosen = owned.toBits();
        int piece = 1 + random.nextInt(2048);
        for (int slot = chosen.nextSetBit(0), number = random.nextInt(2); slot >= 0; number++) {
            int next = slot + piece;
            if (number % 2 == 0 && chosen.cardinality() > 1) {
                chosen.clear(slot, next);
            }
            slot = chosen.nextSetBit(next);
        }
        SlotSet slots = chosen.isEmpty() ? owned : SlotSet.of(chosen);
        return cluster.ctl("slots move --from s" + from + " --to s" + to + " --slots " + slots + " --watch --yes");
    }
}
