package io.sluice.launcher.ctl;

import static org.awaitility.Awaitility.await;

import io.sluice.launcher.ProxyJvm;
import io.sluice.manager.ClusterManager;
import io.sluice.manager.config.ManagerConfig;
import io.sluice.manager.migration.Movers;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import io.sluice.testing.ToxicRelay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;
import org.apache.curator.test.TestingCluster;
import org.apache.zookeeper.KeeperException;

/**
 * A cluster of which every part, and every way between two, can fail.
 *
 * <pre>
 *   proxies (processes) ──relay each──▶ ZooKeeper (here) ◀── managers (here, or processes)
 *           └──────── relay ▶ servers (processes, what they acknowledge is on the disk) ◀ relay ────┘
 * </pre>
 */
final class FaultyCluster implements AutoCloseable {

    static final Duration LIMIT = Duration.ofSeconds(60);
    static final String CLUSTER = "main";
    static final String POOL = "cache";
    private static final ZnodePaths PATHS = new ZnodePaths(CLUSTER);
    private static final int SLOTS = SlotHash.REDIS_CLUSTER.slots();

    private final Path folder;
    private final Deque<AutoCloseable> running = new ArrayDeque<>(); // what was started last comes first
    private final TestingCluster zooKeeper;
    private final CuratorFramework client;
    private final List<RedisServer> servers = new ArrayList<>();
    private final List<ToxicRelay> relays = new ArrayList<>();
    private final List<ProxyProcess> proxies = new ArrayList<>();
    private final List<String> managers = new ArrayList<>(); // URLs

    private FaultyCluster(Path folder, TestingCluster zooKeeper) {
        this.folder = folder;
        this.zooKeeper = zooKeeper;
        this.client = CuratorFrameworkFactory.builder()
                .connectString(zooKeeper.getConnectString())
                .retryPolicy(new RetryNTimes(100, 100))
                .build();
    }

    /** ZooKeeper and servers s0, s1 and so on; managers and proxies come later. */
    static FaultyCluster start(Path folder, int zooKeepers, int shards) throws Exception {
        TestingCluster zooKeeper = new TestingCluster(zooKeepers);
        zooKeeper.start();
        FaultyCluster cluster = new FaultyCluster(folder, zooKeeper);
        cluster.running.push(zooKeeper);
        cluster.client.start();
        cluster.running.push(cluster.client);
        for (int i = 0; i < shards; i++) {
            RedisServer server =
                    RedisServer.onFreePort().keepingWrites(Files.createDirectories(folder.resolve("server-" + i)));
            server.start();
            cluster.running.push(server);
            cluster.servers.add(server);
            ToxicRelay relay = ToxicRelay.to(server.port());
            cluster.running.push(relay);
            cluster.relays.add(relay);
        }
        return cluster;
    }

    // ---- managers

    /** A manager in this process. */
    ClusterManager lead(UnaryOperator<Movers> around) throws Exception {
        ClusterManager manager = ClusterManager.start(ManagerConfig.read(managerFile()), List.of(), around);
        running.push(manager);
        await().atMost(LIMIT).until(() -> manager.cluster().leadership().leads());
        applyTopology();
        return manager;
    }

    /** A manager as a process, with this file; {@link #applyTopology} once one leads. */
    ProxyJvm startManager(Path file) throws IOException {
        ProxyJvm manager =
                ProxyJvm.startCommand("manager", folder, Map.of("STATE_DIRECTORY", ""), "--config", file.toString());
        running.push(manager);
        return manager;
    }

    /** The file of another manager. */
    Path managerFile() throws IOException {
        int port = FreePorts.next();
        managers.add("http://127.0.0.1:" + port);
        return Files.writeString(folder.resolve("manager-" + managers.size() + ".yaml"), """
                listen: 127.0.0.1:%d
                id: manager-%d
                zookeeper:
                  connect: %s
                  session_timeout: 4s
                migration:
                  cleanup_delay: 200ms
                  spool_dir: %s
                """.formatted(
                port, managers.size(), zooKeeper.getConnectString(), folder.resolve("spool-" + managers.size())));
    }

