package io.sluice.launcher.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.ClusterDesk;
import io.sluice.manager.change.TopologyChange;
import io.sluice.manager.migration.EngineMovers;
import io.sluice.manager.migration.HandoffRules;
import io.sluice.manager.migration.HandoffStatus;
import io.sluice.manager.migration.MigrationConfig;
import io.sluice.manager.migration.Migrations;
import io.sluice.manager.redis.PoolLogins;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.testing.workload.Workload;
import io.sluice.testing.workload.Workload.Extra;
import io.sluice.testing.workload.WorkloadReport;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proxies that acknowledge too late, or never, or are cut off from ZooKeeper: no slot is switched past them. */
class SilentProxiesWhileSlotsMoveIT {

    private static final int KEYS = 3_000;
    private static final int TICK_MILLIS = 500;
    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final SlotSet MOVING = SlotSet.range(0, 8191);

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("sluice.seed", System.nanoTime());
    private TestingServer zooKeeper;
    private SlowRelay relay;
    private @Nullable FaultCluster opened;
    private @Nullable Migrations migrations;

    @BeforeEach
    void start() throws Exception {
        zooKeeper = new TestingServer(new InstanceSpec(null, -1, -1, -1, true, -1, TICK_MILLIS, -1), true);
        relay = SlowRelay.to(zooKeeper.getPort(), Duration.ZERO);
    }

    @AfterEach
    void stop() throws Exception {
        if (opened != null) {
            opened.close();
        }
        relay.close();
        zooKeeper.close();
    }

    /** The second proxy goes through the relay. A manager in this process leads, with these rules. */
    private FaultCluster cluster(String proxyExtra, HandoffRules rules) throws Exception {
        FaultCluster cluster = FaultCluster.start(folder, zooKeeper.getConnectString(), relay.address(), proxyExtra);
        opened = cluster;
        cluster.still().fill(KEYS);
        EngineMovers movers = new EngineMovers(
                cluster.observer().connections(),
                cluster.cluster().topologies(),
                PoolLogins.NONE,
                MigrationConfig.DEFAULT,
                folder.resolve("spool"));
        Migrations begun = new Migrations(movers, rules);
        migrations = begun;
        cluster.observer().stand(begun::begin, begun::end);
        await().atMost(FaultCluster.LIMIT)
                .until(() -> cluster.cluster().leadership().leads());
        return cluster;
    }

    private static HandoffRules rules(Duration pause, int attempts) {
        return new HandoffRules(
                HandoffRules.DEFAULT.freshHeartbeat(),
                pause,
                pause,
                attempts,
                Duration.ofMillis(300),
                HandoffRules.DEFAULT.repeatPause());
    }

    private static void begin(FaultCluster cluster, String id, Duration freezeBudget) throws Exception {
        new ClusterDesk(cluster.cluster(), InstantSource.system())
                .apply(new Move(id, freezeBudget), "test", OptionalLong.empty());
    }

    /** With a freeze budget of the test's. */
    private record Move(String id, Duration freezeBudget) implements TopologyChange {

        @Override
        public String title() {
            return "move " + id;
        }

        @Override
        public Topology applyTo(Topology before) throws ChangeRefusedException {
            SlotPool pool = before.slotPool(FaultCluster.POOL).orElseThrow();
            return before.withPool(pool.withHandoff(new Handoff(
                    id, HandoffState.COPY, MOVING, "s0", "s1", Handoff.LEASE, freezeBudget, before.epoch() + 1, 0)));
        }
    }

    private Workload workload(FaultCluster cluster) {
        return Workload.start(cluster.ports(), seed, PAUSE, EnumSet.allOf(Extra.class));
    }

    private void judge(String what, FaultCluster cluster, WorkloadReport report) throws Exception {
        assertThat(report.violations()).as("%s: %s", what, report).isZero();
        cluster.check(what, zooKeeper.getTempDirectory().toPath());
    }

    private List<String> waits() {
        Migrations begun = migrations;
        return begun == null
                ? List.of()
                : begun.statuses().stream()
                        .map(HandoffStatus::waitsFor)
                        .flatMap(List::stream)
                        .toList();
    }

    // ---- B13

