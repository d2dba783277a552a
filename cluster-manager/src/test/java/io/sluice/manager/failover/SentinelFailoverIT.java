package io.sluice.manager.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.change.ClusterDesk;
import io.sluice.manager.redis.PoolLogins;
import io.sluice.manager.redis.RedisLogin;
import io.sluice.manager.store.Cluster;
import io.sluice.manager.testing.MemoryCluster;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.RedisSentinel;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real servers and three real sentinels; the topology is kept in memory. */
class SentinelFailoverIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String PASSWORD = "ask-me";

    private final RedisServer first = RedisServer.onFreePort();
    private final RedisServer second = RedisServer.onFreePort().replicaOf(first);
    private final RedisServer third = RedisServer.onFreePort().replicaOf(first);
    private final List<RedisServer> servers = List.of(first, second, third);
    private final List<RedisSentinel> sentinels = RedisSentinel.onFreePorts(3);
    private final MemoryCluster memory = new MemoryCluster().with(Topologies.of(first, second, third));
    private final PrimaryFollower follower = follower();

    private PrimaryFollower follower() {
        Cluster cluster = memory.cluster();
        SentinelConfig config = new SentinelConfig(
                sentinels.stream()
                        .map(sentinel -> ServerAddress.tcp("127.0.0.1", sentinel.port()))
                        .toList(),
                2,
                Duration.ofSeconds(1),
                Duration.ofMillis(300),
                new RedisLogin(null, PASSWORD, null),
                new MasterNames("{pool}-{shard}", Map.of()));
        RolePolling polling = new RolePolling(true, Duration.ofMillis(200), Duration.ofMillis(300));
        return new PrimaryFollower(
                cluster.topologies(),
                cluster.leadership(),
                new ClusterDesk(cluster, InstantSource.system()),
                new FailoverConfig(config, polling, PoolLogins.NONE));
    }

    @BeforeEach
    void start() {
        servers.forEach(RedisServer::start);
        await("replicas follow: sentinels ask for them only every ten seconds")
                .atMost(LIMIT)
                .until(() -> connected(first) == 2);
        sentinels.forEach(sentinel ->
                sentinel.withPassword(PASSWORD).watching("cache-s1", first, 2).start());
        await("sentinels know each other")
                .atMost(LIMIT)
                .until(() -> sentinels.stream().allMatch(sentinel -> sentinel.knows("cache-s1", 2, 2)));
    }

    @AfterEach
    void stop() {
        follower.close();
        sentinels.forEach(RedisSentinel::close);
        servers.forEach(RedisServer::close);
    }

    @Test
    void followsThePrimaryThatSentinelsPromoteAndDoesNotGoBack() throws Exception {
        follower.start();
        await().atMost(LIMIT)
                .until(() -> status().followed().equals("sentinel")
                        && status().note().isEmpty());
        long killed = System.nanoTime();

        first.kill();

        RedisServer promoted = awaitPromoted(List.of(second, third));
        long promotedAt = System.nanoTime();
        awaitPrimary(promoted);
        long followedAt = System.nanoTime();
        System.out.printf(
                "Sentinels promoted %d ms after the primary was killed; the new epoch came %d ms later%n",
                millis(killed, promotedAt), millis(promotedAt, followedAt));
        assertThat(memory.historyEntries()).isNotEmpty();

        first.restart(); // a primary again, until sentinels find it

        await("sentinels make it a replica")
                .atMost(LIMIT)
                .until(() -> role(first).equals("slave"));
        await("the manager has seen that all is well")
                .atMost(LIMIT)
                .until(() -> status().note().isEmpty());
        failOverOnRequest(primaryOf(sentinels.get(1)));
    }

    /** Whom they promoted; on a busy machine they may have found him down too, and promoted the other one. */
    private RedisServer primaryOf(RedisSentinel sentinel) throws IOException {
        try (RespClient client = sentinel.connect()) {
            String answer = String.valueOf(client.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "cache-s1"));
            RedisServer named = List.of(second, third).stream()
                    .filter(server -> answer.contains(String.valueOf(server.port())))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("sentinels went back, they say " + answer));
            awaitPrimary(named);
            return named;
        }
    }

    private void failOverOnRequest(RedisServer before) throws IOException {
        long epoch = memory.topology().epoch();
        List<RedisServer> others =
                servers.stream().filter(server -> server != before).toList();
        try (RespClient client = sentinels.get(1).connect()) {
            assertThat(client.call("SENTINEL", "FAILOVER", "cache-s1")).isEqualTo("OK");
        }

        RedisServer promoted = awaitPromoted(others);
        long promotedAt = System.nanoTime();
        awaitPrimary(promoted);

        System.out.printf(
                "Asked for a failover: the new epoch came %d ms after the promotion%n",
                millis(promotedAt, System.nanoTime()));
        assertThat(memory.topology().epoch()).isGreaterThan(epoch);
    }

    @Test
    void silentSentinelsStopNobodyAndAMinorityOfThemMovesNothing() throws Exception {
        sentinels.get(0).pause();
        follower.start();
        await().atMost(LIMIT)
                .until(() -> status().followed().equals("sentinel")
                        && status().note().isEmpty());

        first.kill();
        RedisServer promoted = awaitPromoted(List.of(second, third));
        long promotedAt = System.nanoTime();
        awaitPrimary(promoted);

        System.out.printf(
                "With one sentinel of three paused: the new epoch came %d ms after the promotion%n",
                millis(promotedAt, System.nanoTime()));
        sentinels.get(1).pause();
        sentinels.get(2).pause();
        await().atMost(LIMIT).until(() -> status().note().equals("no sentinel answers"));
        assertThat(memory.topology().epoch()).isEqualTo(2);
    }

    private ShardStatus status() {
        List<ShardStatus> statuses = new ArrayList<>(follower.statuses());
        return statuses.isEmpty()
                ? new ShardStatus("cache", "s1", Topologies.address(first), "not yet", "not yet")
                : statuses.get(0);
    }

    private static RedisServer awaitPromoted(List<RedisServer> replicas) {
        List<RedisServer> promoted = new ArrayList<>();
        await("a replica is promoted")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> {
                    replicas.stream()
                            .filter(server -> role(server).equals("master"))
                            .forEach(promoted::add);
                    return !promoted.isEmpty();
                });
        return promoted.get(0);
    }

    private void awaitPrimary(RedisServer server) {
        ServerAddress wanted = Topologies.address(server);
        await("primary " + wanted)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> Topologies.shard(memory.topology()).primary().equals(wanted));
    }

    private static int connected(RedisServer primary) throws IOException {
        try (RespClient client = primary.connect()) {
            return String.valueOf(client.call("INFO", "replication")).split("state=online", -1).length - 1;
        }
    }

    private static String role(RedisServer server) {
        try (RespClient client = server.connect()) {
            return client.call("ROLE") instanceof List<?> role ? String.valueOf(role.get(0)) : "unknown";
        } catch (IOException e) {
            return "gone";
        }
    }

    private static long millis(long from, long to) {
        return Duration.ofNanos(to - from).toMillis();
    }
}
