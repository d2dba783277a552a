package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.api.Answers.CopyAnswer;
import io.sluice.manager.api.Answers.MigrationAnswer;
import io.sluice.manager.api.Answers.MigrationsAnswer;
import io.sluice.testing.RespClient;
import io.sluice.testing.workload.Workload;
import io.sluice.testing.workload.WorkloadReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What depends on time: whether limits are kept, whether forecasts come true, what a long pause does. */
@Tag("soak")
class MigrationOrdersSoakIT {

    private static final int FAST = 50_000;
    private static final int SPOOL = 4 << 20;
    private static final Duration WITHIN = Duration.ofSeconds(2);
    private static final Duration MEASURE = Duration.ofSeconds(5);

    @TempDir
    private Path folder;

    /** However slowly the servers answer: on a busy machine it would be that which limits the copy. */
    private static String begin(MovingSlots cluster, String options) throws Exception {
        done(cluster, "slots move --from s0 --to s1 --slots 0-8191 --yes --slow-down-above-ms 10000 " + options);
        return cluster.pool().handoffs().keySet().iterator().next();
    }

    private static String done(MovingSlots cluster, String line) {
        CtlRun run = cluster.ctl(line);
        assertThat(run.exitCode()).as("%s: %s%s", line, run.out(), run.err()).isZero();
        return run.out();
    }

    private static List<MigrationAnswer> look(MovingSlots cluster) {
        return Ctl.read(cluster.ctl("migrations --json").out(), MigrationsAnswer.class)
                .migrations();
    }

    private static void pass(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        await().atMost(time.plus(MovingSlots.LIMIT)).until(() -> System.nanoTime() - end >= 0);
    }

    /** Keys a second that arrive at s1, measured there. */
    private static double rate(MovingSlots cluster) throws IOException {
        long before = cluster.count(1);
        long begin = System.nanoTime();
        pass(MEASURE);
        return (cluster.count(1) - before) * 1e9 / (System.nanoTime() - begin);
    }

    private static void assertRate(MovingSlots cluster, String engine, double expected) throws IOException {
        double measured = rate(cluster);
        System.out.printf("FIGURE limits, %s: %.0f keys/s ordered, %.0f measured%n", engine, expected, measured);
        assertThat(measured).isBetween(expected * 0.9, expected * 1.1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "track"})
    void limitsOfKeysAreKeptAndChangeWithinTwoSeconds(String engine) throws Exception {
        try (MovingSlots cluster = MovingSlots.start(folder, 2, FAST)) {
            cluster.fill(60_000);
            long before = cluster.count(1);
            String id = begin(cluster, "--engine " + engine + " --keys-per-second 1000");
            await("keys are copied").atMost(MovingSlots.LIMIT).until(() -> cluster.count(1) > before + 500);

            assertRate(cluster, engine, 1000);
            done(cluster, "migrations limits " + id + " --keys-per-second 2500");
            pass(WITHIN);
            assertRate(cluster, engine, 2500);
            done(cluster, "migrations limits " + id + " --keys-per-second 200");
            pass(WITHIN);
            assertRate(cluster, engine, 200);

            done(cluster, "migrations limits " + id + " --keys-per-second auto");
            cluster.awaitNothingOnItsWay();
            assertThat(cluster.found(60_000)).isEqualTo(60_000);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "track"})
    void limitsOfBytesAreKeptAndChangeWithinTwoSeconds(String engine) throws Exception {
        int keys = 32_000;
        int size = 2_000;
        try (MovingSlots cluster = MovingSlots.start(folder, 2, FAST)) {
            try (RespClient client = new RespClient(cluster.ports().get(0))) {
                for (int i = 0; i < keys; i++) {
                    client.call("SET", "large:" + i, noise(i, size));
                }
            }
            long before = cluster.count(1);
            String id = begin(cluster, "--engine " + engine + " --bytes-per-second 1000000");
            await("keys are copied").atMost(MovingSlots.LIMIT).until(() -> cluster.count(1) > before + 200);

            assertBytes(cluster, engine, 1_000_000);
            done(cluster, "migrations limits " + id + " --bytes-per-second 2500000");
            pass(WITHIN);
            assertBytes(cluster, engine, 2_500_000);
            done(cluster, "migrations limits " + id + " --bytes-per-second 300000");
            pass(WITHIN);
            assertBytes(cluster, engine, 300_000);
            assertThat(cluster.pool().handoff(id))
                    .as("there was something to copy all the time")
                    .isPresent();
        }
    }

