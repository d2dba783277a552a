package io.sluice.launcher.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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

    private ManagerScene scene;
    private FaultCluster cluster;

    @BeforeEach
    void start() throws Exception {
        scene = new ManagerScene(folder);
        cluster = scene.cluster();
    }

    @AfterEach
    void stop() throws Exception {
        scene.close();
    }

    private static List<FaultPoint> points(List<FaultPoint> all) {
        String chosen = System.getProperty("sluice.points", "");
        return chosen.isEmpty()
                ? all
                : List.of(chosen.split(",", -1)).stream()
                        .map(FaultPoint::valueOf)
                        .toList();
    }

    // ---- B14, and B1 in short

    @Test
    void aFreezeWhoseManagerDiedIsEndedByAProxyIfNoManagerIsLeft() throws Exception {
        scene.move("B14 nobody left", FaultPoint.DRAINED, ManagerScene.UNJUDGED, move -> {
            scene.leader().kill();
            await("a proxy ends the freeze")
                    .atMost(FaultCluster.LIMIT)
                    .until(() -> cluster.handoff(move.id()).map(Handoff::state).equals(Optional.of(HandoffState.COPY)));
            System.out.printf(
                    "FIGURE B14 the freeze was over %d ms after the kill%n", ManagerScene.since(move.halted()));
            scene.startLeader();
        });
    }

    @Test
    @Tag("soak")
    void clientsWaitThreeSecondsAtMostIfNoManagerIsLeft() throws Exception {
        for (int i = 0; i < 10; i++) {
            scene.move("B14", FaultPoint.DRAINED, ManagerScene.FROZEN_WAIT, move -> {
                scene.leader().kill();
                await().atMost(FaultCluster.LIMIT)
                        .until(() ->
                                cluster.handoff(move.id()).map(Handoff::state).equals(Optional.of(HandoffState.COPY)));
                scene.startLeader();
            });
        }
    }

    // ---- B1

    @Test
    @Tag("soak")
    void aLeaderIsKilledAtEveryStep() throws Exception {
        scene.startStandby();
        for (FaultPoint point : points(FaultPoint.ofEveryMove())) {
            scene.move("B1", point, ManagerScene.longestWait(point), move -> {
                scene.leader().kill();
                scene.standby().await(move.begin(), line -> line.startsWith("leads"));
                if (point == FaultPoint.WRITING_COPY) {
                    assertThat(cluster.pool().handoffs()).isEmpty();
                    scene.standby().tell(move.command());
                }
            });
            scene.standbyHasTakenOver();
        }
    }

    // ---- B2

    @Test
    @Tag("soak")
    void aLeaderIsStoppedAtEveryStepAndWakesUp() throws Exception {
        Duration asleep = Duration.ofSeconds(Long.getLong("sluice.asleep", 15));
        scene.startStandby();
        for (FaultPoint point : points(FaultPoint.ofEveryMove())) {
            String login = cluster.loginOf(1);
            scene.move("B2", point, ManagerScene.longestWait(point), move -> {
                scene.leader().signal("STOP");
                long stopped = System.nanoTime();
                scene.standby().await(move.begin(), line -> line.startsWith("leads"));
                Duration left = asleep.minusNanos(System.nanoTime() - stopped);
                if (!left.isNegative()) {
                    await().pollDelay(left).atMost(left.plus(asleep)).until(() -> true);
                }
                cluster.logins().awaitNoConnectionOf(login);
                cluster.logins().forbidWrites(login);
                scene.leader().tell("go"); // read when it wakes up: it goes on in the midst of the step
                scene.leader().signal("CONT");
                scene.leader().await(stopped, line -> line.equals("ended"));
                if (point == FaultPoint.WRITING_COPY) {
                    scene.leader().await(stopped, line -> line.startsWith("refused"));
                    scene.standby().tell(move.command());
                }
            });
            assertNothingWrittenBy(login);
            scene.standbyHasTakenOver();
        }
    }

    private void assertNothingWrittenBy(String login) throws Exception {
        assertThat(cluster.logins().forbiddenTries(login))
                .as("what the old leader tried to write at the servers")
                .isEmpty();
        assertThat(TransactionLog.read(scene.data()).writesOfDeposedManagers(FaultCluster.PATHS, FaultCluster.POOL))
                .isEmpty();
    }

    // ---- B3

    /** The latch is taken from the one who leads, who is not told: both believe that they lead. */
    @Test
    @Tag("soak")
    void ofTwoLeadersOnlyTheSecondHasASay() throws Exception {
        scene.startStandby();
        for (FaultPoint point : points(DANGEROUS)) {
            String login = cluster.loginOf(1);
            scene.move("B3", point, ManagerScene.longestWait(point), move -> {
                cluster.zooKeeperFaults().takeLatchFrom(login);
                scene.standby().await(move.begin(), line -> line.startsWith("leads"));
                cluster.logins().awaitNoConnectionOf(login);
                cluster.logins().forbidWrites(login);
                scene.leader().tell("go");
            });
            assertNothingWrittenBy(login);
            scene.standbyHasTakenOver();
        }
    }

    /** The latch changes hands all the time. */
    @Test
    @Tag("soak")
    void leadersThatComeAndGoDoNoHarm() throws Exception {
        scene.startStandby();
        scene.move("B3 coming and going", null, Duration.ofSeconds(30), move -> {
            for (int i = 0; i < 12; i++) {
                for (int manager = 0; manager < 2; manager++) {
                    cluster.zooKeeperFaults().takeLatchFrom(cluster.loginOf(manager));
                    await().pollDelay(Duration.ofMillis(400)).until(() -> true);
                }
            }
        });
        assertThat(TransactionLog.read(scene.data()).writesOfDeposedManagers(FaultCluster.PATHS, FaultCluster.POOL))
                .isEmpty();
    }

    // ---- B8: sessions

    @Test
    @Tag("soak")
    void sessionsOfProxiesAndOfTheManagerExpire() throws Exception {
        scene.startStandby();
        for (FaultPoint point : points(DANGEROUS)) {
            scene.move("B8 a proxy's session expires", point, ManagerScene.longestWait(point), move -> {
                cluster.zooKeeperFaults().expireSession(scene.data(), FaultCluster.PATHS.heartbeat("proxy-0"));
                scene.leader().tell("go");
            });
            scene.move("B8 the manager's session expires", point, ManagerScene.longestWait(point), move -> {
                cluster.zooKeeperFaults().expireSession(scene.data(), FaultCluster.PATHS.term());
                scene.standby().await(move.begin(), line -> line.startsWith("leads"));
                scene.leader().tell("go");
                scene.leader().await(move.begin(), line -> line.equals("ended"));
            });
            scene.standbyLeads();
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
            scene.move("D3 aborted", point, ManagerScene.USUAL_WAIT, move -> {
                scene.leader().tell("abort " + move.id());
                scene.leader().await(move.begin(), line -> line.equals("wrote " + move.id()));
                long aborted = System.nanoTime();
                scene.leader().tell("go");
                move.endsAt(owner);
                await("the target has no key of the slots")
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> cluster.keysInTheWrongPlace().isEmpty());
                System.out.printf(
                        "FIGURE D3 aborted at %s: target clean after %d ms%n", point, ManagerScene.since(aborted));
            });
        }
    }

    /** Nobody but the next leader knows that there is something to take off, from what was written down. */
    @Test
    @Tag("soak")
    void aLeaderThatDiesWhileItClearsTheTargetLeavesThatToTheNext() throws Exception {
        scene.startStandby();
        String owner = cluster.owner();
        scene.move("D3 aborted, and the leader killed", FaultPoint.COPYING, ManagerScene.USUAL_WAIT, move -> {
            scene.leader().tell("abort " + move.id());
            scene.leader().await(move.begin(), line -> line.equals("wrote " + move.id()));
            scene.leader().tell("halt " + FaultPoint.PURGING);
            scene.leader().tell("go");
            scene.leader().await(move.begin(), line -> line.equals("at " + FaultPoint.PURGING));
            assertThat(cluster.keysInTheWrongPlace()).isNotEmpty();
            scene.leader().kill();
            move.endsAt(owner);
            long killed = System.nanoTime();
            await("the target has no key of the slots")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> cluster.keysInTheWrongPlace().isEmpty());
            System.out.printf(
                    "FIGURE D3 aborted, and the leader killed: target clean after %d ms%n", ManagerScene.since(killed));
        });
        scene.standbyHasTakenOver();
    }

    // ---- D4

    @Test
    @Tag("soak")
    void slotsGoBackAsSoonAsTheyHaveCome() throws Exception {
        for (int i = 0; i < 10; i++) {
            String owner = cluster.owner();
            scene.move("D4 rolled back", FaultPoint.SWITCHED, ManagerScene.USUAL_WAIT, move -> {
                assertThat(cluster.owner()).isNotEqualTo(owner);
                cluster.still().rememberExpiries(); // each way makes them later by some 50 ms
                scene.leader().tell("rollback " + move.id() + " " + move.id() + "-back");
                scene.leader().await(move.begin(), line -> line.equals("wrote " + move.id() + "-back"));
                scene.leader().tell("go");
                move.endsAt(owner);
            });
        }
    }
}
