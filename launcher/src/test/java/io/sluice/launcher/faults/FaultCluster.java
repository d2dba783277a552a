package io.sluice.launcher.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.ZooKeeperCluster;
import io.sluice.manager.testing.ManagerJvm;
import io.sluice.proxy.Proxy;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.ZooKeeperAccess;
import io.sluice.routing.hash.SlotHash;
import io.sluice.testing.EvenShards;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Two shards with stock servers, two proxies in this process, managers that are started one by one in processes of their
 * own, each with a login of its own at the servers. The first shard owns the slots that move there and back.
 */
final class FaultCluster implements AutoCloseable {

    static final Duration LIMIT = Duration.ofSeconds(45);
    static final String POOL = "cache";
    static final ZnodePaths PATHS = new ZnodePaths("faults");

    /** Those that move: all that the first shard owns in the beginning. */
    static final String MOVING = "0-8191";

    private static final int SLOTS = SlotHash.REDIS_CLUSTER.slots();
    private static final int PROXIES = 2;
    private static final Duration SESSION = Duration.ofSeconds(4);

    private final Path folder;
    private final String connect;
    private final CuratorFramework raw;
    private final ZooKeeperCluster observer;
    private final List<RedisServer> servers;
    private final List<Integer> ports = new ArrayList<>();
    private final List<Proxy> proxies = new ArrayList<>();
    private final Deque<AutoCloseable> running = new ArrayDeque<>(); // what was started last comes first
    private final StillKeys still;
    private final MoverLogins logins;
    private final ZooKeeperFaults zooKeeperFaults;
    private int managers;

    private FaultCluster(Path folder, String connect, List<RedisServer> servers) {
        this.folder = folder;
        this.connect = connect;
        this.servers = servers;
        this.still = new StillKeys(servers, ports);
        this.logins = new MoverLogins(servers);
        this.raw = CuratorFrameworkFactory.newClient(connect, new RetryOneTime(200));
        this.zooKeeperFaults = new ZooKeeperFaults(raw);
        raw.start();
        running.push(raw);
        this.observer = ZooKeeperCluster.open(ZooKeeperAccess.to(connect), "faults", "observer", "http://127.0.0.1:1");
        running.push(observer);
    }

    /** With a ZooKeeper that runs already. */
    static FaultCluster start(Path folder, String connect, String proxyConnect, String proxyExtra) throws Exception {
        return start(folder, connect, proxyConnect, proxyExtra, List.of(MoverLogins.server(), MoverLogins.server()));
    }

    /** Whose servers keep what they have acknowledged when they are killed. */
    static FaultCluster startDurable(Path folder, String connect) throws Exception {
        List<RedisServer> servers = new ArrayList<>();
        for (String name : List.of("s0", "s1")) {
            servers.add(MoverLogins.server().keepingWrites(Files.createDirectories(folder.resolve(name))));
        }
        return start(folder, connect, connect, "", servers);
    }

    private static FaultCluster start(
            Path folder, String connect, String proxyConnect, String proxyExtra, List<RedisServer> servers)
            throws Exception {
        FaultCluster cluster = new FaultCluster(folder, connect, servers);
        try {
            for (RedisServer server : servers) {
                server.start();
                cluster.running.push(server);
            }
            cluster.write(EvenShards.topology(
                    POOL, servers.stream().map(RedisServer::port).toList()));
            for (int i = 0; i < PROXIES; i++) {
                cluster.startProxy(i == 0 ? connect : proxyConnect, proxyExtra);
            }
            cluster.awaitProxies(PROXIES);
            return cluster;
        } catch (Exception | Error e) {
            cluster.close();
            throw e;
        }
    }

    static FaultCluster start(Path folder, String connect) throws Exception {
        return start(folder, connect, connect, "");
    }

    private void write(Topology topology) throws Exception {
        await().atMost(LIMIT).until(() -> raw.getZookeeperClient().blockUntilConnectedOrTimedOut());
        raw.create().creatingParentsIfNeeded().forPath(PATHS.topology(), TopologyDocument.bytes(topology.at(1, 0)));
    }

    private void startProxy(String zooKeeper, String extra) throws Exception {
        int number = proxies.size();
        int port = FreePorts.next();
        Path file = Files.writeString(
                folder.resolve("proxy-" + number + ".yaml"), """
                workers: 1
                admin: none
                zookeeper:
                  connect: %s
                  cluster: faults
                  proxy_id: proxy-%d
                %spools:
                  cache:
                    listen: 127.0.0.1:%d
                    topology: zookeeper
                    timeout: 5s
                """.formatted(zooKeeper, number, extra, port));
        Proxy proxy = Proxy.start(ProxyConfig.read(file));
        running.push(proxy);
        proxies.add(proxy);
        ports.add(port);
    }

