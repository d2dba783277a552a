package io.sluice.launcher.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.testing.ManagerJvm;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.testing.workload.Workload;
import io.sluice.testing.workload.Workload.Extra;
import io.sluice.testing.workload.WorkloadReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The manager that leads is killed, stopped, cut off or deposed at any step of a handoff, and nobody notices but those who
 * wait for a frozen slot. {@code -Dsluice.points=FROZEN,DRAINED} for some steps only.
 */
class ManagerFaultsWhileSlotsMoveIT {

    private static final int KEYS = 3_000;
    private static final int KEYS_PER_SECOND = 50_000;
    private static final int TICK_MILLIS = 500;
    private static final Duration PAUSE = Duration.ofMillis(5);

    /** What the design promises to clients of a frozen slot, and what a busy machine may add. */
    private static final Duration FROZEN_WAIT = Duration.ofMillis(3_000 + 500);

    /** While the usual freeze goes on, on a busy machine. */
    private static final Duration USUAL_WAIT = Duration.ofSeconds(1);

    /** What is measured, but not judged: a machine of CI may be slower than any promise. */
    private static final Duration UNJUDGED = Duration.ofMinutes(1);

    /** The steps at which two leaders, or a lost session, might do the most harm. */
    private static final List<FaultPoint> DANGEROUS = List.of(
            FaultPoint.COPYING,
            FaultPoint.WRITING_FREEZE,
            FaultPoint.FROZEN,
            FaultPoint.DRAINED,
            FaultPoint.GATE_CLOSED,
            FaultPoint.WRITING_SWITCH,
            FaultPoint.SWITCHED,
            FaultPoint.CLEANING,
            FaultPoint.WRITING_END);

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("sluice.seed", System.nanoTime());
    private TestingServer zooKeeper;
    private FaultCluster cluster;
    private ManagerJvm leader;
    private ManagerJvm standby;
    private final List<String> late = new ArrayList<>();
    private int moves;

    @BeforeEach
    void start() throws Exception {
        zooKeeper = new TestingServer(new InstanceSpec(null, -1, -1, -1, true, -1, TICK_MILLIS, -1), true);
        cluster = FaultCluster.start(folder, zooKeeper.getConnectString());
        cluster.fill(KEYS);
        leader = cluster.startManager(KEYS_PER_SECOND);
        leader.await(line -> line.startsWith("leads"));
        standby = leader;
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
        zooKeeper.close();
        assertThat(late).as("who waited longer than promised").isEmpty();
    }

    private Path data() {
        return zooKeeper.getTempDirectory().toPath();
    }

    private static List<FaultPoint> points(List<FaultPoint> all) {
        String chosen = System.getProperty("sluice.points", "");
        return chosen.isEmpty()
                ? all
                : List.of(chosen.split(",", -1)).stream()
                        .map(FaultPoint::valueOf)
                        .toList();
    }

    private void startStandby() throws Exception {
        standby = cluster.startManager(KEYS_PER_SECOND);
    }

    private void standbyHasTakenOver() throws Exception {
        leader.close();
        leader = standby;
        startStandby();
    }

    // ---- B14, and B1 in short

    @Test
    void aFreezeWhoseManagerDiedIsEndedByAProxyIfNoManagerIsLeft() throws Exception {
        move("B14 nobody left", FaultPoint.DRAINED, UNJUDGED, move -> {
            leader.kill();
            await("a proxy ends the freeze")
                    .atMost(FaultCluster.LIMIT)
                    .until(() -> cluster.handoff(move.id()).map(Handoff::state).equals(Optional.of(HandoffState.COPY)));
            System.out.printf("FIGURE B14 the freeze was over %d ms after the kill%n", since(move.halted()));
            leader = cluster.startManager(KEYS_PER_SECOND);
        });
    }

    @Test
    @Tag("soak")
    void clientsWaitThreeSecondsAtMostIfNoManagerIsLeft() throws Exception {
        for (int i = 0; i < 10; i++) {
            move("B14", FaultPoint.DRAINED, FROZEN_WAIT, move -> {
                leader.kill();
                await().atMost(FaultCluster.LIMIT)
                        .until(() ->
                                cluster.handoff(move.id()).map(Handoff::state).equals(Optional.of(HandoffState.COPY)));
                leader = cluster.startManager(KEYS_PER_SECOND);
            });
        }
    }

    // ---- B1

    @Test
    @Tag("soak")
    void aLeaderIsKilledAtEveryStep() throws Exception {
        startStandby();
        for (FaultPoint point : points(FaultPoint.ofEveryMove())) {
            move("B1", point, longestWait(point), move -> {
                leader.kill();
                standby.await(move.begin(), line -> line.startsWith("leads"));
                if (point == FaultPoint.WRITING_COPY) {
                    assertThat(cluster.pool().handoffs()).isEmpty();
                    standby.tell(move.command());
                }
            });
            standbyHasTakenOver();
        }
    }

