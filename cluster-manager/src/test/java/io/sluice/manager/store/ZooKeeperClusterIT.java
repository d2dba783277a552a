package io.sluice.manager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.store.StoreException.Reason;
import io.sluice.routing.cluster.Freezes;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.ZooKeeperAccess;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.data.Stat;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** A cluster in a real ZooKeeper; each test has one of its own. */
class ZooKeeperClusterIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static TestingServer server;
    private static CuratorFramework raw;

    private String name = "";
    private ZnodePaths paths = new ZnodePaths("none");
    private ZooKeeperCluster manager;
    private Cluster cluster;

    @BeforeAll
    static void startServer() throws Exception {
        server = new TestingServer();
        raw = CuratorFrameworkFactory.newClient(server.getConnectString(), new RetryOneTime(100));
        raw.start();
    }

    @AfterAll
    static void stopServer() throws Exception {
        raw.close();
        server.close();
    }

    @BeforeEach
    void lead(TestInfo test) {
        name = test.getTestMethod().orElseThrow().getName();
        paths = new ZnodePaths(name);
        manager = open("mgr-1");
        cluster = manager.cluster();
        manager.stand(leading -> {}, () -> {});
        await().atMost(SOON).until(() -> cluster.leadership().leads());
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    private ZooKeeperCluster open(String id) {
        return ZooKeeperCluster.open(
                ZooKeeperAccess.to(server.getConnectString()), name, id, "http://127.0.0.1:1/" + id);
    }

    // ---- topology

    @Test
    void whatIsWrittenHasTheNextEpochAndTheTermOfWhoeverLeads() throws Exception {
        StoredTopology none = cluster.topologies().read();
        assertThat(none).isEqualTo(new StoredTopology(Topology.NONE, -1));

        StoredTopology first = cluster.topologies()
                .replace(none, TestTopologies.withPrimaryAt(7001).at(99, 99));
        StoredTopology second = cluster.topologies().replace(first, TestTopologies.withPrimaryAt(7002));

        assertThat(first.topology())
                .isEqualTo(TestTopologies.withPrimaryAt(7001).at(1, 1));
        assertThat(second.topology())
                .isEqualTo(TestTopologies.withPrimaryAt(7002).at(2, 1));
        Stat stat = raw.checkExists().forPath(paths.topology());
        assertThat(first.zxid()).isEqualTo(stat.getCzxid());
        assertThat(second).isEqualTo(new StoredTopology(second.topology(), stat.getVersion(), stat.getMzxid()));
        assertThat(cluster.topologies().read()).isEqualTo(second);
        assertThat(TopologyDocument.parse("raw", raw.getData().forPath(paths.topology())))
                .isEqualTo(second.topology());
    }

    @Test
    void whoHasReadAnOlderOneMustReadAgain() throws Exception {
        StoredTopology none = cluster.topologies().read();
        StoredTopology first = cluster.topologies().replace(none, TestTopologies.withPrimaryAt(7001));
        cluster.topologies().replace(first, TestTopologies.withPrimaryAt(7002));

        assertRefused(Reason.CHANGED_MEANWHILE, () -> cluster.topologies().replace(first, Topology.NONE));
        assertRefused(Reason.CHANGED_MEANWHILE, () -> cluster.topologies().replace(none, Topology.NONE));
        assertThat(TestTopologies.primaryPort(cluster.topologies().read().topology()))
                .isEqualTo(7002);
        assertThat(cluster.leadership().leads()).isTrue();
    }

    @Test
    void whatNobodyCouldReadAgainIsNotWritten() throws Exception {
        StoredTopology none = cluster.topologies().read();

        assertRefused(Reason.REFUSED, () -> cluster.topologies().replace(none, TestTopologies.tooLarge()));
        assertRefused(Reason.REFUSED, () -> cluster.topologies().replace(none, TestTopologies.contradictory()));
        assertThat(raw.checkExists().forPath(paths.topology())).isNull();
    }

    @Test
    void aDocumentThatCannotBeUnderstoodIsSaidWithPathAndLine() throws Exception {
        raw.create().forPath(paths.topology(), "format: 1\nepoch: many\n".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> cluster.topologies().read())
                .hasMessageContaining(paths.topology() + ":2:8: epoch: 'many' is not a count")
                .extracting(e -> ((StoreException) e).reason())
                .isEqualTo(Reason.BAD_DOCUMENT);
    }

    @Test
    void aReadingBeginsWithATransactionOfTheQuorum() throws Exception {
        long before = lastTransaction();

        cluster.topologies().read();

        assertThat(lastTransaction()).isGreaterThanOrEqualTo(before + 2); // the reading's, and this look's own
    }

    private static long lastTransaction() throws Exception {
        String path = raw.create().withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath("/look-");
        return raw.checkExists().forPath(path).getCzxid();
    }

    // ---- terms

    @Test
    void whoeverIsDeposedWritesNothingAndStandsAgain() throws Exception {
        StoredTopology before =
                cluster.topologies().replace(cluster.topologies().read(), Topology.NONE);
        raw.setData()
                .forPath(
                        paths.term(),
                        "{\"term\":7,\"leader\":\"else\",\"url\":\"http://else\"}".getBytes(StandardCharsets.UTF_8));

        assertRefused(
                Reason.NOT_LEADER, () -> cluster.topologies().replace(before, TestTopologies.withPrimaryAt(7009)));

        assertThat(cluster.topologies().read()).isEqualTo(before);
        await().atMost(SOON).until(() -> cluster.leadership().term() == 8);
        StoredTopology after = cluster.topologies().replace(before, TestTopologies.withPrimaryAt(7010));
        assertThat(after.topology().term()).isEqualTo(8);
    }

    @Test
    void theTermSaysWhoLeadsAndWhatWasFound() throws Exception {
        cluster.topologies().replace(cluster.topologies().read(), TestTopologies.withPrimaryAt(7001));
        try (ZooKeeperCluster second = open("mgr-2")) {
            second.stand(leading -> {}, () -> {});
            await().atMost(SOON)
                    .until(() -> second.cluster()
                            .leadership()
                            .leaderUrl()
                            .equals(cluster.leadership().leaderUrl()));
            assertThat(second.cluster().leadership().leads()).isFalse();
            assertThat(second.cluster().leadership().term()).isZero();
            assertRefused(
                    Reason.NOT_LEADER,
                    () -> second.cluster()
                            .topologies()
                            .replace(second.cluster().topologies().read(), Topology.NONE));

            manager.close();

            await().atMost(SOON).until(() -> second.cluster().leadership().leads());
            assertThat(raw.getData().forPath(paths.term()))
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo("{\"term\":2,\"leader\":\"mgr-2\",\"url\":\"http://127.0.0.1:1/mgr-2\",\"found\":1}");
        }
    }

    // ---- proxies

    @Test
    void proxiesAreReadWithWhatTheyHaveAcknowledged() throws Exception {
        register("p-2", "run-2");
        register("p-1", "run-1");
        raw.create().forPath(paths.heartbeat("p-1"), new Heartbeat("run-1", 5, 3, 0, "").bytes());
        raw.create().withMode(CreateMode.EPHEMERAL).forPath(paths.live("p-1"));
        raw.setData().forPath(paths.heartbeat("p-1"), new Heartbeat("run-1", 6, 4, 0, "").bytes());
        Stat stat = raw.checkExists().forPath(paths.heartbeat("p-1"));

        List<ProxyState> proxies = cluster.proxies().proxies();

        assertThat(proxies).extracting(ProxyState::id).containsExactly("p-1", "p-2");
        ProxyState first = proxies.get(0);
        assertThat(first.appliedEpoch()).isEqualTo(4);
        assertThat(first.heartbeatVersion()).isEqualTo(1);
        assertThat(first.heartbeatZxid()).isEqualTo(stat.getMzxid());
        assertThat(first.live()).isTrue();
        assertThat(proxies.get(1).heartbeat()).isEmpty();
        assertThat(proxies.get(1).live()).isFalse();
    }

    @Test
    void whatAHandoffGoesByIsReadAtOnceAndHeartbeatsAreTold() throws Exception {
        StoredTopology written =
                cluster.topologies().replace(cluster.topologies().read(), Topology.NONE);
        cluster.orders().replace("m-1", StoredOrders.NONE, Orders.NONE.paused(true));
        register("p-1", "run-1");
        raw.create().forPath(paths.heartbeat("p-1"), new Heartbeat("run-1", 5, 0, 0, "").bytes());
        AtomicInteger heard = new AtomicInteger();
        Runnable listener = heard::incrementAndGet;

        for (int looks = 0; looks < 3; looks++) {
            Outlook outlook = cluster.lookout().look("m-1", looks % 2 == 0, listener);
            assertThat(outlook.topology()).isEqualTo(written);
            assertThat(outlook.orders().paused()).isTrue();
            assertThat(outlook.proxies()).extracting(ProxyState::appliedEpoch).containsExactly(0L);
        }
        assertThat(cluster.lookout().look("m-2", true, listener).orders()).isEqualTo(Orders.NONE);
        raw.setData().forPath(paths.heartbeat("p-1"), new Heartbeat("run-1", 6, 1, 0, "").bytes());

        await().atMost(SOON).until(() -> heard.get() > 0);
        assertThat(cluster.lookout()
                        .look("m-1", true, listener)
                        .proxies()
                        .get(0)
                        .appliedEpoch())
                .isEqualTo(1);
        assertThat(heard).as("however often it was asked for").hasValue(1);
    }

    @Test
    void whoGoesByTheTopologyIsToldOfItAndOfHeartbeatsIfItWants() throws Exception {
        StoredTopology written =
                cluster.topologies().replace(cluster.topologies().read(), Topology.NONE);
        register("p-1", "run-1");
        raw.create().forPath(paths.heartbeat("p-1"), new Heartbeat("run-1", 5, 0, 0, "").bytes());
        AtomicInteger topologies = new AtomicInteger();
        AtomicInteger heartbeats = new AtomicInteger();
        Runnable onTopology = topologies::incrementAndGet;

        assertThat(cluster.lookout().look(true, onTopology, null).topology()).isEqualTo(written);
        raw.setData().forPath(paths.heartbeat("p-1"), new Heartbeat("run-1", 6, 1, 0, "").bytes());
        Outlook outlook = cluster.lookout().look(false, onTopology, heartbeats::incrementAndGet);
        assertThat(outlook.orders()).isEqualTo(Orders.NONE);
        assertThat(outlook.proxies()).hasSize(1);
        raw.setData().forPath(paths.heartbeat("p-1"), new Heartbeat("run-1", 7, 1, 0, "").bytes());
        await().atMost(SOON).until(() -> heartbeats.get() > 0);
        assertThat(topologies).hasValue(0);
        cluster.topologies().replace(written, Topology.NONE);

        await().atMost(SOON).until(() -> topologies.get() > 0);
        assertThat(topologies).as("however often it was asked for").hasValue(1);
        assertThat(heartbeats).hasValue(1);
    }

    @Test
    void anAcknowledgementOfAnEarlierRunDoesNotCount() throws Exception {
        register("p-1", "run-2");
        raw.create().forPath(paths.heartbeat("p-1"), new Heartbeat("run-1", 5, 3, 0, "").bytes());

        assertThat(cluster.proxies().proxies().get(0).appliedEpoch()).isZero();
    }

    @Test
    void aProxyThatCannotBeUnderstoodIsNotPassedOver() throws Exception {
        register("p-1", "run-1");
        raw.create().forPath(paths.proxy("p-2"), "{".getBytes(StandardCharsets.UTF_8));
        register("p-3", "run-1");
        raw.create().forPath(paths.heartbeat("p-3"), "{".getBytes(StandardCharsets.UTF_8));

        List<ProxyState> proxies = cluster.proxies().proxies();

        assertThat(proxies).extracting(ProxyState::id).containsExactly("p-1", "p-2", "p-3");
        assertThat(proxies).extracting(ProxyState::isReadable).containsExactly(true, false, false);
        assertThat(proxies.get(1).unreadable()).contains(paths.proxy("p-2"));
        assertThat(proxies.get(2).unreadable()).contains(paths.heartbeat("p-3"));
        assertThat(proxies.get(2).appliedEpoch()).isZero();

        cluster.proxies().remove("p-2");

        assertThat(cluster.proxies().proxies()).extracting(ProxyState::id).containsExactly("p-1", "p-3");
    }

    @Test
    void aProxyIsForgottenWithAllItsNodes() throws Exception {
        register("p-1", "run-1");
        raw.create().forPath(paths.heartbeat("p-1"), new Heartbeat("run-1", 5, 3, 0, "").bytes());

        cluster.proxies().remove("p-1");
        cluster.proxies().remove("p-1");

        assertThat(cluster.proxies().proxies()).isEmpty();
        assertThat(raw.checkExists().forPath(paths.proxy("p-1"))).isNull();
    }

    private void register(String id, String incarnation) throws Exception {
        raw.create()
                .forPath(
                        paths.proxy(id),
                        new ProxyRegistration(incarnation, "1", "", Instant.EPOCH, Map.of("alpha", "127.0.0.1:1"))
                                .bytes());
    }

    // ---- connections of movers

    @Test
    void ordersAreKeptBesideTheConnectionsAndGoWithThem() throws Exception {
        Orders wanted = new Orders(EngineWish.TRACK, Map.of(HandoffLimit.SPOOL_BYTES, 1L << 33), true);
        assertThat(cluster.orders().of("m-1")).isEqualTo(StoredOrders.NONE);
        manager.connections().announce("m-1", new ConnectionBook.Entry("10.0.0.1:6379", "run", 7, "copy"));
        StoredOrders bare = cluster.orders().of("m-1");
        assertThat(bare.orders()).isEqualTo(Orders.NONE);

        cluster.orders().replace("m-1", bare, wanted);
        cluster.orders().replace("m-2", StoredOrders.NONE, wanted.paused(false));

        assertThat(cluster.orders().of("m-1").orders()).isEqualTo(wanted);
        assertThat(cluster.orders().of("m-2").orders().paused()).isFalse();
        assertThat(manager.connections().of("m-1")).hasSize(1);
        assertRefused(Reason.CHANGED_MEANWHILE, () -> cluster.orders().replace("m-1", bare, Orders.NONE));
        manager.connections().close("m-1");
        assertThat(cluster.orders().of("m-1")).isEqualTo(StoredOrders.NONE);
    }

    @Test
    void whoeverIsDeposedGivesNoOrders() throws Exception {
        raw.setData()
                .forPath(
                        paths.term(),
                        "{\"term\":7,\"leader\":\"else\",\"url\":\"http://else\"}".getBytes(StandardCharsets.UTF_8));

        assertRefused(
                Reason.NOT_LEADER, () -> cluster.orders().replace("m-1", StoredOrders.NONE, Orders.NONE.paused(true)));

        assertThat(cluster.orders().of("m-1")).isEqualTo(StoredOrders.NONE);
    }

    @Test
    void ordersThatCannotBeUnderstoodAreNotGuessed() throws Exception {
        raw.create()
                .creatingParentsIfNeeded()
                .forPath(paths.handoff("m-1"), "{\"engine\":\"warp\"}".getBytes(StandardCharsets.UTF_8));

        assertRefused(Reason.BAD_DOCUMENT, () -> cluster.orders().of("m-1"));
    }

    @Test
    void connectionsAreWrittenDownUntilTheyAreKnownToBeDead() throws Exception {
        ConnectionBook book = manager.connections();
        ConnectionBook.Entry first = new ConnectionBook.Entry("127.0.0.1:7001", "run-a", 17, "copy");
        ConnectionBook.Entry second = new ConnectionBook.Entry("127.0.0.1:7001", "run-a", 18, "purge");
        book.announce("h-1", first);
        book.closeEmpty("h-1");
        assertThat(book.of("h-1")).as("whoever is announced stays").containsExactly(first);
        book.forget("h-1", List.of(first));
        book.closeEmpty("h-1");
        book.closeEmpty("h-1");
        assertThat(book.handoffs()).isEmpty();
        book.announce("h-1", first);
        book.announce("h-1", second);
        book.announce("h-1", second);
        assertThat(book.of("h-1")).containsExactlyInAnyOrder(first, second);
        assertThat(book.of("h-2")).isEmpty();

        book.forget("h-1", List.of(first));

        assertThat(book.of("h-1")).containsExactly(second);
        book.close("h-1");
        book.close("h-1");
        assertThat(raw.checkExists().forPath(paths.handoff("h-1"))).isNull();
    }

    @Test
    void aPageTellsFromTheBeginningWhatIsBroughtWhere() throws Exception {
        ConnectionBook book = manager.connections();
        ConnectionBook.Cargo cargo = new ConnectionBook.Cargo("alpha", "0-99,200", "s1", "s2");
        assertThat(book.cargo("h-1")).isEmpty();

        book.open("h-1", cargo);
        book.open("h-1", new ConnectionBook.Cargo("alpha", "7", "s1", "s3"));
        book.announce("h-1", new ConnectionBook.Entry("127.0.0.1:7001", "run-a", 17, "copy"));

        assertThat(book.cargo("h-1")).contains(cargo);
        assertThat(book.of("h-1")).hasSize(1);
        book.close("h-1");
        assertThat(book.handoffs()).isEmpty();
        book.announce("h-2", new ConnectionBook.Entry("127.0.0.1:7001", "run-a", 18, "copy"));
        assertThat(book.cargo("h-2")).isEmpty();
    }

    @Test
    void whoeverIsDeposedWritesDownNoConnection() throws Exception {
        ConnectionBook book = manager.connections();
        book.announce("h-1", new ConnectionBook.Entry("127.0.0.1:7001", "run-a", 17, "copy"));
        raw.setData().forPath(paths.term(), "{\"term\":7,\"leader\":\"else\"}".getBytes(StandardCharsets.UTF_8));

        assertRefused(
                Reason.NOT_LEADER,
                () -> book.announce("h-1", new ConnectionBook.Entry("127.0.0.1:7001", "run-a", 18, "copy")));

        assertThat(book.of("h-1")).extracting(ConnectionBook.Entry::clientId).containsExactly(17L);
    }

    @Test
    void aFreezeIsEndedWithoutATerm() throws Exception {
        StoredTopology frozen =
                cluster.topologies().replace(cluster.topologies().read(), TestTopologies.frozen("h-1"));
        try (ZooKeeperCluster second = open("mgr-2")) {
            StoredTopology ended = second.cluster().topologies().endFreezes(frozen, Set.of("h-1"));

            assertThat(ended.topology())
                    .isEqualTo(Freezes.ended(frozen.topology(), Set.of("h-1")).at(2, 1));
            assertThat(cluster.topologies().read()).isEqualTo(ended);
            assertRefused(
                    Reason.CHANGED_MEANWHILE,
                    () -> second.cluster().topologies().endFreezes(frozen, Set.of("h-1")));
        }
    }

    // ---- history

    @Test
    void aChangeAndItsEntryAreOneWrite() throws Exception {
        StoredTopology none = cluster.topologies().read();
        HistoryEntry first = entry(1, "pool create alpha", List.of("+ alpha"));

        StoredTopology written = cluster.topologies().replace(none, TestTopologies.withPrimaryAt(7001), first);

        assertThat(cluster.history().newest(10)).containsExactly(first);
        String node = raw.getChildren().forPath(paths.history()).get(0);
        assertThat(raw.checkExists().forPath(paths.history() + "/" + node).getCzxid())
                .isEqualTo(written.zxid());
        assertRefused(
                Reason.CHANGED_MEANWHILE,
                () -> cluster.topologies().replace(none, Topology.NONE, entry(2, "late", List.of())));
        assertThat(cluster.history().newest(10)).containsExactly(first);
    }

    @Test
    void theNewestEntriesComeFirst() throws Exception {
        HistoryEntry first = entry(1, "shard add s1", List.of("+ s1", "+ 16384 slots"));
        HistoryEntry second = entry(2, "shard add \"s2\"", List.of());
        cluster.history().add(first);
        cluster.history().add(second);

        assertThat(cluster.history().newest(10)).containsExactly(second, first);
        assertThat(cluster.history().newest(1)).containsExactly(second);
    }

    @Test
    void theOldestEntriesGo() throws Exception {
        try (Ensemble ensemble =
                Ensemble.open(ZooKeeperAccess.to(server.getConnectString()), paths, Ensemble.PATIENCE)) {
            History bounded = new ZooKeeperHistory(ensemble, 3);
            for (int epoch = 1; epoch <= 5; epoch++) {
                bounded.add(entry(epoch, "change", List.of()));
            }

            assertThat(bounded.newest(10)).extracting(HistoryEntry::epochAfter).containsExactly(5L, 4L, 3L);
        }
    }

    @Test
    void longEntriesAreCutAndSayWhatIsMissing() throws Exception {
        cluster.history().add(entry(1, "t".repeat(10_000), java.util.Collections.nCopies(1_000, "l".repeat(100))));

        HistoryEntry kept = cluster.history().newest(1).get(0);

        assertThat(kept.title()).hasSize(503).endsWith("...");
        assertThat(kept.lines()).hasSize(121).last().isEqualTo("... and 880 lines more");
    }

    @Test
    void anEntryThatCannotBeReadIsSeen() throws Exception {
        raw.create().forPath(paths.history() + "/zzz", "broken".getBytes(StandardCharsets.UTF_8));

        assertThat(cluster.history().newest(1))
                .extracting(HistoryEntry::title)
                .containsExactly("an entry that cannot be read: zzz");
    }

    private static HistoryEntry entry(long epoch, String title, List<String> lines) {
        return new HistoryEntry(Instant.ofEpochSecond(1_000 + epoch), "ada", title, epoch - 1, epoch, lines);
    }

    private static void assertRefused(Reason reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(StoreException.class)
                .extracting(e -> ((StoreException) e).reason())
                .isEqualTo(reason);
    }
}
