package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.routing.cluster.SlotSet;
import io.sluice.testing.workload.Workload;
import io.sluice.testing.workload.WorkloadReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Slots really move: stock servers, a real ZooKeeper, a manager and proxies that follow it, clients that notice nothing. */
class SlotsMoveIT {

    private static final int KEYS = 2_000;
    private static final int TIMES = 2;
    private static final int FAST = 50_000;

    /** A copy that does not end before somebody says so, even on a slow machine. */
    private static final int SLOW = 40;

    private static final Duration PAUSE = Duration.ofMillis(2);

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("sluice.seed", System.nanoTime());

    private static void move(MovingSlots cluster, String from, String to, String slots) throws Exception {
        long begin = System.nanoTime();
        CtlRun run = cluster.ctl("slots move --from " + from + " --to " + to + " --slots " + slots + " --watch --yes");
        long took = Duration.ofNanos(System.nanoTime() - begin).toMillis();
        assertThat(run.exitCode()).as("%s%s", run.out(), run.err()).isEqualTo(CtlExit.OK);
        assertThat(run.out()).contains("Moved: " + to + " owns " + slots + ".");
        String frozen =
                FrozenFor.in(run).map(millis -> "frozen for " + millis + " ms").orElse("its freeze was not seen");
        System.out.printf("FIGURE slots move %s %s to %s: %d ms, %s%n", slots, from, to, took, frozen);
        assertThat(cluster.pool()
                        .shard(to)
                        .orElseThrow()
                        .slots()
                        .containsAll(SlotSet.parse(slots, 16384).orElseThrow()))
                .isTrue();
        cluster.awaitNothingOnItsWay();
    }

    @Test
    void halfOfTheSlotsMoveThereAndBackWhileClientsGoOn() throws Exception {
        try (MovingSlots cluster = MovingSlots.start(folder, 2, FAST)) {
            cluster.fill(KEYS);
            assertThat(cluster.keysInTheWrongPlace()).isEmpty();
            try (Workload workload = Workload.start(cluster.ports(), seed, PAUSE, Set.of())) {
                for (int i = 0; i < TIMES; i++) {
                    move(cluster, "s0", "s1", "0-8191");
                    assertThat(cluster.keysInTheWrongPlace()).isEmpty();
                    assertThat(cluster.keys(0)).isEmpty();

                    move(cluster, "s1", "s0", "0-8191");
                    assertThat(cluster.keysInTheWrongPlace()).isEmpty();
                    assertThat(cluster.keys(0)).isNotEmpty();
                }
                judge(workload.stop());
            }
            assertThat(cluster.found(KEYS)).isEqualTo(KEYS);
            assertThat(cluster.ctl("migrations").out()).contains("Nothing is on its way.");
        }
    }

    @Test
    void anAbortedMoveLeavesNothingOnTheTarget() throws Exception {
        try (MovingSlots cluster = MovingSlots.start(folder, 2, SLOW)) {
            cluster.fill(KEYS);
            int before = cluster.keys(1).size();
            CtlRun begun = cluster.ctl("slots move --from s0 --to s1 --slots 0-8191 --yes");
            assertThat(begun.exitCode()).as(begun.err()).isZero();
            String id = cluster.pool().handoffs().keySet().iterator().next();
            assertThat(begun.out()).contains(id);
            await("keys are copied")
                    .atMost(MovingSlots.LIMIT)
                    .until(() -> cluster.keys(1).size() > before + 20);
            assertThat(cluster.ctl("migrations").out()).contains(id, "s0", "s1", "copy", "copying", "stream");
            assertThat(cluster.ctl("slots move --from s0 --to s1 --slots 100 --yes")
                            .exitCode())
                    .isEqualTo(CtlExit.REFUSED);

            CtlRun aborted = cluster.ctl("migrations abort " + id + " --yes");

            assertThat(aborted.exitCode()).as(aborted.err()).isZero();
            await("the copies are taken away")
                    .atMost(MovingSlots.LIMIT)
                    .until(() -> cluster.keysInTheWrongPlace().isEmpty());
            assertThat(cluster.keys(1)).hasSize(before);
            assertThat(cluster.found(KEYS)).isEqualTo(KEYS);
            assertThat(cluster.ctl("migrations abort " + id + " --yes").err())
                    .contains("nothing is on its way by the id");
        }
    }

    private static void judge(WorkloadReport report) {
        System.out.printf("FIGURE slots move, clients: p99.9 %.1f ms, %s%n", report.p999(), report);
        assertThat(report.violations()).isZero();
        assertThat(report.errorCount()).isZero();
        assertThat(report.answers()).isGreaterThan(1_000);
    }
}
