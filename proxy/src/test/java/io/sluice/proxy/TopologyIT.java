package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.admin.ConfigStatus.Reload;
import io.sluice.proxy.admin.ConfigStatus.Result;
import io.sluice.proxy.config.Membership;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.CuttableRelay;
import io.sluice.proxy.testing.Ensemble;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.topology.MemberStatus;
import io.sluice.proxy.topology.ZooKeeperSession.State;
import io.sluice.proxy.transport.Loops;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.config.ZooKeeperAccess;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A proxy that has its servers from ZooKeeper. */
class TopologyIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String ID = "proxy-1";

    @RegisterExtension
    static final RedisServer a = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer b = RedisServer.onFreePort();

    private static Ensemble ensemble;

    @TempDir
    private Path folder;

    private final List<RunningProxy> started = new ArrayList<>();

    @BeforeAll
    static void startZooKeeper() throws Exception {
        ensemble = Ensemble.of(1);
    }

    @AfterAll
    static void stopZooKeeper() throws Exception {
        ensemble.close();
    }

    @BeforeEach
    void nameServers() throws Exception {
        for (RedisServer server : List.of(a, b)) {
            try (RespClient client = server.connect()) {
                client.call("FLUSHALL");
                client.call("SET", "who", server == a ? "a" : "b");
            }
        }
    }

    @AfterEach
    void forgetEverything() throws Exception {
        started.forEach(RunningProxy::close);
        if (ensemble.client().checkExists().forPath(Ensemble.PATHS.root()) != null) {
            ensemble.client().delete().deletingChildrenIfNeeded().forPath(Ensemble.PATHS.root());
        }
    }

    private RunningProxy start() throws Exception {
        RunningProxy proxy = RunningProxy.in(ensemble.membership(ID, folder)).monitored();
        started.add(proxy);
        return proxy.start();
    }

    private static Topology all(long epoch, RedisServer owner) {
        return Ensemble.allWith(epoch, owner == a ? 0 : 1, a.port(), b.port());
    }

    private static Object who(RunningProxy proxy) throws Exception {
        try (RespClient client = proxy.connect()) {
            return String.valueOf(client.call("GET", "who"));
        }
    }

    private static MemberStatus status(RunningProxy proxy) {
        return proxy.proxy().membership().orElseThrow();
    }

    private static void awaitEpoch(RunningProxy proxy, long epoch) {
        await().atMost(SOON).until(() -> status(proxy).applied() == epoch);
    }

    // ---- following

    @Test
    void servesByTheTopologyAndSaysSo() throws Exception {
        ensemble.write(all(7, b));

        RunningProxy proxy = start();

        assertThat(who(proxy)).isEqualTo("b");
        await().atMost(SOON).until(() -> ensemble.heartbeat(ID).applied() == 7);
        assertThat(ensemble.registration(ID)).hasValueSatisfying(registration -> {
            assertThat(registration.pools()).containsEntry("alpha", "127.0.0.1:" + proxy.port());
            assertThat(registration.admin()).isEqualTo("http://127.0.0.1:" + proxy.adminPort());
        });
        await().atMost(SOON).until(() -> ensemble.client().checkExists().forPath(Ensemble.PATHS.live(ID)) != null);
        assertThat(AdminClient.get(proxy.adminPort(), "/topology").body())
                .contains("\"cluster\"", "\"epoch\": 7", "\"zookeeper\": \"connected\"");
        assertThat(AdminClient.metrics(proxy.adminPort()).value("sluice_topology_epoch"))
                .isEqualTo(7);
        assertThat(AdminClient.get(proxy.adminPort(), "/health").body()).isEqualTo("ok\n");
    }

    @Test
    void aNewTopologyMovesKeysAndKeepsTheClientsAndConnections() throws Exception {
        ensemble.write(all(1, a));
        RunningProxy proxy = start();
        try (RespClient client = proxy.connect();
                RespClient direct = a.connect()) {
            assertThat(client.call("GET", "who")).isEqualTo("a");
            Object before = direct.call("INFO", "stats");

            ensemble.write(all(2, b));
            awaitEpoch(proxy, 2);
            assertThat(client.call("GET", "who")).isEqualTo("b");
            ensemble.write(all(3, a));
            awaitEpoch(proxy, 3);

            assertThat(client.call("GET", "who")).isEqualTo("a");
            assertThat(connectionsReceived(direct.call("INFO", "stats")))
                    .as("connections to the server that stays")
                    .isEqualTo(connectionsReceived(before));
        }
        await().atMost(SOON).until(() -> ensemble.heartbeat(ID).applied() == 3);
    }

    private static String connectionsReceived(@Nullable Object info) {
        return String.valueOf(info)
                .lines()
                .filter(line -> line.startsWith("total_connections_received:"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theLeaseIsHeldWhileZooKeeperAnswers() throws Exception {
        ensemble.write(all(1, a));

        RunningProxy proxy = start();

        await().atMost(SOON).until(() -> status(proxy).leaseAge().compareTo(Duration.ZERO) > 0);
        long sequence = ensemble.heartbeat(ID).sequence();
        await().atMost(SOON).until(() -> ensemble.heartbeat(ID).sequence() > sequence + 1);
        await().atMost(SOON).until(() -> status(proxy).leaseAge().compareTo(Duration.ofSeconds(3)) < 0);
    }

    @Test
    void eachMetricOfTheClusterIsExplained() throws Exception {
        String explained = Files.readString(Path.of("../docs/monitoring.md"));
        ensemble.write(all(1, a));

        RunningProxy proxy = start();

        assertThat(AdminClient.metrics(proxy.adminPort()).families())
                .contains("sluice_topology_epoch", "sluice_zookeeper_connected")
                .allSatisfy(family -> assertThat(explained).contains("`" + family + "`"));
    }

    // ---- what cannot be served

    @Test
    void aBadDocumentIsRefusedLoudlyAndChangesNothing() throws Exception {
        ensemble.write(all(1, a));
        RunningProxy proxy = start();
        String document = TopologyDocument.text(all(2, b)).replace("\"protocol\"", "\"protokoll\"");

        ensemble.write(document.getBytes(StandardCharsets.UTF_8));

        await().atMost(SOON).until(() -> ensemble.heartbeat(ID).refused() == 2);
        assertThat(ensemble.heartbeat(ID).reason()).contains("protokoll");
        assertThat(ensemble.heartbeat(ID).applied()).isEqualTo(1);
        assertThat(who(proxy)).isEqualTo("a");
        assertThat(AdminClient.get(proxy.adminPort(), "/health").body()).contains("topology 2 refused", "protokoll");
        assertThat(AdminClient.metrics(proxy.adminPort()).value("sluice_topology_refused"))
                .isEqualTo(1);

        ensemble.write(all(3, b));

        awaitEpoch(proxy, 3);
        assertThat(who(proxy)).isEqualTo("b");
        await().atMost(SOON).until(() -> ensemble.heartbeat(ID).refused() == 0);
        assertThat(AdminClient.get(proxy.adminPort(), "/health").body()).isEqualTo("ok\n");
    }

    @Test
    void aPoolOfAnotherProtocolIsRefused() throws Exception {
        ensemble.write(all(1, a));
        RunningProxy proxy = start();
        RingPool memcached = new RingPool(
                PoolProtocol.MEMCACHE, RunningProxy.overPorts(a.port()).definition());

        ensemble.write(all(2, b).withPool(memcached));

        await().atMost(SOON).until(() -> ensemble.heartbeat(ID).refused() == 2);
        assertThat(ensemble.heartbeat(ID).reason()).contains("alpha", "memcache");
        assertThat(who(proxy)).isEqualTo("a");
    }

    @Test
    void anOlderTopologyIsIgnored() throws Exception {
        ensemble.write(all(5, a));
        RunningProxy proxy = start();

        ensemble.write(all(4, b));

        await().atMost(SOON).until(() -> status(proxy).trouble().orElse("").contains("of epoch 4, epoch 5 stays"));
        assertThat(who(proxy)).isEqualTo("a");
        assertThat(status(proxy).epoch()).isEqualTo(5);
    }

    @Test
    void aPoolThatIsNotInTheTopologyHasNoServersAndItsClientsAreToldWhy() throws Exception {
        RunningProxy proxy = start();

        assertThat(who(proxy)).asString().contains("there is no topology of cluster 'blue' yet");
        assertThat(AdminClient.get(proxy.adminPort(), "/ready").statusCode()).isEqualTo(503);

        ensemble.write(all(1, a));
        awaitEpoch(proxy, 1);
        assertThat(who(proxy)).isEqualTo("a");
        assertThat(AdminClient.get(proxy.adminPort(), "/ready").statusCode()).isEqualTo(200);

        ensemble.write(all(2, a).withoutPool("alpha"));
        awaitEpoch(proxy, 2);
        try (RespClient client = proxy.connect()) {
            assertThat(client.call("GET", "who"))
                    .isInstanceOfSatisfying(
                            RespError.class,
                            error -> assertThat(error.toString())
                                    .contains("the pool is not in the topology of cluster 'blue' at epoch 2"));
        }
    }

    @Test
    void theTopologyThatIsGoneStaysInService() throws Exception {
        ensemble.write(all(1, a));
        RunningProxy proxy = start();
        awaitEpoch(proxy, 1);

        ensemble.client().delete().forPath(Ensemble.PATHS.topology());

        await().atMost(SOON).until(() -> status(proxy).trouble().orElse("").contains("gone from ZooKeeper"));
        assertThat(who(proxy)).isEqualTo("a");
        ensemble.write(all(2, b));
        awaitEpoch(proxy, 2);
        assertThat(who(proxy)).isEqualTo("b");
    }

    // ---- beside the file

    @Test
    void reloadsAndTopologiesDoNotUndoEachOther() throws Exception {
        ensemble.write(all(1, a));
        RunningProxy proxy = start();
        ProxyConfig file = proxy.config();

        Reload reload = proxy.proxy().reload("test", () -> withClients(file, 17));
        ensemble.write(all(2, b));
        awaitEpoch(proxy, 2);
        Reload second = proxy.proxy().reload("test", () -> withClients(file, 18));

        assertThat(List.of(reload.result(), second.result())).containsOnly(Result.APPLIED);
        assertThat(who(proxy)).isEqualTo("b");
        assertThat(proxy.proxy().config().limits().maxClients()).isEqualTo(18);
        ensemble.write(all(3, a));
        awaitEpoch(proxy, 3);
        assertThat(who(proxy)).isEqualTo("a");
        assertThat(AdminClient.metrics(proxy.adminPort()).value("sluice_max_clients"))
                .isEqualTo(18);
    }

    private static ProxyConfig withClients(ProxyConfig file, int maxClients) {
        Limits d = Limits.DEFAULTS;
        Limits limits = new Limits(
                d.maxRequestBytes(),
                d.maxArguments(),
                d.maxInlineBytes(),
                d.clientMaxInFlight(),
                d.clientBufferBytes(),
                d.clientHeldBytes(),
                d.serverMaxInFlight(),
                d.serverQueueBytes(),
                maxClients);
        return new ProxyConfig(
                file.workers(),
                file.transport(),
                file.shutdownTimeout(),
                limits,
                file.pools(),
                file.monitoring(),
                file.lifecycle(),
                file.zookeeper(),
                List.of());
    }

    // ---- without ZooKeeper

    @Test
    void startsWithTheLastGoodTopologyWithoutZooKeeperAndRegistersLater() throws Exception {
        ensemble.write(all(9, b));
        RunningProxy first = start();
        Path file = ensemble.membership(ID, folder).lastGood();
        await().atMost(SOON).until(() -> Files.exists(file));
        first.close();
        ensemble.client().delete().deletingChildrenIfNeeded().forPath(Ensemble.PATHS.proxies());
        ensemble.stopAll();

        RunningProxy proxy = start();

        assertThat(who(proxy)).isEqualTo("b");
        assertThat(AdminClient.get(proxy.adminPort(), "/ready").statusCode()).isEqualTo(200);
        assertThat(AdminClient.get(proxy.adminPort(), "/health").body()).contains("ZooKeeper is away", "epoch 9");
        ensemble.restart(0);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> ensemble.registration(ID).isPresent());
        await().atMost(SOON).until(() -> ensemble.heartbeat(ID).applied() == 9);
    }

    @Test
    void saysWhatIsMissingWithoutZooKeeperAndWithoutALastGoodTopology() {
        Membership nowhere = new Membership(
                new ZooKeeperAccess(
                        "127.0.0.1:" + FreePorts.next(), Duration.ofSeconds(3), Duration.ofMillis(300), null, null),
                "blue",
                ID,
                folder.resolve("none.json"),
                Membership.HEARTBEAT,
                Duration.ZERO);

        assertThatThrownBy(() -> RunningProxy.in(nowhere).start())
                .isInstanceOf(ProxyStartException.class)
                .hasMessageContaining("no answer from 127.0.0.1:")
                .hasMessageContaining("none.json");
    }

    @Test
    void aDamagedLastGoodFileIsPassedOver() throws Exception {
        ensemble.write(all(1, a));
        Files.writeString(ensemble.membership(ID, folder).lastGood(), "{\"format\": 1, \"epoch\": ");

        RunningProxy proxy = start();

        assertThat(who(proxy)).isEqualTo("a");
    }

    // ---- coming and going

    @Test
    void theRegistrationGoesWithAProxyThatStops() throws Exception {
        ensemble.write(all(1, a));
        RunningProxy proxy = start();
        await().atMost(SOON).until(() -> ensemble.registration(ID).isPresent());

        proxy.proxy().drainAndStop();

        assertThat(ensemble.registration(ID)).isEmpty();
    }

    @Test
    void aSecondProcessOfTheNameTakesTheRegistrationAndTheFirstNoticesIt() throws Exception {
        ensemble.write(all(1, a));
        RunningProxy first = start();
        awaitEpoch(first, 1);

        RunningProxy second = start();

        await().atMost(SOON).until(() -> status(first).superseded());
        awaitEpoch(second, 1);
        Heartbeat newest = ensemble.heartbeat(ID);
        assertThat(newest.incarnation())
                .isEqualTo(ensemble.registration(ID).orElseThrow().incarnation());
        first.proxy().drainAndStop();
        assertThat(ensemble.registration(ID)).isPresent();
        assertThat(status(second).superseded()).isFalse();
    }

    @Test
    void theNextProcessAcknowledgesOnlyWhenTheFormerOneHasEnded() throws Exception {
        ensemble.write(all(1, a));
        RunningProxy former = start();
        Path control = folder.resolve("control");
        Handover handover = Handover.listen(former.proxy(), control, () -> {});
        try (RespClient client = former.connect()) {
            client.call("GET", "who");
            a.pause();
            client.send("GET", "who"); // keeps the former process from ending
            client.flush();
            await().atMost(SOON).until(() -> inFlight(former) == 1);

            try (Proxy next = Proxy.start(former.config(), TakeOver.ask(control))) {
                String incarnation = ensemble.registration(ID).orElseThrow().incarnation();
                ensemble.write(all(2, b));
                await().atMost(SOON).until(() -> next.membership().orElseThrow().applied() == 2);
                long sequence = ensemble.heartbeat(ID).sequence();
                await().atMost(SOON).until(() -> ensemble.heartbeat(ID).sequence() > sequence + 2);
                assertThat(ensemble.heartbeat(ID).incarnation()).isEqualTo(incarnation);
                assertThat(ensemble.heartbeat(ID).applied()).isZero();
                assertThat(status(former).superseded()).isTrue();

                a.resume();

                assertThat(client.receive()).isEqualTo("a");
                await().atMost(SOON).until(() -> ensemble.heartbeat(ID).applied() == 2);
                assertThat(client.call("GET", "who")).isEqualTo("b");
                assertThat(ensemble.registration(ID).orElseThrow().incarnation())
                        .isEqualTo(incarnation);
            }
        } finally {
            a.resume();
            handover.close();
        }
    }

    @Test
    void whoIsFollowedByAProcessThatZooKeeperDoesNotHearOfStaysRegistered() throws Exception {
        ensemble.write(all(1, a));
        RunningProxy former = start();
        await().atMost(SOON).until(() -> ensemble.heartbeat(ID).applied() == 1);
        String incarnation = ensemble.registration(ID).orElseThrow().incarnation();

        former.proxy().seat().leaveToNext();

        assertThat(ensemble.registration(ID).orElseThrow().incarnation()).isEqualTo(incarnation);
    }

    @Test
    void aProcessThatWasToTakeOverAndDiedLeavesTheNameToTheFormerOne() throws Exception {
        ensemble.write(all(1, a));
        RunningProxy former = start();
        String incarnation = ensemble.registration(ID).orElseThrow().incarnation();
        Path control = folder.resolve("control");
        Handover handover = Handover.listen(former.proxy(), control, () -> {});
        try (TakeOver asked = TakeOver.ask(control)) {
            asked.descriptors().values().forEach(sockets -> sockets.forEach(Loops::closeInherited));
            RunningProxy next = start();
            await().atMost(SOON).until(() -> status(former).superseded());
            next.close();
        } finally {
            handover.close();
        }

        await().atMost(SOON)
                .until(() ->
                        ensemble.registration(ID).orElseThrow().incarnation().equals(incarnation));
        ensemble.write(all(2, b));
        await().atMost(SOON).until(() -> ensemble.heartbeat(ID).applied() == 2);
        assertThat(status(former).superseded()).isFalse();
    }

    private static double inFlight(RunningProxy proxy) throws Exception {
        return AdminClient.metrics(proxy.adminPort()).value("sluice_requests_in_flight{pool=alpha}");
    }

    @Test
    void aRegistrationThatSomebodyRemovedIsMadeAgain() throws Exception {
        ensemble.write(all(1, a));
        RunningProxy proxy = start();
        await().atMost(SOON).until(() -> ensemble.heartbeat(ID).applied() == 1);

        ensemble.client().delete().deletingChildrenIfNeeded().forPath(Ensemble.PATHS.proxy(ID));

        await().atMost(SOON).until(() -> ensemble.registration(ID).isPresent());
        await().atMost(SOON).until(() -> ensemble.heartbeat(ID).applied() == 1);
        assertThat(status(proxy).superseded()).isFalse();
    }

    /** As an operator does who has waited long enough for one that is silent. */
    private static void remove(String proxyId) {
        await().atMost(SOON)
                .ignoreException(KeeperException.NotEmptyException.class)
                .until(() -> {
                    ensemble.client().delete().deletingChildrenIfNeeded().forPath(Ensemble.PATHS.proxy(proxyId));
                    return true;
                });
    }

    @Test
    void aProxyThatWasRemovedWhileItWasCutOffComesBackAndFollowsAgain() throws Exception {
        ensemble.write(all(1, a));
        Membership direct = ensemble.membership(ID, folder);
        String connect = direct.access().connect();
        try (CuttableRelay relay =
                new CuttableRelay(Integer.parseInt(connect.substring(connect.lastIndexOf(':') + 1)))) {
            RunningProxy proxy = RunningProxy.in(new Membership(
                    new ZooKeeperAccess(
                            relay.address(),
                            direct.access().sessionTimeout(),
                            direct.access().connectTimeout(),
                            null,
                            null),
                    direct.cluster(),
                    ID,
                    direct.lastGood(),
                    direct.heartbeat(),
                    Duration.ZERO));
            started.add(proxy);
            proxy.start();
            awaitEpoch(proxy, 1);

            relay.cut();
            await().atMost(SOON).until(() -> status(proxy).zookeeper() != State.CONNECTED);
            remove(ID);
            ensemble.write(all(2, b));
            relay.mend();

            awaitEpoch(proxy, 2);
            assertThat(who(proxy)).isEqualTo("b");
            await().atMost(SOON)
                    .until(() -> ensemble.registration(ID).isPresent()
                            && ensemble.heartbeat(ID).applied() == 2);
        }
    }

    @Test
    void whatIsToldOtherwiseOfAProxyIsToldAlsoWhenItsNodeIsNotAsItWasLeft() throws Exception {
        ensemble.write(all(1, a));
        RunningProxy proxy = start();
        await().atMost(SOON).until(() -> ensemble.heartbeat(ID).applied() == 1);
        byte[] node = ensemble.client().getData().forPath(Ensemble.PATHS.proxy(ID));
        ensemble.client()
                .setData()
                .forPath(Ensemble.PATHS.proxy(ID), node); // as a write does of which nothing was heard

        proxy.proxy().reload("test", () -> withClients(proxy.config(), 17));
        ensemble.write(all(2, b));

        await().atMost(SOON).until(() -> ensemble.heartbeat(ID).applied() == 2);
    }

    @Test
    void aProcessIsCountedAgainWhenTheOneThatHadTakenItsNameHasGone() throws Exception {
        ensemble.write(all(1, a));
        RunningProxy first = start();
        awaitEpoch(first, 1);
        RunningProxy second = start();
        await().atMost(SOON).until(() -> status(first).superseded());

        second.proxy().drainAndStop();

        await().atMost(SOON).until(() -> !status(first).superseded());
        ensemble.write(all(2, b));
        await().atMost(SOON).until(() -> ensemble.heartbeat(ID).applied() == 2);
    }
}
