package io.sluice.manager.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.change.ClusterDesk;
import io.sluice.manager.redis.PoolLogins;
import io.sluice.manager.redis.RedisLogin;
import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.HistoryEntry;
import io.sluice.manager.testing.MemoryCluster;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real servers, asked for their roles; the topology is kept in memory. */
class RolePollIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final RolePolling FAST = new RolePolling(true, Duration.ofMillis(100), Duration.ofMillis(300));
    private static final String PASSWORD = "let-me-in";

    private final RedisServer left = server();
    private final RedisServer right = server().replicaOf(left);
    private final MemoryCluster memory = new MemoryCluster().with(Topologies.of(left, right));
    private PrimaryFollower follower = follower(PASSWORD);

    private static RedisServer server() {
        return RedisServer.onFreePort().withPassword(PASSWORD).withArguments("--masterauth", PASSWORD);
    }

    private PrimaryFollower follower(String password) {
        Cluster cluster = memory.cluster();
        PoolLogins logins = new PoolLogins(Map.of("cache", new RedisLogin(null, password, null)));
        return new PrimaryFollower(
                cluster.topologies(),
                cluster.leadership(),
                new ClusterDesk(cluster, InstantSource.system()),
                new FailoverConfig(null, FAST, logins));
    }

    @BeforeEach
    void start() {
        left.start();
        right.start();
        await().atMost(LIMIT).until(() -> call(left, "INFO", "replication").contains("state=online"));
    }

    @AfterEach
    void stop() {
        follower.close();
        right.close();
        left.close();
    }

    @Test
    void followsAFailoverThatAnOperatorAsksFor() throws Exception {
        follower.start();
        awaitNote("");

        call(left, "FAILOVER");

        awaitPrimary(right);
        assertThat(Topologies.shard(memory.topology()).replicas()).containsExactly(Topologies.address(left));
        HistoryEntry entry = memory.historyEntries().get(0);
        assertThat(entry.by()).isEqualTo("failover");
        assertThat(entry.title())
                .isEqualTo("follow primary of cache/s1 from " + left.address() + " to " + right.address());
    }

    @Test
    void keepsTheKnownOneOfTwoPrimariesUntilThatOneStepsDown() throws Exception {
        follower.start();

        call(right, "REPLICAOF", "NO", "ONE");

        awaitNote("two primaries: " + left.address() + " stays the primary, and " + right.address()
                + " says it is one too");
        assertThat(memory.topology().epoch()).isEqualTo(1);

        call(left, "REPLICAOF", "127.0.0.1", String.valueOf(right.port()));

        awaitPrimary(right);
        awaitNote("");
        assertThat(memory.topology().epoch()).isEqualTo(2);
    }

    @Test
    void anOldPrimaryThatComesBackAsAPrimaryIsNotTakenBack() throws Exception {
        follower.start();
        call(left, "FAILOVER");
        awaitPrimary(right);

        left.restart(); // as its command line has it: a primary, and empty

        awaitNote("two primaries: " + right.address() + " stays the primary, and " + left.address()
                + " says it is one too");
        call(left, "REPLICAOF", "127.0.0.1", String.valueOf(right.port()));
        awaitNote("");
        assertThat(memory.topology().epoch()).isEqualTo(2);
        assertThat(Topologies.shard(memory.topology()).primary()).isEqualTo(Topologies.address(right));
    }

    @Test
    void aDeadPrimaryIsShownAndNobodyIsPromoted() throws Exception {
        follower.start();
        awaitNote("");

        left.kill();

        await().atMost(LIMIT).until(() -> note().startsWith("the primary " + left.address() + " does not answer: "));
        call(right, "REPLICAOF", "NO", "ONE");
        await().atMost(LIMIT)
                .until(() -> note().endsWith(right.address() + " says it is a primary: promote it if it is"));
        assertThat(memory.topology().epoch()).isEqualTo(1);
    }

    @Test
    void aWrongPasswordIsShownAndChangesNothing() throws Exception {
        follower = follower("wrong");
        follower.start();

        await().atMost(LIMIT).until(() -> note().contains("answers: WRONGPASS"));

        assertThat(memory.topology().epoch()).isEqualTo(1);
        assertThat(note()).doesNotContain("wrong");
    }

    @Test
    void whatCouldNotBeWrittenIsWrittenOnceTheStoreAnswersAgain() throws Exception {
        follower.start();
        awaitNote("");
        memory.setDown(true);
        call(left, "FAILOVER");
        await().atMost(LIMIT).until(() -> call(left, "ROLE").startsWith("[slave"));

        memory.setDown(false);

        awaitPrimary(right);
        assertThat(memory.topology().epoch()).isEqualTo(2);
    }

    @Test
    void nobodyIsAskedWhileAnotherManagerLeads() throws Exception {
        memory.ledBy("http://other:9700");
        follower.start();

        assertThat(follower.statuses()).isEmpty();
        follower.close();
        assertThat(call(left, "CLIENT", "LIST")).doesNotContain("sluice-manager");
        assertThat(memory.topology().epoch()).isEqualTo(1);
    }

    private void awaitPrimary(RedisServer server) {
        ServerAddress wanted = Topologies.address(server);
        await("primary " + wanted)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> Topologies.shard(memory.topology()).primary().equals(wanted));
    }

    private void awaitNote(String note) {
        await("note '" + note + "'")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> follower.statuses().stream()
                        .anyMatch(status -> status.followed().equals("role")
                                && status.note().equals(note)));
    }

    private String note() {
        List<ShardStatus> statuses = follower.statuses();
        return statuses.isEmpty() ? "" : statuses.get(0).note();
    }

    private static String call(RedisServer server, String... words) throws IOException {
        try (RespClient client = server.connect()) {
            return String.valueOf(client.call(words));
        }
    }
}
