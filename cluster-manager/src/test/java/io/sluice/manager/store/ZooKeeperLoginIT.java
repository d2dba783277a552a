package io.sluice.manager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.store.StoreException.Reason;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.ZooKeeperAccess;
import io.sluice.routing.config.ZooKeeperAccess.Login;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A cluster in a real ZooKeeper that asks who one is. */
class ZooKeeperLoginIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String CLUSTER = "guarded";
    private static final Login LOGIN = new Login("sluice", "night-watch");
    private static final Login WRONG = new Login("sluice", "day-dream");

    private TestingServer server;
    private ZooKeeperCluster manager;

    @BeforeEach
    void lead() throws Exception {
        server = new TestingServer();
        manager = open("mgr-1", LOGIN);
        manager.stand(leading -> {}, () -> {});
        await().atMost(SOON).until(() -> manager.cluster().leadership().leads());
    }

    @AfterEach
    void stop() throws Exception {
        manager.close();
        server.close();
    }

    private ZooKeeperCluster open(String id, @Nullable Login login) {
        ZooKeeperAccess access = ZooKeeperAccess.to(server.getConnectString());
        return ZooKeeperCluster.open(login == null ? access : access.as(login), CLUSTER, id, "http://127.0.0.1:1");
    }

    @Test
    void everyNodeIsForThisUserAlone() throws Exception {
        TopologyStore topologies = manager.cluster().topologies();
        topologies.replace(topologies.read(), TestTopologies.withPrimaryAt(7001));
        manager.cluster().history().add(new HistoryEntry(Instant.EPOCH, "alice", "a change", 0, 1, List.of()));

        try (CuratorFramework guest =
                CuratorFrameworkFactory.newClient(server.getConnectString(), new RetryOneTime(100))) {
            guest.start();
            guest.getZookeeperClient()
                    .getZooKeeper()
                    .addAuthInfo("digest", LOGIN.digest().getBytes(java.nio.charset.StandardCharsets.UTF_8));
            assertThat(below(guest, new ZnodePaths(CLUSTER).root()))
                    .isGreaterThanOrEqualTo(6); // topology, term, a latch, a member, an entry, and their folders
        }
    }

    /** How many there are; each can be seen and changed by its maker alone. */
    private static int below(CuratorFramework guest, String path) throws Exception {
        List<ACL> acl = guest.getACL().forPath(path);
        assertThat(acl).as(path).singleElement().satisfies(entry -> {
            assertThat(entry.getPerms()).isEqualTo(ZooDefs.Perms.ALL);
            assertThat(entry.getId().getScheme()).isEqualTo("digest");
            assertThat(entry.getId().getId()).startsWith("sluice:");
        });
        int count = 1;
        for (String child : guest.getChildren().forPath(path)) {
            count += below(guest, path + "/" + child);
        }
        return count;
    }

    @Test
    void aWrongLoginAndNoLoginAreToldClearly() throws Exception {
        for (Login login : new Login[] {WRONG, null}) {
            try (ZooKeeperCluster stranger = open("mgr-2", login)) {
                stranger.stand(leading -> {}, () -> {});

                assertThatThrownBy(() -> stranger.cluster().topologies().read())
                        .hasMessageContaining("ZooKeeper does not let this manager in at /sluice")
                        .hasMessageContaining("is 'auth' that of the cluster?")
                        .hasMessageNotContaining("day-dream")
                        .extracting(e -> ((StoreException) e).reason())
                        .isEqualTo(Reason.UNAVAILABLE);
                assertThat(stranger.cluster().leadership().leads()).isFalse();
            }
        }
        assertThat(manager.cluster().leadership().leads()).isTrue();
        assertThat(manager.cluster().topologies().read().version()).isEqualTo(-1);
    }

    @Test
    void whoKnowsTheLoginTakesOver() throws Exception {
        try (ZooKeeperCluster other = open("mgr-2", LOGIN)) {
            other.stand(leading -> {}, () -> {});
            TopologyStore topologies = manager.cluster().topologies();
            topologies.replace(topologies.read(), TestTopologies.withPrimaryAt(7001));

            manager.close();

            await().atMost(SOON).until(() -> other.cluster().leadership().leads());
            assertThat(TestTopologies.primaryPort(
                            other.cluster().topologies().read().topology()))
                    .isEqualTo(7001);
        }
    }
}