    // ---- B2

    @Test
    @Tag("soak")
    void aLeaderIsStoppedAtEveryStepAndWakesUp() throws Exception {
        Duration asleep = Duration.ofSeconds(Long.getLong("sluice.asleep", 15));
        startStandby();
        for (FaultPoint point : points(FaultPoint.ofEveryMove())) {
            String login = cluster.loginOf(1);
            move("B2", point, longestWait(point), move -> {
                leader.signal("STOP");
                long stopped = System.nanoTime();
                standby.await(move.begin(), line -> line.startsWith("leads"));
                Duration left = asleep.minusNanos(System.nanoTime() - stopped);
                if (!left.isNegative()) {
                    await().pollDelay(left).atMost(left.plus(asleep)).until(() -> true);
                }
                cluster.awaitNoConnectionOf(login);
                cluster.forbidWrites(login);
                leader.tell("go"); // read when it wakes up: it goes on in the midst of the step
                leader.signal("CONT");
                leader.await(stopped, line -> line.equals("ended"));
                if (point == FaultPoint.WRITING_COPY) {
                    leader.await(stopped, line -> line.startsWith("refused"));
                    standby.tell(move.command());
                }
            });
            assertNothingWrittenBy(login);
            standbyHasTakenOver();
        }
    }

    private void assertNothingWrittenBy(String login) throws Exception {
        assertThat(cluster.forbiddenTries(login))
                .as("what the old leader tried to write at the servers")
                .isEmpty();
        assertThat(TransactionLog.read(data()).writesOfDeposedManagers(FaultCluster.PATHS, FaultCluster.POOL))
                .isEmpty();
    }

    // ---- B3

    /** The latch is taken from the one who leads, who is not told: both believe that they lead. */
    @Test
    @Tag("soak")
    void ofTwoLeadersOnlyTheSecondHasASay() throws Exception {
        startStandby();
        for (FaultPoint point : points(DANGEROUS)) {
            String login = cluster.loginOf(1);
            move("B3", point, longestWait(point), move -> {
                cluster.takeLatchFrom(login);
                standby.await(move.begin(), line -> line.startsWith("leads"));
                cluster.awaitNoConnectionOf(login);
                cluster.forbidWrites(login);
                leader.tell("go");
            });
            assertNothingWrittenBy(login);
            standbyHasTakenOver();
        }
    }

    /** The latch changes hands all the time. */
    @Test
    @Tag("soak")
    void leadersThatComeAndGoDoNoHarm() throws Exception {
        startStandby();
        move("B3 coming and going", null, Duration.ofSeconds(30), move -> {
            for (int i = 0; i < 12; i++) {
                for (int manager = 0; manager < 2; manager++) {
                    cluster.takeLatchFrom(cluster.loginOf(manager));
                    await().pollDelay(Duration.ofMillis(400)).until(() -> true);
                }
            }
        });
        assertThat(TransactionLog.read(data()).writesOfDeposedManagers(FaultCluster.PATHS, FaultCluster.POOL))
                .isEmpty();
    }

    // ---- B8: sessions

    @Test
    @Tag("soak")
    void sessionsOfProxiesAndOfTheManagerExpire() throws Exception {
        startStandby();
        for (FaultPoint point : points(DANGEROUS)) {
            move("B8 a proxy's session expires", point, longestWait(point), move -> {
                cluster.expireSession(data(), FaultCluster.PATHS.heartbeat("proxy-0"));
                leader.tell("go");
            });
            move("B8 the manager's session expires", point, longestWait(point), move -> {
                cluster.expireSession(data(), FaultCluster.PATHS.term());
                standby.await(move.begin(), line -> line.startsWith("leads"));
                leader.tell("go");
                leader.await(move.begin(), line -> line.equals("ended"));
            });
            ManagerJvm deposed = leader;
            leader = standby;
            standby = deposed;
        }
    }

    // ---- D3