    /** What s1 receives, by its own count: the copy, and a PING now and then. */
    private static void assertBytes(MovingSlots cluster, String engine, double expected) throws IOException {
        long before = received(cluster);
        long begin = System.nanoTime();
        pass(MEASURE);
        double measured = (received(cluster) - before) * 1e9 / (System.nanoTime() - begin);
        System.out.printf("FIGURE limits, %s: %.0f bytes/s ordered, %.0f measured%n", engine, expected, measured);
        assertThat(measured).isBetween(expected * 0.9, expected * 1.1);
    }

    private static long received(MovingSlots cluster) throws IOException {
        try (RespClient client = cluster.server(1).connect()) {
            return String.valueOf(client.call("INFO", "stats"))
                    .lines()
                    .filter(line -> line.startsWith("total_net_input_bytes:"))
                    .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1)))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Digits that Redis cannot make smaller in a dump. */
    private static String noise(int seed, int size) {
        java.util.Random random = new java.util.Random(seed);
        StringBuilder text = new StringBuilder(size);
        while (text.length() < size) {
            text.append((char) ('!' + random.nextInt(90)));
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "track"})
    void progressOnlyGrowsAndForecastsComeTrue(String engine) throws Exception {
        record Told(long nanos, double done, long remainingMs) {}
        try (MovingSlots cluster = MovingSlots.start(folder, 2, FAST, Duration.ofSeconds(5))) {
            cluster.fill(60_000);
            begin(cluster, "--engine " + engine + " --keys-per-second 2000");
            List<Told> told = new ArrayList<>();
            long through = 0; // what is forecast is the end of the first pass
            boolean switched = false;
            double last = 0;
            while (!switched) {
                List<MigrationAnswer> all = look(cluster);
                if (all.isEmpty()) {
                    break;
                }
                MigrationAnswer migration = all.get(0);
                assertThat(migration.done()).isGreaterThanOrEqualTo(last);
                last = migration.done();
                CopyAnswer copy = migration.copy();
                if (copy != null && copy.done() >= 1 && through == 0) {
                    through = System.nanoTime();
                } else if (copy != null && copy.done() < 1 && copy.remainingMs() != null) {
                    told.add(new Told(System.nanoTime(), copy.done(), copy.remainingMs()));
                }
                switched = migration.state().equals("switched");
                pass(Duration.ofMillis(200));
            }
            assertThat(last).isEqualTo(1);
            int checked = 0;
            double worst = 1;
            for (Told each : told) {
                double truth = (through - each.nanos) / 1e6;
                if (each.done >= 0.5 && truth > 1_000) {
                    checked++;
                    worst = Math.max(worst, Math.max(truth / each.remainingMs, each.remainingMs / truth));
                }
            }
            System.out.printf(
                    "FIGURE forecasts, %s: %d in the second half, the worst wrong by a factor of %.2f%n",
                    engine, checked, worst);
            assertThat(checked).isGreaterThan(5);
            assertThat(worst).isLessThan(2);
        }
    }

    @Test
    void aPauseBeyondTheSpoolDropsTheCopyAndResumeBeginsAnew() throws Exception {
        int keys = 20_000;
        try (MovingSlots cluster = MovingSlots.start(folder, 2, 1_000)) {
            cluster.fill(keys);
            long before = cluster.count(1);
            String id = begin(cluster, "--engine stream --spool-bytes 4mb"); // room for the snapshot
            await("keys are copied").atMost(MovingSlots.LIMIT).until(() -> cluster.count(1) > before + 500);
            done(cluster, "migrations pause " + id);
            await().atMost(MovingSlots.LIMIT).until(() -> look(cluster).get(0).paused());

            long most = 0;
            try (RespClient client = new RespClient(cluster.ports().get(0))) {
                while (look(cluster).get(0).lastError() == null) {
                    for (int i = 0; i < 500; i++) {
                        client.call("SET", "still:" + i, "value " + i);
                        client.call("SET", "filler:" + i, noise(i, 1_000));
                    }
                    CopyAnswer copy = look(cluster).get(0).copy();
                    most = copy == null ? most : Math.max(most, copy.spoolBytes());
                }
            }
            MigrationAnswer dropped = look(cluster).get(0);
            System.out.printf(
                    "FIGURE paused: at most %d bytes in the spool of %d, then: %s%n", most, SPOOL, dropped.lastError());
            assertThat(most).isLessThanOrEqualTo(SPOOL);
            assertThat(dropped.lastError()).contains("The spool is full");
            assertThat(dropped.step()).contains("begins anew when you resume");
            assertThat(dropped.state()).isEqualTo("copy");

            done(cluster, "migrations limits " + id + " --keys-per-second 50000 --spool-bytes auto");
            done(cluster, "migrations resume " + id);
            cluster.awaitNothingOnItsWay();

            assertThat(cluster.pool().shard("s0").orElseThrow().slots().isEmpty())
                    .isTrue();
            assertThat(cluster.found(keys)).isEqualTo(keys);
            assertThat(cluster.keysInTheWrongPlace()).isEmpty();
        }
    }

    @Test
    void manyMovesAreRolledBackAndPausedAtRandomWhileClientsGoOn() throws Exception {
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        java.util.Random random = new java.util.Random(seed);
        Duration time = Duration.ofSeconds(Long.getLong("sluice.soak.seconds", 300));
        int backs = 0;
        int pauses = 0;
        try (MovingSlots cluster = MovingSlots.start(folder, 2, 10_000, Duration.ofMillis(300))) {
            cluster.fill(5_000);
            WorkloadReport report;
            try (Workload workload = Workload.start(cluster.ports(), seed, Duration.ofMillis(2), Set.of())) {
                long end = System.nanoTime() + time.toNanos();
                while (System.nanoTime() - end < 0) {
                    boolean there =
                            !cluster.pool().shard("s0").orElseThrow().slots().isEmpty();
                    String from = there ? "s0" : "s1";
                    String slots =
                            cluster.pool().shard(from).orElseThrow().slots().toString();
                    done(
                            cluster,
                            "slots move --from " + from + " --to " + (there ? "s1" : "s0") + " --slots " + slots
                                    + " --yes");
                    String id = cluster.pool().handoffs().keySet().iterator().next();
                    while (cluster.pool().handoff(id).isPresent()) {
                        pass(Duration.ofMillis(1 + random.nextInt(1_500)));
                        if (random.nextInt(3) == 0
                                && cluster.ctl("migrations pause " + id).exitCode() == CtlExit.OK) {
                            pauses++;
                            pass(Duration.ofMillis(1 + random.nextInt(500)));
                            cluster.ctl("migrations resume " + id);
                        } else if (random.nextInt(3) == 0
                                && cluster.ctl("migrations rollback " + id + " --yes")
                                                .exitCode()
                                        == CtlExit.OK) {
                            backs++;
                        }
                    }
                    cluster.awaitNothingOnItsWay();
                    await("what was aborted is taken away")
                            .atMost(MovingSlots.LIMIT)
                            .until(() -> cluster.keysInTheWrongPlace().isEmpty());
                }
                report = workload.stop();
            }
            System.out.printf("FIGURE %d rollbacks and %d pauses; seed %d; clients %s%n", backs, pauses, seed, report);
            assertThat(backs).isPositive();
            assertThat(report.violations()).isZero();
            assertThat(report.errorCount()).isZero();
            assertThat(cluster.found(5_000)).isEqualTo(5_000);
        }
    }
}