    private void awaitProxies(int count) {
        await("the proxies serve it")
                .atMost(LIMIT)
                .until(() -> cluster().proxies().proxies().stream()
                                .filter(proxy -> proxy.appliedEpoch() > 0)
                                .count()
                        == count);
    }

    // ---- managers

    /** One more, which may lead at once or never. */
    ManagerJvm startManager(int keysPerSecond) throws Exception {
        String id = MoverLogins.of(managers++);
        ManagerJvm manager = ManagerJvm.start(
                HaltingManager.class.getName(),
                folder,
                id,
                ManagerJvm.config(id, connect, SESSION)
                        + """
                        migration:
                          cleanup_delay: 300ms
                          keys_per_second: %d
                          spool_dir: %s
                        pools:
                          cache:
                            server_user: %s
                            server_password: secret
                        """.formatted(keysPerSecond, folder.resolve("spool-" + id), id));
        running.push(manager);
        manager.await(line -> line.equals("started"));
        return manager;
    }

    /** The login of the manager that was started so many managers before the last one. */
    String loginOf(int before) {
        return MoverLogins.of(managers - 1 - before);
    }

    // ---- what is there

    StillKeys still() {
        return still;
    }

    MoverLogins logins() {
        return logins;
    }

    ZooKeeperFaults zooKeeperFaults() {
        return zooKeeperFaults;
    }

    Cluster cluster() {
        return observer.cluster();
    }

    ZooKeeperCluster observer() {
        return observer;
    }

    CuratorFramework raw() {
        return raw;
    }

    List<Integer> ports() {
        return ports;
    }

    RedisServer server(int number) {
        return servers.get(number);
    }

    Path folder() {
        return folder;
    }

    SlotPool pool() throws Exception {
        return cluster().topologies().read().topology().slotPool(POOL).orElseThrow();
    }

    Optional<Handoff> handoff(String id) throws Exception {
        return pool().handoff(id);
    }

    /** Whether every registered proxy does. */
    boolean allServeTheNewest() throws Exception {
        long newest = cluster().topologies().read().topology().epoch();
        return cluster().proxies().proxies().stream().allMatch(proxy -> proxy.appliedEpoch() == newest);
    }

    /** Which shard owns the slots that move. */
    String owner() throws Exception {
        SlotSet moving = SlotSet.parse(MOVING, SLOTS).orElseThrow();
        return pool().shards().values().stream()
                .filter(shard -> shard.slots().containsAll(moving))
                .map(Shard::name)
                .findFirst()
                .orElseThrow();
    }

    void awaitOwner(String shard) {
        try {
            await("the slots are with " + shard + " and nothing is on its way")
                    .atMost(LIMIT)
                    .ignoreExceptions()
                    .until(() -> owner().equals(shard) && pool().handoffs().isEmpty());
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(e.getMessage() + managerLogs(), e);
        }
    }

    private String managerLogs() {
        return running.stream()
                .filter(ManagerJvm.class::isInstance)
                .map(manager -> "\n---- log of a manager\n" + ((ManagerJvm) manager).log())
                .collect(Collectors.joining());
    }

    /** A key in a slot that moves, or in one that stays. */
    static String key(String prefix, boolean moves) {
        for (int i = 0; ; i++) {
            byte[] key = (prefix + i).getBytes(StandardCharsets.US_ASCII);
            if (SlotHash.REDIS_CLUSTER.slotOf(key, 0, key.length) < SLOTS / 2 == moves) {
                return prefix + i;
            }
        }
    }

    /** Keys that lie on a server whose shard does not own their slot. */
    List<String> keysInTheWrongPlace() throws Exception {
        return EvenShards.keysInTheWrongPlace(pool(), servers);
    }

    List<String> keys(int server) throws IOException {
        return EvenShards.keys(servers.get(server));
    }

    // ---- the check that ends every test

    /** Keys, expiry times, connections, the book: as they must be when nothing is on its way. */
    void check(String what) throws Exception {
        assertThat(keysInTheWrongPlace()).as(what).isEmpty();
        still.check(what);
        await(what + ": no connection of a mover is left")
                .atMost(LIMIT)
                .until(() -> logins.connections().isEmpty());
        await(what + ": the book is closed")
                .atMost(LIMIT)
                .ignoreExceptions()
                .until(() -> raw.getChildren().forPath(PATHS.handoffs()).isEmpty());
    }

    /** The same, and nothing in ZooKeeper's own log contradicts itself. */
    void check(String what, Path zooKeeperData) throws Exception {
        check(what);
        assertThat(TransactionLog.read(zooKeeperData).contradictions(PATHS))
                .as(what)
                .isEmpty();
    }

    @Override
    public void close() {
        while (!running.isEmpty()) {
            try {
                running.pop().close();
            } catch (Exception e) {
                throw new AssertionError("does not stop", e);
            }
        }
    }
}
