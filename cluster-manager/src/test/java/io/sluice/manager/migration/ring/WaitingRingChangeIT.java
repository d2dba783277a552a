package io.sluice.manager.migration.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.redis.PoolLogins;
import io.sluice.manager.store.StoredTopology;
import io.sluice.manager.store.ZooKeeperCluster;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.config.ZooKeeperAccess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.CreateMode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A change of a ring that waits for a server which does not answer: real ZooKeeper, no proxies. */
class WaitingRingChangeIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int LOOKS = 4;

    /** What measuring costs itself, and what may be left of the begin. */
    private static final long MOST_TRANSACTIONS = 5;

    private final RingRules rules =
            new RingRules(Duration.ofMillis(50), Duration.ofMillis(50), Duration.ofSeconds(5), Duration.ofSeconds(2));
    private final RingChanges rings = new RingChanges(rules, PoolLogins.NONE, 1000);
    private final AtomicInteger looks = new AtomicInteger();
    private TestingServer zooKeeper;
    private CuratorFramework raw;
    private ZooKeeperCluster manager;
    private ServerSocket silent;

    @BeforeEach
    void startEverything() throws Exception {
        zooKeeper = new TestingServer();
        raw = CuratorFrameworkFactory.newClient(zooKeeper.getConnectString(), new RetryOneTime(100));
        raw.start();
        manager = ZooKeeperCluster.open(
                ZooKeeperAccess.to(zooKeeper.getConnectString()), "rings", "mgr-1", "http://127.0.0.1:1");
        manager.stand(rings::begin, rings::end);
        await().atMost(LIMIT).until(() -> manager.cluster().leadership().leads());
        silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread hangingUp = new Thread(this::hangUp, "hangs up");
        hangingUp.setDaemon(true);
        hangingUp.start();
    }

    private void hangUp() {
        try {
            while (true) {
                silent.accept().close();
                looks.incrementAndGet();
            }
        } catch (IOException e) {
            // the test is over
        }
    }

    @AfterEach
    void stopEverything() throws Exception {
        manager.close();
        raw.close();
        zooKeeper.close();
        silent.close();
    }

    private void begin() throws Exception {
        StoredTopology before = manager.cluster().topologies().read();
        manager.cluster().topologies().replace(before, TopologyDocument.parse("test", """
                format: 1
                pools:
                  jobs:
                    protocol: redis
                    servers: ["127.0.0.1:%d:1 a", "127.0.0.1:1:1 b"]
                    change: {id: r-1, kind: broker, state: DRAINING, since: 1, next: ["127.0.0.1:1:1 b"]}
                """.formatted(
                        silent.getLocalPort())
                .getBytes(StandardCharsets.UTF_8)));
    }

    private void abort() throws Exception {
        StoredTopology before = manager.cluster().topologies().read();
        RingPool ring = before.topology().ringPool("jobs").orElseThrow();
        manager.cluster().topologies().replace(before, before.topology().withPool(ring.withoutChange()));
    }

    /** The number of the newest transaction, which it takes one to learn. */
    private long transactions() throws Exception {
        String made = raw.create().withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath("/probe-");
        return raw.checkExists().forPath(made).getCzxid();
    }

    @Test
    void theQuorumIsNotAskedWhileNothingChangesAndWhatSomebodyWritesIsSeenAllTheSame() throws Exception {
        begin();
        await().atMost(LIMIT)
                .until(() -> rings.statuses().stream()
                        .anyMatch(status -> !status.lastError().isEmpty()));
        int before = looks.get();
        long first = transactions();

        await().atMost(LIMIT).until(() -> looks.get() >= before + LOOKS);

        long asked = transactions() - first;
        System.out.printf("FIGURE a ring that waits: %d looks at servers, %d ZooKeeper transactions%n", LOOKS, asked);
        assertThat(asked).isLessThanOrEqualTo(MOST_TRANSACTIONS);
        abort();
        await().atMost(LIMIT).until(() -> rings.statuses().isEmpty());
    }
}
