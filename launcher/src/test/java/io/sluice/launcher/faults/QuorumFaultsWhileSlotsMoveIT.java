package io.sluice.launcher.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.testing.ManagerJvm;
import io.sluice.testing.workload.Workload;
import io.sluice.testing.workload.Workload.Extra;
import io.sluice.testing.workload.WorkloadReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingCluster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three servers of ZooKeeper, of which some go while slots move. Slots that stay notice nothing. */
@Tag("soak")
class QuorumFaultsWhileSlotsMoveIT {

    private static final int KEYS = 3_000;
    private static final int KEYS_PER_SECOND = 50_000;
    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final Duration OUTAGE = Duration.ofSeconds(20);

    /** Of clients whose slots stay, on a busy machine. */
    private static final Duration USUAL_WAIT = Duration.ofSeconds(1);

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("sluice.seed", System.nanoTime());
    private TestingCluster zooKeeper;
    private FaultCluster cluster;
    private ManagerJvm manager;
    private int moves;

    @BeforeEach
    void start() throws Exception {
        zooKeeper = new TestingCluster(3);
        zooKeeper.start();
        cluster = FaultCluster.start(folder, zooKeeper.getConnectString());
        cluster.still().fill(KEYS);
        manager = cluster.startManager(KEYS_PER_SECOND);
        manager.await(line -> line.startsWith("leads"));
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
        zooKeeper.close();
    }

    @Test
    void itsLeaderIsKilledAtSeveralSteps() throws Exception {
        for (FaultPoint point : List.of(
                FaultPoint.COPYING,
                FaultPoint.WRITING_FREEZE,
                FaultPoint.FROZEN,
                FaultPoint.DRAINED,
                FaultPoint.WRITING_SWITCH,
                FaultPoint.CLEANING)) {
            InstanceSpec leader = leader();
            WorkloadReport report = move("B8 ZooKeeper's leader killed", point, () -> {
                zooKeeper.killServer(leader);
                manager.tell("go");
            });
            assertThat(report.errorCount()).as("%s", report).isZero();
            zooKeeper.restartServer(leader);
            await("three of them again")
                    .atMost(FaultCluster.LIMIT)
                    .ignoreExceptions()
                    .until(() -> zooKeeper.getInstances().stream()
                            .allMatch(server -> mode(server).contains("Mode: ")));
        }
    }

    @Test
    void itsQuorumIsGoneForAWhile() throws Exception {
        for (FaultPoint point : List.of(FaultPoint.COPYING, FaultPoint.DRAINED)) {
            List<InstanceSpec> two = List.copyOf(zooKeeper.getInstances()).subList(0, 2);
            WorkloadReport report = move("B8 no quorum for 20 s", point, () -> {
                for (InstanceSpec server : two) {
                    zooKeeper.killServer(server);
                }
                manager.tell("go");
                await().pollDelay(OUTAGE).atMost(OUTAGE.multipliedBy(2)).until(() -> true);
                for (InstanceSpec server : two) {
                    zooKeeper.restartServer(server);
                }
            });
            assertThat(report.errors().keySet())
                    .as("%s", report)
                    .allMatch(error -> error.contains("its slot is") || error.startsWith("connection:"));
        }
    }

    private interface Fault {
        void happen() throws Exception;
    }

    private WorkloadReport move(String what, FaultPoint point, Fault fault) throws Exception {
        String from = cluster.owner();
        String to = from.equals("s0") ? "s1" : "s0";
        String id = "m-" + ++moves;
        long begin = System.nanoTime();
        WorkloadReport report;
        try (Workload workload = Workload.start(cluster.ports(), seed + moves, PAUSE, EnumSet.allOf(Extra.class));
                Pulse still = Pulse.start(cluster.ports().get(0), FaultCluster.key("pulse:", false))) {
            manager.tell("halt " + point);
            manager.tell("move " + id + " " + from + " " + to + " " + FaultCluster.MOVING);
            manager.await(begin, line -> line.equals("at " + point));

            fault.happen();

            cluster.awaitOwner(to);
            report = workload.stop();
            still.stop();
            System.out.printf(
                    "FIGURE %s at %s: over after %d ms; slots that stay waited %d ms at most; %s%n",
                    what,
                    point,
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin),
                    still.longest().toMillis(),
                    report);
            assertThat(still.trouble()).as(what).isEmpty();
            assertThat(still.longest()).as(what).isLessThan(USUAL_WAIT);
        }
        assertThat(report.violations()).as("%s: %s", what, report).isZero();
        cluster.check(what + " " + point);
        cluster.still().rememberExpiries();
        return report;
    }

    private InstanceSpec leader() {
        return zooKeeper.getInstances().stream()
                .filter(server -> mode(server).contains("Mode: leader"))
                .findFirst()
                .orElseThrow();
    }

    /** Asked as people do with netcat. */
    private static String mode(InstanceSpec server) {
        try (Socket socket = new Socket(server.getHostname(), server.getPort())) {
            socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
