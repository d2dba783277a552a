package io.sluice.proxy;

import static io.sluice.proxy.FollowedCluster.ID;
import static io.sluice.proxy.FollowedCluster.SOON;
import static io.sluice.proxy.FollowedCluster.awaitEpoch;
import static io.sluice.proxy.FollowedCluster.status;
import static io.sluice.proxy.FollowedCluster.who;
import static io.sluice.proxy.FollowedCluster.withClients;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.admin.ConfigStatus.Reload;
import io.sluice.proxy.admin.ConfigStatus.Result;
import io.sluice.proxy.config.Membership;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.Ensemble;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.routing.cluster.RingPool;
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
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A proxy that has its servers from ZooKeeper. */
class TopologyIT {

    @RegisterExtension
    static final FollowedCluster cluster = new FollowedCluster();

    private static final RedisServer a = cluster.a();
    private static final RedisServer b = cluster.b();

    @TempDir
    private Path folder;

    // ---- following

    @Test
    void servesByTheTopologyAndSaysSo() throws Exception {
        cluster.ensemble().write(cluster.all(7, b));

        RunningProxy proxy = cluster.proxy(folder);

        assertThat(who(proxy)).isEqualTo("b");
        await().atMost(SOON).until(() -> cluster.ensemble().heartbeat(ID).applied() == 7);
        assertThat(cluster.ensemble().registration(ID)).hasValueSatisfying(registration -> {
            assertThat(registration.pools()).containsEntry("alpha", "127.0.0.1:" + proxy.port());
            assertThat(registration.admin()).isEqualTo("http://127.0.0.1:" + proxy.adminPort());
        });
        await().atMost(SOON)
                .until(() -> cluster.ensemble().client().checkExists().forPath(Ensemble.PATHS.live(ID)) != null);
        assertThat(AdminClient.get(proxy.adminPort(), "/topology").body())
                .contains("\"cluster\"", "\"epoch\": 7", "\"zookeeper\": \"connected\"");
        assertThat(AdminClient.metrics(proxy.adminPort()).value("sluice_topology_epoch"))
                .isEqualTo(7);
        assertThat(AdminClient.get(proxy.adminPort(), "/health").body()).isEqualTo("ok\n");
    }

    @Test
    void aNewTopologyMovesKeysAndKeepsTheClientsAndConnections() throws Exception {
        cluster.ensemble().write(cluster.all(1, a));
        RunningProxy proxy = cluster.proxy(folder);
        try (RespClient client = proxy.connect();
                RespClient direct = a.connect()) {
            assertThat(client.call("GET", "who")).isEqualTo("a");
            Object before = direct.call("INFO", "stats");

            cluster.ensemble().write(cluster.all(2, b));
            awaitEpoch(proxy, 2);
            assertThat(client.call("GET", "who")).isEqualTo("b");
            cluster.ensemble().write(cluster.all(3, a));
            awaitEpoch(proxy, 3);

            assertThat(client.call("GET", "who")).isEqualTo("a");
            assertThat(connectionsReceived(direct.call("INFO", "stats")))
                    .as("connections to the server that stays")
                    .isEqualTo(connectionsReceived(before));
        }
        await().atMost(SOON).until(() -> cluster.ensemble().heartbeat(ID).applied() == 3);
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
        cluster.ensemble().write(cluster.all(1, a));

        RunningProxy proxy = cluster.proxy(folder);

        await().atMost(SOON).until(() -> status(proxy).leaseAge().compareTo(Duration.ZERO) > 0);
        long sequence = cluster.ensemble().heartbeat(ID).sequence();
        await().atMost(SOON).until(() -> cluster.ensemble().heartbeat(ID).sequence() > sequence + 1);
        await().atMost(SOON).until(() -> status(proxy).leaseAge().compareTo(Duration.ofSeconds(3)) < 0);
    }

    @Test
    void eachMetricOfTheClusterIsExplained() throws Exception {
        String explained = Files.readString(Path.of("../docs/monitoring.md"));
        cluster.ensemble().write(cluster.all(1, a));

        RunningProxy proxy = cluster.proxy(folder);

        assertThat(AdminClient.metrics(proxy.adminPort()).families())
                .contains("sluice_topology_epoch", "sluice_zookeeper_connected")
                .allSatisfy(family -> assertThat(explained).contains("`" + family + "`"));
    }

    // ---- what cannot be served

    @Test
    void aBadDocumentIsRefusedLoudlyAndChangesNothing() throws Exception {
        cluster.ensemble().write(cluster.all(1, a));
        RunningProxy proxy = cluster.proxy(folder);
        String document = TopologyDocument.text(cluster.all(2, b)).replace("\"protocol\"", "\"protokoll\"");

        cluster.ensemble().write(document.getBytes(StandardCharsets.UTF_8));

        await().atMost(SOON).until(() -> cluster.ensemble().heartbeat(ID).refused() == 2);
        assertThat(cluster.ensemble().heartbeat(ID).reason()).contains("protokoll");
        assertThat(cluster.ensemble().heartbeat(ID).applied()).isEqualTo(1);
        assertThat(who(proxy)).isEqualTo("a");
        assertThat(AdminClient.get(proxy.adminPort(), "/health").body()).contains("topology 2 refused", "protokoll");
        assertThat(AdminClient.metrics(proxy.adminPort()).value("sluice_topology_refused"))
                .isEqualTo(1);

        cluster.ensemble().write(cluster.all(3, b));

        awaitEpoch(proxy, 3);
        assertThat(who(proxy)).isEqualTo("b");
        await().atMost(SOON).until(() -> cluster.ensemble().heartbeat(ID).refused() == 0);
        assertThat(AdminClient.get(proxy.adminPort(), "/health").body()).isEqualTo("ok\n");
    }

