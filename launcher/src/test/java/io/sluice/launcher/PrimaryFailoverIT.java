package io.sluice.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.ClusterManager;
import io.sluice.manager.FailoverTask;
import io.sluice.manager.change.ApplyDocument;
import io.sluice.manager.change.ClusterDesk;
import io.sluice.manager.config.ManagerConfig;
import io.sluice.manager.store.HistoryEntry;
import io.sluice.proxy.Proxy;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisSentinel;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole: a manager with its ZooKeeper, two proxies, sentinels, servers, and clients that write all the time. */
class PrimaryFailoverIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int PROXIES = 2;
    private static final int AFTERWARDS = 500;

    /** A write that was acknowledged. */
    private record Write(String key, long sentAt, long acknowledgedAt) {}

    @TempDir
    private Path folder;

    private final RedisServer first = RedisServer.onFreePort();
    private final RedisServer second = RedisServer.onFreePort().replicaOf(first);
    private final List<RedisSentinel> sentinels = RedisSentinel.onFreePorts(3);
    private final List<Integer> ports = new ArrayList<>();
    private final List<AutoCloseable> running = new ArrayList<>();
    private final ConcurrentLinkedQueue<Write> writes = new ConcurrentLinkedQueue<>();
    private volatile boolean writing = true;
    private ClusterManager manager;

    @BeforeEach
    void start() throws Exception {
        for (RedisServer server : List.of(first, second)) {
            server.start();
            running.add(server);
        }
        await("the replica follows: sentinels ask for replicas only every ten seconds")
                .atMost(LIMIT)
                .until(() -> call(first, "INFO", "replication").contains("state=online"));
        for (RedisSentinel sentinel : sentinels) {
            sentinel.watching("s1", first, 2).start();
            running.add(sentinel);
        }
        int zooKeeper = FreePorts.next();
        manager = startManager(zooKeeper);
        running.add(manager);
        await().atMost(LIMIT).until(() -> manager.cluster().leadership().leads());
        new ClusterDesk(manager.cluster(), InstantSource.system())
                .apply(new ApplyDocument("test", topology(), false), "test", OptionalLong.empty());
        for (int i = 0; i < PROXIES; i++) {
            running.add(startProxy(zooKeeper, i));
        }
        await("sentinels know each other")
                .atMost(LIMIT)
                .until(() -> sentinels.stream().allMatch(sentinel -> sentinel.knows("s1", 2, 1)));
    }

    private ClusterManager startManager(int zooKeeper) throws Exception {
        String addresses = sentinels.stream().map(RedisSentinel::address).collect(Collectors.joining(", "));
        Path file = Files.writeString(folder.resolve("manager.yaml"), """
                cluster: main
                listen: 127.0.0.1:%d
                data_dir: %s
                embedded_zookeeper:
                  listen: 127.0.0.1:%d
                sentinel:
                  addresses: [%s]
                """.formatted(
                        FreePorts.next(), folder.resolve("data"), zooKeeper, addresses));
        ManagerConfig config = ManagerConfig.read(file);
        return ClusterManager.start(config, List.of(new FailoverTask(config.failover(), InstantSource.system())));
    }

    private Topology topology() {
        Shard shard = new Shard(
                "s1", address(first), List.of(address(second)), SlotSet.range(0, SlotHash.REDIS_CLUSTER.slots() - 1));
        return Topology.NONE.withPool(
                new SlotPool("cache", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, Map.of("s1", shard), Map.of()));
    }

    private Proxy startProxy(int zooKeeper, int number) throws Exception {
        int port = FreePorts.next();
        Path file =
                Files.writeString(folder.resolve("proxy-" + number + ".yaml"), """
                workers: 1
                zookeeper:
                  connect: 127.0.0.1:%d
                  cluster: main
                  proxy_id: proxy-%d
                pools:
                  cache:
                    listen: 127.0.0.1:%d
                    topology: zookeeper
                    timeout: 1s
                """.formatted(zooKeeper, number, port));
        ports.add(port);
        return Proxy.start(ProxyConfig.read(file));
    }

    @AfterEach
    void stop() throws Exception {
        writing = false;
        for (int i = running.size() - 1; i >= 0; i--) {
            running.get(i).close();
        }
    }

    @Test
    void writesGoOnAtTheNewPrimaryAndNeverAgainAtTheOldOne() throws Exception {
        ports.forEach(this::writeThrough);
        await().atMost(LIMIT).until(() -> writes.size() > AFTERWARDS);
        long killedAt = System.nanoTime();

        first.kill();

        await("sentinels promote the replica")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> role(second).equals("master"));
        long promotedAt = System.nanoTime();
        await("a write is acknowledged again")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> writes.stream().anyMatch(write -> write.sentAt() > promotedAt));
        long resumedAt = writes.stream()
                .filter(write -> write.sentAt() > promotedAt)
                .mapToLong(Write::acknowledgedAt)
                .min()
                .orElseThrow();
        System.out.printf(
                "Promoted %d ms after the kill; the first write was acknowledged %d ms after the promotion%n",
                millis(killedAt, promotedAt), millis(promotedAt, resumedAt));
        assertThat(millis(promotedAt, resumedAt)).isLessThan(LIMIT.toMillis());
        assertThat(primary()).isEqualTo(address(second));
        HistoryEntry entry = manager.cluster().history().newest(1).get(0);
        assertThat(entry.by()).isEqualTo("failover");

        first.restart(); // empty, and a primary as it sees it, until sentinels find it

        long restartedAt = System.nanoTime();
        await("many more writes").atMost(LIMIT).until(() -> since(restartedAt).size() >= AFTERWARDS);
        assertThat(role(first)).isEqualTo("master");
        assertThat(call(first, "INFO", "commandstats")).doesNotContain("cmdstat_set");
        assertThat(call(first, "DBSIZE")).isEqualTo("0");
        assertThat(primary()).isEqualTo(address(second));
        writing = false;
        for (Write write : since(promotedAt)) {
            assertThat(call(second, "GET", write.key())).isEqualTo("v");
        }
    }

    private List<Write> since(long nanos) {
        return writes.stream().filter(write -> write.sentAt() > nanos).toList();
    }

    private void writeThrough(int port) {
        Thread writer = new Thread(
                () -> {
                    for (int i = 0; writing; i++) {
                        i = writeUntilBroken(port, i);
                    }
                },
                "writer-" + port);
        writer.setDaemon(true);
        writer.start();
    }

    /** Errors of a server that is away are what clients get meanwhile. */
    private int writeUntilBroken(int port, int from) {
        int i = from;
        try (RespClient client = new RespClient(port)) {
            for (; writing; i++) {
                String key = "key:" + port + ":" + i;
                long sentAt = System.nanoTime();
                Object reply = client.call("SET", key, "v");
                if (reply instanceof RespError) {
                    Thread.onSpinWait();
                } else {
                    writes.add(new Write(key, sentAt, System.nanoTime()));
                }
            }
        } catch (IOException e) {
            return i; // it connects again
        }
        return i;
    }

    private ServerAddress primary() throws Exception {
        return manager.cluster()
                .topologies()
                .read()
                .topology()
                .slotPool("cache")
                .flatMap(pool -> pool.shard("s1"))
                .map(Shard::primary)
                .orElseThrow();
    }

    private static String role(RedisServer server) {
        try (RespClient client = server.connect()) {
            return client.call("ROLE") instanceof List<?> role ? String.valueOf(role.get(0)) : "unknown";
        } catch (IOException e) {
            return "gone";
        }
    }

    private static String call(RedisServer server, String... words) throws IOException {
        try (RespClient client = server.connect()) {
            return String.valueOf(client.call(words));
        }
    }

    private static ServerAddress address(RedisServer server) {
        return ServerAddress.tcp("127.0.0.1", server.port());
    }

    private static long millis(long from, long to) {
        return Duration.ofNanos(to - from).toMillis();
    }
}