    @Test
    @Tag("soak")
    void anAbortedMoveLeavesNothingAnywhere() throws Exception {
        for (FaultPoint point : List.of(
                FaultPoint.COPYING,
                FaultPoint.CAUGHT_UP,
                FaultPoint.FROZEN,
                FaultPoint.DRAINED,
                FaultPoint.GATE_CLOSED)) {
            String owner = cluster.owner();
            move("D3 aborted", point, USUAL_WAIT, move -> {
                leader.tell("abort " + move.id());
                leader.await(move.begin(), line -> line.equals("wrote " + move.id()));
                long aborted = System.nanoTime();
                leader.tell("go");
                move.endsAt(owner);
                await("the target has no key of the slots")
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> cluster.keysInTheWrongPlace().isEmpty());
                System.out.printf("FIGURE D3 aborted at %s: target clean after %d ms%n", point, since(aborted));
            });
        }
    }

    /** Nobody but the next leader knows that there is something to take off, from what was written down. */
    @Test
    @Tag("soak")
    void aLeaderThatDiesWhileItClearsTheTargetLeavesThatToTheNext() throws Exception {
        startStandby();
        String owner = cluster.owner();
        move("D3 aborted, and the leader killed", FaultPoint.COPYING, USUAL_WAIT, move -> {
            leader.tell("abort " + move.id());
            leader.await(move.begin(), line -> line.equals("wrote " + move.id()));
            leader.tell("halt " + FaultPoint.PURGING);
            leader.tell("go");
            leader.await(move.begin(), line -> line.equals("at " + FaultPoint.PURGING));
            assertThat(cluster.keysInTheWrongPlace()).isNotEmpty();
            leader.kill();
            move.endsAt(owner);
            long killed = System.nanoTime();
            await("the target has no key of the slots")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> cluster.keysInTheWrongPlace().isEmpty());
            System.out.printf("FIGURE D3 aborted, and the leader killed: target clean after %d ms%n", since(killed));
        });
        standbyHasTakenOver();
    }

    // ---- D4

    @Test
    @Tag("soak")
    void slotsGoBackAsSoonAsTheyHaveCome() throws Exception {
        for (int i = 0; i < 10; i++) {
            String owner = cluster.owner();
            move("D4 rolled back", FaultPoint.SWITCHED, USUAL_WAIT, move -> {
                assertThat(cluster.owner()).isNotEqualTo(owner);
                cluster.rememberExpiries(); // each way makes them later by some 50 ms
                leader.tell("rollback " + move.id() + " " + move.id() + "-back");
                leader.await(move.begin(), line -> line.equals("wrote " + move.id() + "-back"));
                leader.tell("go");
                move.endsAt(owner);
            });
        }
    }

    // ---- what all have in common

    /** A move during which something goes wrong. */
    private interface Fault {
        void happen(Move move) throws Exception;
    }

    private static final class Move {

        private final String id;
        private final String from;
        private final long begin = System.nanoTime();
        private String owner;
        private long halted;

        Move(String id, String from) {
            this.id = id;
            this.from = from;
            this.owner = from.equals("s0") ? "s1" : "s0";
        }

        String id() {
            return id;
        }

        long begin() {
            return begin;
        }

        long halted() {
            return halted;
        }

        String command() {
            return "move " + id + " " + from + " " + (from.equals("s0") ? "s1" : "s0") + " " + FaultCluster.MOVING;
        }

        /** Where the slots must be in the end. */
        void endsAt(String shard) {
            owner = shard;
        }
    }

    /** Moves the slots to the other shard, with something that happens when the leader is halted at that point. */
    private void move(String what, @Nullable FaultPoint point, Duration longestWait, Fault fault) throws Exception {
        Move move = new Move("m-" + ++moves, cluster.owner());
        Duration waited;
        Duration beside;
        WorkloadReport report;
        try (Workload workload = Workload.start(cluster.ports(), seed + moves, PAUSE, EnumSet.allOf(Extra.class));
                Pulse pulse = Pulse.start(cluster.ports().get(0), FaultCluster.key("pulse:", true));
                Pulse still = Pulse.start(cluster.ports().get(1), FaultCluster.key("pulse:", false))) {
            if (point != null) {
                leader.tell("halt " + point);
            }
            leader.tell(move.command());
            if (point != null) {
                leader.await(move.begin, line -> line.equals("at " + point));
            } else {
                leader.await(move.begin, line -> line.equals("moves " + move.id));
            }
            move.halted = System.nanoTime();
            fault.happen(move);
            cluster.awaitOwner(move.owner);
            report = workload.stop();
            pulse.stop();
            still.stop();
            waited = pulse.longest();
            assertThat(pulse.trouble()).as("%s %s", what, point).isEmpty();
            assertThat(still.trouble()).as("%s %s", what, point).isEmpty();
            assertThat(pulse.beats()).isPositive();
            beside = still.longest();
        }
        String at = what + ", step " + (point == null ? "any" : point.step() + " " + point);
        System.out.printf(
                "FIGURE %s: over after %d ms, clients waited %d ms at most, those of slots that stay %d ms; %s%n",
                at, since(move.begin), waited.toMillis(), beside.toMillis(), report);
        assertThat(report.violations()).as("%s %s: %s", what, point, report).isZero();
        assertThat(report.errorCount()).as("%s %s: %s", what, point, report).isZero();
        if (waited.compareTo(longestWait) > 0
                || beside.compareTo(longestWait.equals(UNJUDGED) ? UNJUDGED : USUAL_WAIT) > 0) {
            late.add(at + ": " + waited.toMillis() + " ms, of slots that stay " + beside.toMillis() + " ms");
        }
        cluster.check(what + " " + point, data());
        cluster.rememberExpiries();
    }

    private static long since(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    private static Duration longestWait(FaultPoint point) {
        return point.clientsWait() ? FROZEN_WAIT : USUAL_WAIT;
    }
}
