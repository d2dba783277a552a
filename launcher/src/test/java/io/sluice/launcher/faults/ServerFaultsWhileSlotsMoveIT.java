package io.sluice.launcher.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.testing.ManagerJvm;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.workload.Workload;
import io.sluice.testing.workload.Workload.Extra;
import io.sluice.testing.workload.WorkloadReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that keep what they acknowledge die and come back, are emptied or full, while slots move between them. */
@Tag("soak")
class ServerFaultsWhileSlotsMoveIT {

    private static final int KEYS = 3_000;
    private static final int KEYS_PER_SECOND = 50_000;
    private static final int TICK_MILLIS = 500;
    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final List<FaultPoint> POINTS = List.of(
            FaultPoint.COPYING,
            FaultPoint.BEFORE_DRAIN,
            FaultPoint.DRAINED,
            FaultPoint.GATE_CLOSED,
            FaultPoint.SWITCHED);

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("sluice.seed", System.nanoTime());
    private TestingServer zooKeeper;
    private FaultCluster cluster;
    private ManagerJvm manager;
    private int moves;

    @BeforeEach
    void start() throws Exception {
        zooKeeper = new TestingServer(new InstanceSpec(null, -1, -1, -1, true, -1, TICK_MILLIS, -1), true);
        cluster = FaultCluster.startDurable(folder, zooKeeper.getConnectString());
        cluster.still().fill(KEYS);
        manager = cluster.startManager(KEYS_PER_SECOND);
        manager.await(line -> line.startsWith("leads"));
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
        zooKeeper.close();
    }

    /** B9. */
    @Test
    void theSourceDiesAtSeveralSteps() throws Exception {
        for (FaultPoint point : POINTS) {
            killAndRestart("B9 source", point, cluster.server(number(cluster.owner())));
        }
    }

    /** B10. */
    @Test
    void theTargetDiesAtSeveralSteps() throws Exception {
        for (FaultPoint point : POINTS) {
            killAndRestart("B10 target", point, cluster.server(1 - number(cluster.owner())));
        }
    }

    private static int number(String shard) {
        return shard.equals("s0") ? 0 : 1;
    }

    private String move() throws Exception {
        String from = cluster.owner();
        return "move m-" + ++moves + " " + from + " " + (from.equals("s0") ? "s1" : "s0") + " " + FaultCluster.MOVING;
    }

    private void killAndRestart(String what, FaultPoint point, RedisServer server) throws Exception {
        String to = cluster.owner().equals("s0") ? "s1" : "s0";
        long begin = System.nanoTime();
        WorkloadReport report;
        try (Workload workload = Workload.start(cluster.ports(), seed + moves, PAUSE, EnumSet.allOf(Extra.class))) {
            manager.tell("halt " + point);
            manager.tell(move());
            manager.await(begin, line -> line.equals("at " + point));

            server.kill();
            manager.tell("go");
            await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
            server.restart();

            cluster.awaitOwner(to);
            cluster.still().awaitAllIsRead();
            report = workload.stop();
        }
        System.out.printf(
                "FIGURE %s killed at %s: over after %d ms; %s%n",
                what, point, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin), report);
        assertThat(report.violations()).as("%s %s: %s", what, point, report).isZero();
        cluster.check(what + " " + point, zooKeeper.getTempDirectory().toPath());
        cluster.still().rememberExpiries();
    }

    /** B12: what a stopped manager was about to delete at the source has gone back there meanwhile. */
    @Test
    void aCleanupThatComesTooLateDeletesNoLiveKey() throws Exception {
        long begin = System.nanoTime();
        manager.tell("halt " + FaultPoint.CLEANING);
        manager.tell(move());
        manager.await(begin, line -> line.equals("at " + FaultPoint.CLEANING));
        manager.signal("STOP");
        ManagerJvm next = cluster.startManager(KEYS_PER_SECOND);
        next.await(line -> line.startsWith("leads"));
        cluster.awaitOwner("s1");
        next.tell(move());
        cluster.awaitOwner("s0");
        int keys = cluster.keys(0).size();
        assertThat(keys).isPositive();

        manager.tell("go");
        manager.signal("CONT");

        manager.await(begin, line -> line.equals("ended"));
        assertThat(cluster.keys(0)).hasSize(keys);
        cluster.still().rememberExpiries(); // two moves have made them later
        cluster.check("B12", zooKeeper.getTempDirectory().toPath());
    }

    /** C6: the copy begins anew, and knows nothing of what was there before. */
    @Test
    void whoEmptiesTheSourceInTheMidstOfACopyFindsItEmptyAtTheTargetToo() throws Exception {
        long begin = System.nanoTime();
        manager.tell("halt " + FaultPoint.COPYING);
        manager.tell(move());
        manager.await(begin, line -> line.equals("at " + FaultPoint.COPYING));
        try (RespClient source = cluster.server(0).connect()) {
            source.call("FLUSHALL");
        }
        manager.tell("go");
        cluster.still().fill(100);
        int there = cluster.keys(0).size();

        cluster.awaitOwner("s1");

        assertThat(cluster.keys(0)).isEmpty();
        assertThat(there).isPositive();
        cluster.check("C6", zooKeeper.getTempDirectory().toPath());
    }

    /** D6: the move stops and says so; aborted, it leaves nothing. */
    @Test
    void aTargetThatIsFullStopsTheMoveAndNothingElse() throws Exception {
        long begin = System.nanoTime();
        manager.tell("halt " + FaultPoint.COPYING);
        manager.tell(move());
        manager.await(begin, line -> line.equals("at " + FaultPoint.COPYING));
        try (RespClient target = cluster.server(1).connect()) {
            target.call("CONFIG", "SET", "maxmemory", "1mb");
            manager.tell("go");

            await("the target is told to be full")
                    .atMost(FaultCluster.LIMIT)
                    .until(() ->
                            manager.said().stream().anyMatch(line -> line.text().contains("is out of memory")));
            assertThat(cluster.owner()).isEqualTo("s0");

            manager.tell("abort m-1");
            manager.await(begin, line -> line.equals("wrote m-1"));
            await("the target is clean")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> cluster.keysInTheWrongPlace().isEmpty());
            target.call("CONFIG", "SET", "maxmemory", "0");
        }
        cluster.awaitOwner("s0");
        cluster.check("D6", zooKeeper.getTempDirectory().toPath());
    }
}
