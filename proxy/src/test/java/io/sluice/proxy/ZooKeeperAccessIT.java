package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.Membership;
import io.sluice.proxy.testing.Authority;
import io.sluice.proxy.testing.Authority.Issued;
import io.sluice.proxy.testing.Ensemble;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.topology.ZooKeeperSession.State;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.config.ZooKeeperAccess;
import io.sluice.routing.config.ZooKeeperAccess.Login;
import io.sluice.routing.config.ZooKeeperAccess.Tls;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** ZooKeeper that asks who one is, and that speaks TLS. */
class ZooKeeperAccessIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Login LOGIN = new Login("sluice", "night-watch");

    @RegisterExtension
    static final RedisServer redis = RedisServer.onFreePort();

    @TempDir
    private Path folder;

    private Membership membership(String connect, @Nullable Login login, @Nullable Tls tls) {
        ZooKeeperAccess access = new ZooKeeperAccess(connect, Duration.ofSeconds(3), Duration.ofSeconds(5), login, tls);
        return Membership.of(access, Ensemble.CLUSTER, "proxy-1", folder.resolve("last.json"));
    }

    private static CuratorFramework client(String connect, @Nullable Login login) {
        CuratorFrameworkFactory.Builder builder =
                CuratorFrameworkFactory.builder().connectString(connect).retryPolicy(new RetryNTimes(50, 100));
        if (login != null) {
            builder.authorization("digest", login.digest().getBytes(StandardCharsets.UTF_8));
        }
        CuratorFramework client = builder.build();
        client.start();
        return client;
    }

    private static byte[] document() {
        return TopologyDocument.bytes(Ensemble.even(1, redis.port()));
    }

    @Test
    void nodesAreForThoseWhoKnowThePassword() throws Exception {
        try (TestingServer server = new TestingServer();
                CuratorFramework manager = client(server.getConnectString(), LOGIN);
                CuratorFramework stranger = client(server.getConnectString(), null)) {
            manager.create()
                    .creatingParentsIfNeeded()
                    .withACL(ZooDefs.Ids.CREATOR_ALL_ACL)
                    .forPath(Ensemble.PATHS.topology(), document());

            try (RunningProxy proxy = RunningProxy.in(membership(server.getConnectString(), LOGIN, null))
                    .start()) {
                assertServes(proxy);
                await().atMost(SOON)
                        .until(() -> manager.checkExists().forPath(Ensemble.PATHS.heartbeat("proxy-1")) != null);
                for (String path : new String[] {
                    Ensemble.PATHS.proxy("proxy-1"), Ensemble.PATHS.heartbeat("proxy-1"), Ensemble.PATHS.proxies()
                }) {
                    assertThatThrownBy(() -> stranger.getData().forPath(path))
                            .isInstanceOf(KeeperException.NoAuthException.class);
                }
            }
        }
    }

    @Test
    void theTopologyComesOverTls() throws Exception {
        Authority authority = new Authority(folder, "authority");
        Issued zookeeper = authority.issue("zookeeper", "127.0.0.1", "localhost");
        int securePort = FreePorts.next();
        Map<String, Object> properties = new HashMap<>();
        properties.put("secureClientPort", Integer.toString(securePort));
        properties.put("serverCnxnFactory", "org.apache.zookeeper.server.NettyServerCnxnFactory");
        properties.put("ssl.keyStore.location", pem("zookeeper", zookeeper).toString());
        properties.put("ssl.keyStore.type", "PEM");
        properties.put("ssl.trustStore.location", authority.certificate().toString());
        properties.put("ssl.trustStore.type", "PEM");
        InstanceSpec spec =
                new InstanceSpec(folder.resolve("zk").toFile(), FreePorts.next(), -1, -1, true, 1, 500, 60, properties);
        try (TestingServer server = new TestingServer(spec, true);
                CuratorFramework manager = client(server.getConnectString(), null)) {
            manager.create().creatingParentsIfNeeded().forPath(Ensemble.PATHS.topology(), document());
            Tls tls = new Tls(authority.certificate(), pem("proxy", authority.issue("proxy")), true);

            try (RunningProxy proxy = RunningProxy.in(membership("localhost:" + securePort, null, tls))
                    .start()) {
                assertServes(proxy);
                assertThat(proxy.proxy().membership().orElseThrow().zookeeper()).isEqualTo(State.CONNECTED);
            }
        }
    }

    /** Certificate and key in one file, as ZooKeeper wants them. */
    private Path pem(String name, Issued issued) throws Exception {
        Path file = folder.resolve(name + "-both.pem");
        return Files.writeString(
                file,
                Files.readString(issued.files().certificate())
                        + Files.readString(issued.files().key()));
    }

    private static void assertServes(RunningProxy proxy) throws Exception {
        try (RespClient client = proxy.connect()) {
            assertThat(client.call("SET", "key", "value")).isEqualTo("OK");
        }
    }
}