    void applyTopology() throws IOException {
        Map<String, Shard> all = new LinkedHashMap<>();
        for (int i = 0; i < relays.size(); i++) {
            SlotSet slots = SlotSet.range(i * SLOTS / relays.size(), (i + 1) * SLOTS / relays.size() - 1);
            ServerAddress primary = ServerAddress.tcp("127.0.0.1", relays.get(i).port());
            all.put("s" + i, new Shard("s" + i, primary, List.of(), slots));
        }
        Topology topology =
                Topology.NONE.withPool(new SlotPool(POOL, PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, all, Map.of()));
        Path file = Files.write(folder.resolve("topology.json"), TopologyDocument.bytes(topology));
        await("the topology is written") // once a manager leads
                .atMost(LIMIT)
                .until(() -> ctl("topology apply " + file + " --yes").exitCode() == CtlExit.OK);
    }

    /** Asks whichever manager answers. */
    CtlRun ctl(String line) {
        return CtlRun.of(CtlRun.NOBODY, ("--manager " + String.join(",", managers) + " " + line).split(" "));
    }

    // ---- proxies

    /** A process of this name in this folder; it may not be ready when this returns. */
    ProxyProcess addProxy(String id, String place) throws Exception {
        int port = zooKeeper
                .getServers()
                .get(proxies.size() % zooKeeper.getServers().size())
                .getInstanceSpec()
                .getPort();
        ProxyProcess proxy = ProxyProcess.in(folder.resolve(place), id, port);
        running.push(proxy);
        proxies.add(proxy);
        return proxy.start();
    }

    List<ProxyProcess> proxies() {
        return proxies;
    }

    ProxyProcess proxy(int index) {
        return proxies.get(index);
    }

    List<Integer> ports() {
        return proxies.stream().map(ProxyProcess::port).toList();
    }

    /** The epoch that each registered proxy has acknowledged, by name. */
    Map<String, Long> applied() throws Exception {
        Map<String, Long> applied = new LinkedHashMap<>();
        for (String id : client.getChildren().forPath(PATHS.proxies())) {
            try {
                String path = PATHS.heartbeat(id);
                applied.put(
                        id,
                        Heartbeat.parse(path, client.getData().forPath(path)).applied());
            } catch (KeeperException.NoNodeException e) {
                applied.put(id, 0L);
            }
        }
        return applied;
    }

    void awaitAllFollow() {
        await("all proxies follow").atMost(LIMIT).until(() -> {
            long epoch = topology().epoch();
            return applied().values().stream().allMatch(applied -> applied == epoch);
        });
    }

    // ---- the rest

    TestingCluster zooKeeper() {
        return zooKeeper;
    }

    RedisServer server(int index) {
        return servers.get(index);
    }

    List<RedisServer> servers() {
        return servers;
    }

    /** Everybody's way to that server. */
    ToxicRelay wayTo(int server) {
        return relays.get(server);
    }

    CuratorFramework client() {
        return client;
    }

    Topology topology() throws Exception {
        return TopologyDocument.parse("topology", client.getData().forPath(PATHS.topology()));
    }

    SlotPool pool() throws Exception {
        return topology().slotPool(POOL).orElseThrow();
    }

    void beginMove(String from, String to, String slots) {
        CtlRun run = ctl("slots move --from " + from + " --to " + to + " --slots " + slots + " --yes");
        if (run.exitCode() != CtlExit.OK) {
            throw new IllegalStateException(run.out() + run.err());
        }
    }

    void awaitNothingOnItsWay() {
        awaitNothingOnItsWay(LIMIT);
    }

    void awaitNothingOnItsWay(Duration limit) {
        await("the move is done").atMost(limit).until(() -> pool().handoffs().isEmpty());
    }

    @Override
    public void close() {
        List<Exception> failures = new ArrayList<>();
        while (!running.isEmpty()) {
            try {
                running.pop().close();
            } catch (Exception e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            throw new AssertionError("does not stop: " + failures, failures.get(0));
        }
    }
}
