package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.api.Answers.MigrationAnswer;
import io.sluice.manager.api.Answers.MigrationsAnswer;
import io.sluice.testing.workload.Workload;
import io.sluice.testing.workload.WorkloadReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people do with a move that runs: real servers, a real ZooKeeper, a manager, two proxies. */
class MigrationOrdersIT {

    private static final int KEYS = 2_000;
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("sluice.seed", System.nanoTime());

    private static String begin(MovingSlots cluster, String options) throws Exception {
        CtlRun begun = cluster.ctl("slots move --from s0 --to s1 --slots 0-8191 --yes " + options);
        assertThat(begun.exitCode()).as(begun.err()).isZero();
        return cluster.pool().handoffs().keySet().iterator().next();
    }

    private static MigrationAnswer look(MovingSlots cluster) {
        return Ctl.read(cluster.ctl("migrations --json").out(), MigrationsAnswer.class)
                .migrations()
                .get(0);
    }

    private static String done(MovingSlots cluster, String line) {
        CtlRun run = cluster.ctl(line);
        assertThat(run.exitCode()).as("%s: %s%s", line, run.out(), run.err()).isZero();
        return run.out();
    }

    @Test
    void aMoveIsLimitedPausedResumedAndAllOfItIsInTheHistory() throws Exception {
        try (MovingSlots cluster = MovingSlots.start(folder, 2, 50_000)) {
            cluster.fill(KEYS);
            long before = cluster.count(1);
            String id = begin(cluster, "--engine track --keys-per-second 100");
            await("keys are copied").atMost(MovingSlots.LIMIT).until(() -> cluster.count(1) > before + 20);
            assertThat(cluster.ctl("migrations").out())
                    .contains("engine: track (asked for)", "limits: 100 keys/s, 50.0 MiB/s");

            assertThat(done(cluster, "migrations pause " + id)).contains("paused", "Applied.");
            await("it is paused")
                    .atMost(MovingSlots.LIMIT)
                    .until(() -> look(cluster).paused());
            long resting = awaitRest(cluster);
            cluster.fill(KEYS); // written once more, while the copy listens
            MigrationAnswer paused = look(cluster);
            assertThat(cluster.count(1)).isEqualTo(resting);
            assertThat(paused.step()).startsWith("paused");
            assertThat(paused.done()).isBetween(0.001, 0.98);
            assertThat(cluster.ctl("migrations abort " + id + " --dry-run").out())
                    .contains("- pool cache");
            assertThat(cluster.ctl("migrations limits " + id).err()).contains("which limit?", "keys_per_second");

            assertThat(done(cluster, "migrations limits " + id + " --keys-per-second auto"))
                    .contains("keys_per_second 100 -> auto");
            done(cluster, "migrations resume " + id);
            await("the slots have moved")
                    .atMost(MovingSlots.LIMIT)
                    .until(() ->
                            cluster.pool().shard("s1").orElseThrow().slots().size() == 16384);

            cluster.awaitNothingOnItsWay();
            assertThat(cluster.found(KEYS)).isEqualTo(KEYS);
            assertThat(cluster.keysInTheWrongPlace()).isEmpty();
            assertThat(done(cluster, "history"))
                    .contains("migrations pause " + id, "migrations limits " + id, "migrations resume " + id);
            CtlRun late = cluster.ctl("migrations rollback " + id + " --yes");
            assertThat(late.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
            assertThat(late.err()).contains("'sluice ctl slots move' moves slots back");
        }
    }

    /** What was under way when the pause came ends first; at 100 keys in a second nothing else stands still for so long. */
    private static long awaitRest(MovingSlots cluster) throws IOException {
        AtomicLong last = new AtomicLong(-1);
        await("the target gets no more keys")
                .atMost(MovingSlots.LIMIT)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    long now = cluster.count(1);
                    return last.getAndSet(now) == now;
                });
        return last.get();
    }

    @Test
    void aMoveIsRolledBackRightAfterItsSwitchWhileClientsGoOn() throws Exception {
        try (MovingSlots cluster = MovingSlots.start(folder, 2, 50_000, LONG)) {
            cluster.fill(KEYS);
            try (Workload workload = Workload.start(cluster.ports(), seed, Duration.ofMillis(2), Set.of())) {
                done(cluster, "slots move --from s0 --to s1 --slots 0-8191 --watch --yes");
                MigrationAnswer switched = look(cluster);
                assertThat(switched.done()).isEqualTo(1);
                CtlRun abort = cluster.ctl("migrations abort " + switched.id() + " --yes");
                assertThat(abort.exitCode()).isEqualTo(CtlExit.REFUSED);
                assertThat(abort.err()).contains("ctl migrations rollback " + switched.id());

                String back = done(cluster, "migrations rollback " + switched.id() + " --watch --yes");

                assertThat(back).contains("Moved: s0 owns 0-8191.");
                WorkloadReport report = workload.stop();
                System.out.printf(
                        "FIGURE rollback after the switch, clients: p99.9 %.1f ms, %s%n", report.p999(), report);
                assertThat(report.violations()).isZero();
                assertThat(report.errorCount()).isZero();
            }
            assertThat(cluster.found(KEYS)).isEqualTo(KEYS);
            assertThat(cluster.pool().handoffs().values())
                    .allSatisfy(handoff -> assertThat(handoff.to()).isEqualTo("s0"));
        }
    }
}
