package io.sluice.launcher.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.testing.ManagerJvm;
import io.sluice.testing.workload.Workload;
import io.sluice.testing.workload.Workload.Extra;
import io.sluice.testing.workload.WorkloadReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;
import org.jspecify.annotations.Nullable;

/** Slots that move to and fro while clients work, and the managers that something may happen to meanwhile. */
final class ManagerScene implements AutoCloseable {

    private static final int KEYS = 3_000;
    private static final int KEYS_PER_SECOND = 50_000;
    private static final int TICK_MILLIS = 500;
    private static final Duration PAUSE = Duration.ofMillis(5);

    /** What the design promises to clients of a frozen slot, and what a busy machine may add. */
    static final Duration FROZEN_WAIT = Duration.ofMillis(3_000 + 500);

    /** While the usual freeze goes on, on a busy machine. */
    static final Duration USUAL_WAIT = Duration.ofSeconds(1);

    /** What is measured, but not judged: a machine of CI may be slower than any promise. */
    static final Duration UNJUDGED = Duration.ofMinutes(1);

    /** A move during which something goes wrong. */
    interface Fault {
        void happen(Move move) throws Exception;
    }

    static final class Move {

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

    private final long seed = Long.getLong("sluice.seed", System.nanoTime());
    private final TestingServer zooKeeper;
    private final FaultCluster cluster;
    private final List<String> late = new ArrayList<>();
    private ManagerJvm leader;
    private ManagerJvm standby;
    private int moves;

    ManagerScene(Path folder) throws Exception {
        zooKeeper = new TestingServer(new InstanceSpec(null, -1, -1, -1, true, -1, TICK_MILLIS, -1), true);
        cluster = FaultCluster.start(folder, zooKeeper.getConnectString());
        cluster.still().fill(KEYS);
        leader = cluster.startManager(KEYS_PER_SECOND);
        leader.await(line -> line.startsWith("leads"));
        standby = leader;
    }

    FaultCluster cluster() {
        return cluster;
    }

    /** Where ZooKeeper keeps its own log. */
    Path data() {
        return zooKeeper.getTempDirectory().toPath();
    }

    ManagerJvm leader() {
        return leader;
    }

    /** The leader itself until one is started. */
    ManagerJvm standby() {
        return standby;
    }

    void startStandby() throws Exception {
        standby = cluster.startManager(KEYS_PER_SECOND);
    }

    /** In place of the leader, which is gone. */
    void startLeader() throws Exception {
        leader = cluster.startManager(KEYS_PER_SECOND);
    }

    void standbyHasTakenOver() throws Exception {
        leader.close();
        leader = standby;
        startStandby();
    }

    /** Both live; the one that led stands by. */
    void standbyLeads() {
        ManagerJvm deposed = leader;
        leader = standby;
        standby = deposed;
    }

    /** Moves the slots to the other shard, with something that happens when the leader is halted at that point. */
    void move(String what, @Nullable FaultPoint point, Duration longestWait, Fault fault) throws Exception {
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
        cluster.still().rememberExpiries();
    }

    static long since(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    static Duration longestWait(FaultPoint point) {
        return point.clientsWait() ? FROZEN_WAIT : USUAL_WAIT;
    }

    /** Fails if clients have waited longer than was promised. */
    @Override
    public void close() throws IOException {
        cluster.close();
        zooKeeper.close();
        assertThat(late).as("who waited longer than promised").isEmpty();
    }
}
