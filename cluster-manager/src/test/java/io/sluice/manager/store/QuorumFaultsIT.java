package io.sluice.manager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.store.StoreException.Reason;
import io.sluice.routing.config.ZooKeeperAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingCluster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three servers of ZooKeeper, of which some go. */
class QuorumFaultsIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration SHORT_PATIENCE = Duration.ofSeconds(1);

    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private TestingCluster servers;
    private ZooKeeperCluster manager;
    private Cluster cluster;
    private StoredTopology last;

    @BeforeEach
    void lead() throws Exception {
        servers = new TestingCluster(3);
        servers.start();
        ZooKeeperAccess access = ZooKeeperAccess.to(servers.getConnectString());
        manager = ZooKeeperCluster.open(access, "quorum", "mgr-1", "http://127.0.0.1:1", SHORT_PATIENCE);
        cluster = manager.cluster();
        manager.stand(leading -> begun.incrementAndGet(), ended::incrementAndGet);
        await().atMost(LIMIT).until(() -> cluster.leadership().leads());
        last = cluster.topologies().replace(cluster.topologies().read(), TestTopologies.withPrimaryAt(7001));
    }

    @AfterEach
    void stop() throws Exception {
        manager.close();
        servers.close();
    }

    @Test
    void withoutTheLeaderOfZooKeeperItGoesOnAfterTheElection() throws Exception {
        InstanceSpec leader = leader();
        long begin = System.nanoTime();

        servers.killServer(leader);

        StoredTopology written = writeAsSoonAsPossible(7002);
        System.out.println("FIGURE manager writes again after the leader of ZooKeeper was lost: "
                + Duration.ofNanos(System.nanoTime() - begin).toMillis() + " ms");
        assertThat(written.topology().epoch()).isEqualTo(last.topology().epoch() + 1);
    }

    @Test
    void withoutAQuorumNothingIsReadOrWrittenAndAfterwardsAllGoesOn() throws Exception {
        List<InstanceSpec> killed = new ArrayList<>(servers.getInstances()).subList(0, 2);
        for (InstanceSpec server : killed) {
            servers.killServer(server);
        }

        assertUnavailable();
        for (InstanceSpec server : killed) {
            servers.restartServer(server);
        }

        StoredTopology written = writeAsSoonAsPossible(7003);
        assertThat(written.topology().epoch()).isEqualTo(last.topology().epoch() + 1);
        assertThat(cluster.topologies().read()).isEqualTo(written);
    }

    private void assertUnavailable() {
        assertThatThrownBy(() -> cluster.topologies().read())
                .extracting(e -> ((StoreException) e).reason())
                .isEqualTo(Reason.UNAVAILABLE);
        assertThatThrownBy(() -> cluster.topologies().replace(last, TestTopologies.withPrimaryAt(7002)))
                .extracting(e -> ((StoreException) e).reason())
                .isIn(Reason.UNAVAILABLE, Reason.NOT_LEADER);
    }

    @Test
    void anExpiredSessionEndsTheTermAndAnotherOneBegins() throws Exception {
        manager.curator().getZookeeperClient().getZooKeeper().getTestable().injectSessionExpiration();

        await().atMost(LIMIT).until(() -> ended.get() == 1 && begun.get() == 2);
        assertThat(cluster.leadership().term()).isEqualTo(2);
        StoredTopology written = writeAsSoonAsPossible(7002);
        assertThat(written.topology())
                .isEqualTo(TestTopologies.withPrimaryAt(7002).at(2, 2));
    }

    private StoredTopology writeAsSoonAsPossible(int port) {
        return await().atMost(LIMIT)
                .ignoreExceptionsMatching(e -> e instanceof StoreException)
                .until(
                        () -> {
                            StoredTopology before = cluster.topologies().read();
                            return cluster.topologies().replace(before, TestTopologies.withPrimaryAt(port));
                        },
                        written -> true);
    }

    private InstanceSpec leader() {
        return servers.getInstances().stream()
                .filter(QuorumFaultsIT::isLeader)
                .findFirst()
                .orElseThrow();
    }

    /** Asked as people do with netcat. */
    private static boolean isLeader(InstanceSpec server) {
        try (Socket socket = new Socket(server.getHostname(), server.getPort())) {
            socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                    .contains("Mode: leader");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