    @Test
    @Tag("soak")
    void aProxyThatAcknowledgesTooLateKeepsTheSlotsWhereTheyAreAHundredTimes() throws Exception {
        relay.delay(Duration.ofMillis(100));
        FaultCluster cluster = cluster("", rules(Duration.ofMillis(10), 100));
        long begin = System.nanoTime();
        WorkloadReport report;
        try (Workload workload = workload(cluster)) {
            begin(cluster, "b13", Duration.ofMillis(50));
            await("a hundred freezes")
                    .atMost(Duration.ofMinutes(4))
                    .until(() -> cluster.handoff("b13")
                            .filter(handoff -> handoff.attempt() == 100 && handoff.state() == HandoffState.COPY)
                            .isPresent());
            System.out.printf("FIGURE B13 a hundred freezes given up in %d ms%n", since(begin));
            assertThat(cluster.owner()).isEqualTo("s0");
            report = workload.stop();
        }
        List<HandoffState> states =
                TransactionLog.read(zooKeeper.getTempDirectory().toPath()).topologies(FaultCluster.PATHS).stream()
                        .flatMap(topology ->
                                topology.slotPool(FaultCluster.POOL).orElseThrow().handoffs().values().stream())
                        .map(Handoff::state)
                        .toList();
        assertThat(states).doesNotContain(HandoffState.SWITCHED);
        assertThat(states.stream().filter(HandoffState.FREEZE::equals)).hasSize(100);
        System.out.println("FIGURE B13 clients " + report);
        assertThat(report.errorCount()).as("%s", report).isZero();
        assertThat(report.violations()).as("%s", report).isZero();
    }

    // ---- B15

    @Test
    void aProxyThatDiedBeforeTheMoveIsNamedUntilItIsRemoved() throws Exception {
        FaultCluster cluster = cluster("", rules(Duration.ofSeconds(1), 20));
        leaveRegistration(cluster, Duration.ZERO);
        begin(cluster, "b15", Handoff.FREEZE_BUDGET);
        await("the move names it")
                .atMost(FaultCluster.LIMIT)
                .until(() -> waits().stream().anyMatch(line -> line.startsWith("proxy ghost serves epoch 1, not 2")));
        assertThat(waits()).hasSize(1);
        assertThat(cluster.handoff("b15").orElseThrow().attempt()).isZero();

        cluster.cluster().proxies().remove("ghost");

        cluster.awaitOwner("s1");
        cluster.check("B15", zooKeeper.getTempDirectory().toPath());
    }

    @Test
    @Tag("soak")
    void aProxyThatDiedBeforeTheMoveIsFencedByTheLeaseThatItObeyed() throws Exception {
        Duration lease = Duration.ofSeconds(20);
        FaultCluster cluster = cluster("  steady_lease: 20s\n", rules(Duration.ofSeconds(1), 20));
        leaveRegistration(cluster, lease);
        long left = System.nanoTime();
        WorkloadReport report;
        try (Workload workload = workload(cluster)) {
            begin(cluster, "b15", Handoff.FREEZE_BUDGET);
            await("the slots are switched")
                    .atMost(FaultCluster.LIMIT)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> cluster.owner().equals("s1"));
            long took = since(left);
            System.out.printf(
                    "FIGURE B15 switched %d ms after the last heartbeat of a proxy with steady_lease 20s%n", took);
            assertThat(took).isBetween(lease.toMillis(), lease.toMillis() * 3 / 2);
            cluster.awaitOwner("s1");
            report = workload.stop();
        }
        System.out.println("FIGURE B15 clients " + report);
        assertThat(report.errorCount()).as("%s", report).isZero();
        judge("B15", cluster, report);
    }

    /** What a proxy leaves behind that is killed. */
    private static void leaveRegistration(FaultCluster cluster, Duration steadyLease) throws Exception {
        ProxyRegistration self =
                new ProxyRegistration("run-1", "1", "", Instant.now(), Map.of()).withSteadyLease(steadyLease);
        cluster.raw().create().forPath(FaultCluster.PATHS.proxy("ghost"), self.bytes());
        cluster.raw()
                .create()
                .forPath(FaultCluster.PATHS.heartbeat("ghost"), new Heartbeat("run-1", 1, 1, 0, "").bytes());
    }

    /** It has clients and its way to the servers all the time: it must stop by itself before the slots are switched. */
    @Test
    @Tag("soak")
    void aProxyThatIsCutOffServesNothingOnceItsLeaseIsOverAndTheSlotsMoveWithoutIt() throws Exception {
        FaultCluster cluster = cluster("  steady_lease: 10s\n", rules(Duration.ofSeconds(1), 20));
        WorkloadReport report;
        try (Workload workload = workload(cluster)) {
            relay.cut(true);
            long cut = System.nanoTime();
            begin(cluster, "cut", Handoff.FREEZE_BUDGET);
            await("the slots are switched")
                    .atMost(FaultCluster.LIMIT)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> cluster.owner().equals("s1"));
            System.out.printf(
                    "FIGURE steady_lease 10s, a proxy cut off from ZooKeeper: switched after %d ms%n", since(cut));
            assertThat(since(cut)).isGreaterThanOrEqualTo(10_000);
            cluster.awaitOwner("s1");
            relay.cut(false);
            await("it is back").atMost(FaultCluster.LIMIT).until(cluster::allServeTheNewest);
            report = workload.stop();
        }
        System.out.println("FIGURE steady_lease 10s, clients " + report);
        assertThat(report.errors().keySet())
                .as("%s", report)
                .allMatch(error -> error.contains("ZooKeeper has not been heard") || error.startsWith("connection:"));
        judge("cut off", cluster, report);
    }

    private static long since(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }
}