    @Test
    void aPoolOfAnotherProtocolIsRefused() throws Exception {
        cluster.ensemble().write(cluster.all(1, a));
        RunningProxy proxy = cluster.proxy(folder);
        RingPool memcached = new RingPool(
                PoolProtocol.MEMCACHE, RunningProxy.overPorts(a.port()).definition());

        cluster.ensemble().write(cluster.all(2, b).withPool(memcached));

        await().atMost(SOON).until(() -> cluster.ensemble().heartbeat(ID).refused() == 2);
        assertThat(cluster.ensemble().heartbeat(ID).reason()).contains("alpha", "memcache");
        assertThat(who(proxy)).isEqualTo("a");
    }

    @Test
    void anOlderTopologyIsIgnored() throws Exception {
        cluster.ensemble().write(cluster.all(5, a));
        RunningProxy proxy = cluster.proxy(folder);

        cluster.ensemble().write(cluster.all(4, b));

        await().atMost(SOON).until(() -> status(proxy).trouble().orElse("").contains("of epoch 4, epoch 5 stays"));
        assertThat(who(proxy)).isEqualTo("a");
        assertThat(status(proxy).epoch()).isEqualTo(5);
    }

    @Test
    void aPoolThatIsNotInTheTopologyHasNoServersAndItsClientsAreToldWhy() throws Exception {
        RunningProxy proxy = cluster.proxy(folder);

        assertThat(who(proxy)).asString().contains("there is no topology of cluster 'blue' yet");
        assertThat(AdminClient.get(proxy.adminPort(), "/ready").statusCode()).isEqualTo(503);

        cluster.ensemble().write(cluster.all(1, a));
        awaitEpoch(proxy, 1);
        assertThat(who(proxy)).isEqualTo("a");
        assertThat(AdminClient.get(proxy.adminPort(), "/ready").statusCode()).isEqualTo(200);

        cluster.ensemble().write(cluster.all(2, a).withoutPool("alpha"));
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
        cluster.ensemble().write(cluster.all(1, a));
        RunningProxy proxy = cluster.proxy(folder);
        awaitEpoch(proxy, 1);

        cluster.ensemble().client().delete().forPath(Ensemble.PATHS.topology());

        await().atMost(SOON).until(() -> status(proxy).trouble().orElse("").contains("gone from ZooKeeper"));
        assertThat(who(proxy)).isEqualTo("a");
        cluster.ensemble().write(cluster.all(2, b));
        awaitEpoch(proxy, 2);
        assertThat(who(proxy)).isEqualTo("b");
    }

    // ---- beside the file

    @Test
    void reloadsAndTopologiesDoNotUndoEachOther() throws Exception {
        cluster.ensemble().write(cluster.all(1, a));
        RunningProxy proxy = cluster.proxy(folder);
        ProxyConfig file = proxy.config();

        Reload reload = proxy.proxy().reload("test", () -> withClients(file, 17));
        cluster.ensemble().write(cluster.all(2, b));
        awaitEpoch(proxy, 2);
        Reload second = proxy.proxy().reload("test", () -> withClients(file, 18));

        assertThat(List.of(reload.result(), second.result())).containsOnly(Result.APPLIED);
        assertThat(who(proxy)).isEqualTo("b");
        assertThat(proxy.proxy().config().limits().maxClients()).isEqualTo(18);
        cluster.ensemble().write(cluster.all(3, a));
        awaitEpoch(proxy, 3);
        assertThat(who(proxy)).isEqualTo("a");
        assertThat(AdminClient.metrics(proxy.adminPort()).value("sluice_max_clients"))
                .isEqualTo(18);
    }

    // ---- without ZooKeeper

    @Test
    void startsWithTheLastGoodTopologyWithoutZooKeeperAndRegistersLater() throws Exception {
        cluster.ensemble().write(cluster.all(9, b));
        RunningProxy first = cluster.proxy(folder);
        Path file = cluster.ensemble().membership(ID, folder).lastGood();
        await().atMost(SOON).until(() -> Files.exists(file));
        first.close();
        cluster.ensemble().client().delete().deletingChildrenIfNeeded().forPath(Ensemble.PATHS.proxies());
        cluster.ensemble().stopAll();

        RunningProxy proxy = cluster.proxy(folder);

        assertThat(who(proxy)).isEqualTo("b");
        assertThat(AdminClient.get(proxy.adminPort(), "/ready").statusCode()).isEqualTo(200);
        assertThat(AdminClient.get(proxy.adminPort(), "/health").body()).contains("ZooKeeper is away", "epoch 9");
        cluster.ensemble().restart(0);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> cluster.ensemble().registration(ID).isPresent());
        await().atMost(SOON).until(() -> cluster.ensemble().heartbeat(ID).applied() == 9);
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
        cluster.ensemble().write(cluster.all(1, a));
        Files.writeString(cluster.ensemble().membership(ID, folder).lastGood(), "{\"format\": 1, \"epoch\": ");

        RunningProxy proxy = cluster.proxy(folder);

        assertThat(who(proxy)).isEqualTo("a");
    }
}
