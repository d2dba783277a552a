package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.launcher.ctl.MoveSteps.Step;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.testing.RespClient;
import io.sluice.testing.workload.Workload;
import io.sluice.testing.workload.WorkloadReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A primary dies at each step of a move, and its replica takes its place: that of the shard which the slots leave, or of the
 * one to which they go; before anybody could notice, or a while later. What died comes back with what it had.
 */
@Tag("soak")
class FailoverMoveSoakIT {

    private static final String MOVING = "0-8191";
    private static final int KEYS = 2_000;
    private static final Duration PAUSE = Duration.ofMillis(5);

    /** After a freeze of the usual length, and before a copy that failed is begun again. */
    private static final Duration LATER = Duration.ofSeconds(2);

    /** Copies that nobody takes off are looked for once a minute. */
    private static final Duration UNTIL_CLEAN = Duration.ofMinutes(3);

    /** What a server that dies explains. */
    private static final String EXPLAINED =
            "connection: .*|\\w+: (ERR (outcome unknown|Slot moving|Connection (refused|reset|timed out)"
                    + "|Server (overloaded|stalled|demoted)).*|UNBLOCKED .*|LOADING .*|EXECABORT .*)";

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("sluice.seed", System.nanoTime());
    private final MoveSteps steps = new MoveSteps();

    @ParameterizedTest
    @CsvSource({"stream, true", "stream, false", "track, true", "track, false"})
    void aPrimaryThatDiesAtAnyStepOfAMoveLosesNothing(String engine, boolean ofTheSource) throws Exception {
        try (FaultyCluster cluster = started();
                Failovers failovers = Failovers.in(cluster, folder)) {
            fill(cluster);
            int moves = 0;
            WorkloadReport report;
            try (Workload workload = Workload.start(cluster.ports(), seed, PAUSE, Set.of())) {
                for (Step step : Step.values()) {
                    for (Duration later : List.of(Duration.ZERO, LATER)) {
                        int from = moves++ % 2;
                        int dies = ofTheSource ? from : 1 - from;
                        long begin = System.nanoTime();
                        failAt(step, cluster, engine, from, () -> failovers.failOver(dies, later));
                        cluster.awaitNothingOnItsWay();
                        System.out.printf(
                                "FIGURE failover of %s at %s, promoted after %d ms, %s: the move took %d ms%n",
                                ofTheSource ? "source" : "target",
                                step,
                                later.toMillis(),
                                engine,
                                Duration.ofNanos(System.nanoTime() - begin).toMillis());
                        failovers.resurrect(dies);
                        awaitAnswers(workload, 500);
                        assertThat(failovers.keysInTheWrongPlace())
                                .as("%s", step)
                                .isEmpty();
                        failovers.rejoin(dies);
                        WorkloadReport soFar = workload.soFar();
                        assertThat(soFar.violations()).as("%s: %s", step, soFar).isZero();
                    }
                }
                report = workload.stop();
            }
            System.out.printf("FIGURE failovers while slots move, %s: %d moves, clients %s%n", engine, moves, report);
            assertThat(report.violations()).as("%s", report).isZero();
            assertThat(report.errors().keySet()).allMatch(error -> error.matches("(?s)" + EXPLAINED));
            assertAllThere(cluster);
        }
    }

    @Test
    void anAbortTakesTheCopiesOffTheServerThatTookOverFromTheTarget() throws Exception {
        try (FaultyCluster cluster = started();
                Failovers failovers = Failovers.in(cluster, folder)) {
            fill(cluster);
            long before = failovers.count(1);
            failAt(Step.CAUGHT_UP, cluster, "stream", 0, () -> {
                CtlRun aborted = cluster.ctl("migrations abort " + onlyMove(cluster) + " --yes");
                assertThat(aborted.exitCode()).as(aborted.err()).isEqualTo(CtlExit.OK);
                return failovers.failOver(1, LATER);
            });
            assertThat(failovers.count(1)).as("the replica had got the copies").isGreaterThan(before);

            await("the copies are taken off")
                    .atMost(UNTIL_CLEAN)
                    .until(() -> failovers.keysInTheWrongPlace().isEmpty());

            assertThat(failovers.count(1)).isEqualTo(before);
            assertThat(cluster.pool().handoffs()).isEmpty();
            assertAllThere(cluster);
        }
    }

    private FaultyCluster started() throws Exception {
        FaultyCluster cluster = FaultyCluster.start(folder, 1, 2);
        try {
            cluster.lead(steps::around);
            cluster.addProxy("proxy-0", "proxy-0");
            cluster.addProxy("proxy-1", "proxy-1");
            cluster.proxies().forEach(ProxyProcess::awaitReady);
            cluster.awaitAllFollow();
            return cluster;
        } catch (Exception | AssertionError e) {
            cluster.close();
            throw e;
        }
    }

    /** A primary dies; the future is over when another has taken its place. */
    private interface Failure {
        CompletableFuture<Void> happen() throws Exception;
    }

    /** Begins a move to the other shard; returns when this has happened at that step of it, and is over. */
    private void failAt(Step step, FaultyCluster cluster, String engine, int from, Failure failure) throws Exception {
        CompletableFuture<CompletableFuture<Void>> happened = new CompletableFuture<>();
        steps.at(step, () -> {
            try {
                happened.complete(failure.happen());
            } catch (Exception | AssertionError e) {
                happened.completeExceptionally(e);
            }
        });
        String line = "slots move --from s%d --to s%d --slots %s --engine %s --yes";
        CtlRun run = cluster.ctl(line.formatted(from, 1 - from, MOVING, engine));
        assertThat(run.exitCode()).as("%s%s", run.out(), run.err()).isEqualTo(CtlExit.OK);
        await("the move comes to " + step).atMost(FaultyCluster.LIMIT).until(happened::isDone);
        happened.get().get(FaultyCluster.LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private static String onlyMove(FaultyCluster cluster) throws Exception {
        return cluster.pool().handoffs().values().stream()
                .filter(handoff -> handoff.state() == HandoffState.COPY)
                .findFirst()
                .orElseThrow()
                .id();
    }

    private static void awaitAnswers(Workload workload, int more) {
        long before = workload.soFar().answers();
        await("clients go on")
                .atMost(FaultyCluster.LIMIT)
                .until(() -> workload.soFar().answers() > before + more);
    }

    private static void fill(FaultyCluster cluster) throws Exception {
        try (RespClient client = cluster.proxy(0).connect()) {
            for (int i = 0; i < KEYS; i++) {
                client.call("SET", "still:" + i, "value " + i);
            }
        }
    }

    private static void assertAllThere(FaultyCluster cluster) throws Exception {
        try (RespClient client = cluster.proxy(1).connect()) {
            for (int i = 0; i < KEYS; i++) {
                assertThat(client.call("GET", "still:" + i)).isEqualTo("value " + i);
            }
        }
    }
}
