package io.sluice.manager.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.change.ClusterDesk;
import io.sluice.manager.change.TopologyChange;
import io.sluice.manager.store.ConnectionBook;
import io.sluice.manager.store.Orders;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.manager.store.StoredTopology;
import io.sluice.manager.store.ZooKeeperCluster;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.ZooKeeperAccess;
import io.sluice.routing.topology.ServerAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Handoffs of slots without keys: real ZooKeeper, two managers, three proxies that follow, movers that do as told. */
class MigrationsIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final SlotSet MOVING = SlotSet.range(100, 199);
    private static final ZnodePaths PATHS = new ZnodePaths("moves");

    /** The real ones, but for what is done a minute after the switch. */
    private static final HandoffRules RULES = new HandoffRules(
            HandoffRules.DEFAULT.freshHeartbeat(),
            HandoffRules.DEFAULT.firstPause(),
            HandoffRules.DEFAULT.longestPause(),
            HandoffRules.DEFAULT.maxAttempts(),
            Duration.ofMillis(500),
            HandoffRules.DEFAULT.repeatPause());

    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<FollowingProxy> proxies = new ArrayList<>();
    private final List<FakeMover> movers = new CopyOnWriteArrayList<>();
    private volatile Runnable onDrain = () -> {};
    private volatile Runnable onClean = () -> {};
    private volatile @Nullable String purgeProblem;
    private volatile boolean copiesCatchUp = true;
    private TestingServer server;
    private CuratorFramework raw;
    private ZooKeeperCluster first;

    @BeforeEach
    void startEverything() throws Exception {
        server = new TestingServer();
        raw = CuratorFrameworkFactory.newClient(server.getConnectString(), new RetryOneTime(100));
        raw.start();
        first = manager("mgr-1");
        await().atMost(LIMIT).until(() -> first.cluster().leadership().leads());
        SlotPool pool = new FakePlane().pool().withoutHandoff(FakePlane.HANDOFF);
        StoredTopology none = first.cluster().topologies().read();
        first.cluster().topologies().replace(none, none.topology().withPool(pool));
        for (String id : List.of("p1", "p2", "p3")) {
            proxies.add(FollowingProxy.start(raw, PATHS, id));
        }
    }

    @AfterEach
    void stopEverything() throws Exception {
        proxies.forEach(FollowingProxy::close);
        for (AutoCloseable each : open) {
            each.close();
        }
        raw.close();
        server.close();
    }

    private ZooKeeperCluster manager(String id) {
        return manager(id, new Migrations((pool, handoff) -> mover(), RULES));
    }

    private ZooKeeperCluster manager(String id, Migrations migrations) {
        ZooKeeperCluster manager =
                ZooKeeperCluster.open(ZooKeeperAccess.to(server.getConnectString()), "moves", id, "http://127.0.0.1:1");
        manager.stand(migrations::begin, migrations::end);
        open.add(0, manager);
        open.add(0, Watchdog.start(manager.cluster().topologies()));
        return manager;
    }

    private Mover mover() {
        FakeMover mover = new FakeMover();
        mover.onDrain = () -> onDrain.run();
        mover.onClean = () -> onClean.run();
        mover.purgeProblem = purgeProblem;
        mover.caughtUp = copiesCatchUp;
        movers.add(mover);
        return mover;
    }

    @Test
    void slotsMoveAndTheirHandoffGoesAway() throws Exception {
        List<Long> freezes = new ArrayList<>();
        for (int i = 1; i <= 10; i++) {
            boolean there = i % 2 == 1;
            long switched = move("h-" + i, there ? "a" : "b", there ? "b" : "a");
            freezes.add(switched);
        }

        assertThat(pool().handoffs()).isEmpty();
        assertThat(movers)
                .hasSize(10)
                .allSatisfy(mover -> assertThat(mover.asked).startsWith("begin", "drain", "gate", "close", "clean"));
        freezes.sort(null);
        System.out.println("FIGURE handoff of empty slots, 3 proxies: COPY written to SWITCHED seen, ms: min="
                + freezes.get(0) + " median=" + freezes.get(5) + " max=" + freezes.get(9));
    }

    private long move(String id, String from, String to) throws Exception {
        long begin = System.nanoTime();
        begin(id, from, to);
        awaitOwner(to);
        long took = Duration.ofNanos(System.nanoTime() - begin).toMillis();
        await().atMost(LIMIT).until(() -> handoff(id).isEmpty());
        return took;
    }

    @Test
    void aFreezeThatItsManagerDoesNotEndIsEndedByAnother() throws Exception {
        CountDownLatch hangs = new CountDownLatch(1);
        onDrain = () -> awaitQuietly(hangs);
        manager("mgr-2");
        begin("h-1", "a", "b");
        await().atMost(LIMIT).until(() -> stateOf("h-1") == HandoffState.FREEZE);
        long frozen = System.nanoTime();

        await().atMost(LIMIT).until(() -> stateOf("h-1") == HandoffState.COPY);

        Duration took = Duration.ofNanos(System.nanoTime() - frozen);
        System.out.println("FIGURE a freeze whose manager hangs was ended after ms: " + took.toMillis());
        assertThat(took).isBetween(Handoff.FREEZE_BUDGET, LIMIT);
        onDrain = () -> {};
        hangs.countDown();
        awaitOwner("b");
        assertThat(handoff("h-1").map(Handoff::attempt)).isNotEqualTo(Optional.of(1));
    }

    @Test
    void whoTakesOverInTheMiddleOfAFreezeBringsTheMoveToItsEnd() throws Exception {
        CountDownLatch hangs = new CountDownLatch(1);
        onDrain = () -> awaitQuietly(hangs);
        begin("h-1", "a", "b");
        await().atMost(LIMIT).until(() -> stateOf("h-1") == HandoffState.FREEZE);
        onDrain = () -> {};
        raw.setData().forPath(PATHS.term(), "{\"term\":7,\"leader\":\"mgr-2\"}".getBytes(StandardCharsets.UTF_8));

        hangs.countDown(); // the old one's switch is refused now

        awaitOwner("b");
        assertThat(topology().topology().term()).isGreaterThan(7);
        await().atMost(LIMIT).until(() -> handoff("h-1").isEmpty());
        assertThat(movers.get(0).asked).startsWith("begin", "drain", "gate").doesNotContain("clean");
        assertThat(movers.get(1).asked).startsWith("begin", "drain", "gate", "close", "clean");
    }

    @Test
    void aProxyThatFallsSilentIsFencedByItsLease() throws Exception {
        copiesCatchUp = false;
        begin("h-1", "a", "b");
        await().atMost(LIMIT)
                .until(() -> first.cluster().proxies().proxies().get(2).appliedEpoch()
                        >= topology().topology().epoch());
        await().atMost(LIMIT).until(() -> !movers.isEmpty());
        proxies.get(2).fallSilent();
        long silent = System.nanoTime();

        movers.get(0).caughtUp = true;

        awaitOwner("b");
        Duration took = Duration.ofNanos(System.nanoTime() - silent);
        System.out.println("FIGURE a proxy fell silent, its slots were switched after ms: " + took.toMillis());
        assertThat(took).isBetween(Handoff.LEASE, LIMIT);
    }

    @Test
    void aMoveBeginsAnewWhenOneOfItsShardsGetsAnotherPrimary() throws Exception {
        copiesCatchUp = false;
        begin("h-1", "a", "b");
        await().atMost(LIMIT)
                .until(() -> movers.size() == 1 && movers.get(0).asked.contains("begin"));
        copiesCatchUp = true;

        replacePrimary("b", 7999);
        movers.get(0).caughtUp = true; // with what the old primary got, which has no say any more

        awaitOwner("b");
        await().atMost(LIMIT).until(() -> handoff("h-1").isEmpty());
        assertThat(movers.get(0).asked).containsExactly("begin", "close");
        assertThat(movers.get(1).asked).startsWith("begin", "drain", "gate", "close", "clean");
    }

    @Test
    void aFreezeEndsWhenOneOfItsShardsGetsAnotherPrimaryInItsMidst() throws Exception {
        CountDownLatch replaced = new CountDownLatch(1);
        onDrain = () -> {
            onDrain = () -> {};
            replacePrimary("a", 7998);
            replaced.countDown();
        };

        begin("h-1", "a", "b");

        awaitQuietly(replaced);
        awaitOwner("b");
        await().atMost(LIMIT).until(() -> handoff("h-1").isEmpty());
        assertThat(movers.get(0).asked)
                .as("what it had brought over was of the former primary")
                .containsExactly("begin", "drain", "gate", "close");
        assertThat(movers.get(1).asked).startsWith("begin", "drain", "gate", "close", "clean");
    }

    /** By one that has nothing of it, and no replicas. */
    private void replacePrimary(String shard, int port) {
        try {
            StoredTopology before = topology();
            Shard old = pool().shard(shard).orElseThrow();
            Shard failedOver = old.withServers(ServerAddress.tcp("127.0.0.1", port), List.of());
            first.cluster().topologies().replace(before, before.topology().withPool(pool().withShard(failedOver)));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatSomebodyHasPausedStaysPausedWhenAnotherManagerTakesOver() throws Exception {
        copiesCatchUp = false;
        begin("h-1", "a", "b");
        await().atMost(LIMIT)
                .until(() -> movers.size() == 1 && movers.get(0).asked.contains("begin"));
        apply(new PauseHandoff("alpha", "h-1"));
        await().atMost(LIMIT).until(() -> movers.get(0).paused);
        copiesCatchUp = true;

        raw.setData().forPath(PATHS.term(), "{\"term\":7,\"leader\":\"mgr-2\"}".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> apply(new ResumeHandoff("alpha", "h-1")))
                .as("who was deposed gives no orders")
                .extracting(e -> ((StoreException) e).reason())
                .isEqualTo(Reason.NOT_LEADER);

        await().atMost(LIMIT).until(() -> movers.size() == 2 && movers.get(1).paused);
        assertThat(movers.get(1).asked).isEmpty();
        apply(new ResumeHandoff("alpha", "h-1"));
        awaitOwner("b");
        assertThat(movers.get(1).asked).startsWith("begin", "drain", "gate");
        await().atMost(LIMIT).until(() -> handoff("h-1").isEmpty());
    }

    @Test
    void copiesThatNobodyTookOffTheirTargetAreTakenOffByWhoTakesOver() throws Exception {
        ConnectionBook book = first.cluster().connections();
        book.open("h-0", new ConnectionBook.Cargo("alpha", "100-199", "a", "b"));
        book.open("h-00", new ConnectionBook.Cargo("alpha", "100-199", "b", "a")); // has arrived

        raw.setData().forPath(PATHS.term(), "{\"term\":7,\"leader\":\"mgr-2\"}".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> begin("h-1", "a", "b"))
                .as("it learns that it does not lead any more")
                .isInstanceOf(StoreException.class);

        await("it leads again")
                .atMost(LIMIT)
                .until(() -> movers.size() == 1 && movers.get(0).asked.contains("purge"));
        begin("h-1", "a", "b");
        awaitOwner("b");
        await().atMost(LIMIT).until(() -> handoff("h-1").isEmpty());
        assertThat(movers.get(0).asked).containsExactly("close", "purge", "close");
    }

    @Test
    void copiesThatCouldNotBeTakenOffAreTriedAgainAndWhyIsKnown() throws Exception {
        HandoffRules once = new HandoffRules(
                RULES.freshHeartbeat(),
                RULES.firstPause(),
                RULES.longestPause(),
                1,
                RULES.cleanupDelay(),
                RULES.repeatPause());
        Migrations migrations = leadAnew(once);
        begin("h-1", "a", "b"); // shows that the first look is over
        await().atMost(LIMIT).until(() -> !movers.isEmpty());
        purgeProblem = "nobody at home";

        first.cluster().connections().open("h-0", new ConnectionBook.Cargo("alpha", "300-301", "a", "b"));

        await("it gives up")
                .atMost(LIMIT)
                .until(() -> migrations.keptBecause("h-0").isPresent());
        assertThat(migrations.keptBecause("h-0")).contains("nobody at home");
        purgeProblem = null;
        int tried = movers.size();
        await("it is tried again")
                .atMost(LIMIT)
                .until(() -> movers.stream().skip(tried).anyMatch(mover -> mover.asked.contains("purge")));
        first.cluster().connections().close("h-0"); // as the real movers do
        await("nothing is known any more")
                .atMost(LIMIT)
                .until(() -> migrations.keptBecause("h-0").isEmpty());
    }

    @Test
    void copiesWhoseSourceIsGoneAreTakenOffAsWell() throws Exception {
        leadAnew(RULES);
        first.cluster().connections().open("h-0", new ConnectionBook.Cargo("alpha", "100-199", "gone", "b"));

        await("they are taken off")
                .atMost(LIMIT)
                .until(() -> movers.stream().anyMatch(mover -> mover.asked.contains("purge")));

        assertThat(movers.get(0).asked).startsWith("close", "purge").doesNotContain("begin", "clean");
    }

    @Test
    void copiesAreTakenOffTheNewPrimaryWhenTheirTargetFailsOver() throws Exception {
        leadAnew(RULES);
        copiesCatchUp = false;
        purgeProblem = "nobody at home";
        begin("h-1", "a", "b");
        await().atMost(LIMIT)
                .until(() -> movers.size() == 1 && movers.get(0).asked.contains("begin"));
        first.cluster().connections().open("h-1", new ConnectionBook.Cargo("alpha", "100-199", "a", "b"));
        apply(new AbortHandoff("alpha", "h-1"));
        await().atMost(LIMIT).until(() -> movers.get(0).asked.contains("purge"));

        purgeProblem = null; // for movers that are made from now on
        replacePrimary("b", 7999);

        await("another mover clears the new primary")
                .atMost(LIMIT)
                .until(() -> movers.size() > 1 && movers.get(1).asked.contains("purge"));
        assertThat(movers.get(0).asked).endsWith("close");
    }

    /** By a manager that looks twice a second for copies that nobody takes off. */
    private Migrations leadAnew(HandoffRules rules) throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        open.clear();
        Migrations migrations = new Migrations((pool, handoff) -> mover(), rules, Duration.ofMillis(500));
        first = manager("mgr-2", migrations);
        await().atMost(LIMIT).until(() -> first.cluster().leadership().leads());
        return migrations;
    }

    @Test
    void whatTakesLongForOneMoveHoldsUpNoOther() throws Exception {
        CountDownLatch cleans = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        onClean = () -> {
            cleans.countDown();
            awaitQuietly(mayEnd);
        };
        begin("h-1", "a", "b");
        cleans.await();
        onClean = () -> {};

        apply(new BeginHandoff("alpha", "h-2", SlotSet.range(300, 301), "a", "b"));

        await().atMost(LIMIT).until(() -> handoff("h-2").isEmpty());
        assertThat(pool().shard("b").orElseThrow().slots().contains(300)).isTrue();
        assertThat(handoff("h-1")).isPresent();
        mayEnd.countDown();
        await().atMost(LIMIT).until(() -> handoff("h-1").isEmpty());
    }

    @Test
    void aMoveBackBeginsOnlyWhenNothingCleansItsTargetAnyMore() throws Exception {
        CountDownLatch cleans = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        onClean = () -> {
            cleans.countDown();
            awaitQuietly(mayEnd);
        };
        begin("h-1", "a", "b");
        cleans.await();
        onClean = () -> {};

        apply(new RollBackHandoff("alpha", "h-1", "h-2", Orders.NONE));
        apply(new BeginHandoff("alpha", "h-3", SlotSet.range(300, 301), "a", "b"));
        await("later handoffs have been looked at")
                .atMost(LIMIT)
                .until(() -> handoff("h-3").isEmpty());

        assertThat(movers).as("h-1 cleans the shard to which h-2 is to copy").hasSize(2);
        mayEnd.countDown();
        awaitOwner("a");
        await().atMost(LIMIT).until(() -> handoff("h-2").isEmpty());
        assertThat(movers.get(2).asked).startsWith("begin", "drain", "gate");
    }

    // ---- the topology

    private void begin(String id, String from, String to) throws Exception {
        apply(new BeginHandoff("alpha", id, MOVING, from, to));
    }

    private void apply(TopologyChange change) throws Exception {
        new ClusterDesk(first.cluster(), InstantSource.system()).apply(change, "test", OptionalLong.empty());
    }

    private StoredTopology topology() throws Exception {
        return first.cluster().topologies().read();
    }

    private SlotPool pool() throws Exception {
        return topology().topology().slotPool("alpha").orElseThrow();
    }

    private Optional<Handoff> handoff(String id) throws Exception {
        return pool().handoff(id);
    }

    private HandoffState stateOf(String id) throws Exception {
        return handoff(id).orElseThrow().state();
    }

    private void awaitOwner(String shard) {
        await().atMost(LIMIT)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> pool().shard(shard).orElseThrow().slots().containsAll(MOVING));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
