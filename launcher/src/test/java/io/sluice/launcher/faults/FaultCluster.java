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
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.KeeperException;
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
    private static final int LOGINS = 64;
    private static final Duration SESSION = Duration.ofSeconds(4);
    private static final int ONE_IN_EXPIRES = 5;
    private static final long TTL_TOLERANCE_MILLIS = 100;

    private final Path folder;
    private final String connect;
    private final CuratorFramework raw;
    private final ZooKeeperCluster observer;
    private final List<RedisServer> servers;
    private final List<Integer> ports = new ArrayList<>();
    private final List<Proxy> proxies = new ArrayList<>();
    private final Deque<AutoCloseable> running = new ArrayDeque<>(); // what was started last comes first
    private int managers;
    private int keys;
    private Map<String, Long> expiries = Map.of();

    private FaultCluster(Path folder, String connect, List<RedisServer> servers) {
        this.folder = folder;
        this.connect = connect;
        this.servers = servers;
        this.raw = CuratorFrameworkFactory.newClient(connect, new RetryOneTime(200));
        raw.start();
        running.push(raw);
        this.observer = ZooKeeperCluster.open(ZooKeeperAccess.to(connect), "faults", "observer", "http://127.0.0.1:1");
        running.push(observer);
    }

    /** A server that knows the managers' logins. */
    static RedisServer server() {
        RedisServer server = RedisServer.onFreePort();
        for (int i = 0; i < LOGINS; i++) {
            server.withArguments("--user", login(i), "on", ">secret", "~*", "&*", "+@all");
        }
        return server;
    }

    private static String login(int manager) {
        return "mgr-" + manager;
    }

    /** With a ZooKeeper that runs already. */
    static FaultCluster start(Path folder, String connect, String proxyConnect, String proxyExtra) throws Exception {
        return start(folder, connect, proxyConnect, proxyExtra, List.of(server(), server()));
    }

    /** Whose servers keep what they have acknowledged when they are killed. */
    static FaultCluster startDurable(Path folder, String connect) throws Exception {
        List<RedisServer> servers = new ArrayList<>();
        for (String name : List.of("s0", "s1")) {
            servers.add(server().keepingWrites(Files.createDirectories(folder.resolve(name))));
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
            cluster.write(topology(servers));
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

    private static Topology topology(List<RedisServer> servers) {
        Map<String, Shard> all = new LinkedHashMap<>();
        for (int i = 0; i < servers.size(); i++) {
            SlotSet slots = SlotSet.range(i * SLOTS / servers.size(), (i + 1) * SLOTS / servers.size() - 1);
            ServerAddress primary =
                    ServerAddress.tcp("127.0.0.1", servers.get(i).port());
            all.put("s" + i, new Shard("s" + i, primary, List.of(), slots));
        }
        return Topology.NONE.withPool(new SlotPool(POOL, PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, all, Map.of()));
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
        String id = login(managers++);
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
        return login(managers - 1 - before);
    }

    /** From now on a login may look, and may not change keys or whom a server follows; what it tries is told. */
    void forbidWrites(String login) throws IOException {
        for (RedisServer server : servers) {
            try (RespClient client = server.connect()) {
                client.call("ACL", "LOG", "RESET");
                client.call("ACL", "SETUSER", login, "-@write", "-replicaof", "-slaveof");
            }
        }
    }

    /** What a login tried since then and may not, and lets it write again. */
    List<String> forbiddenTries(String login) throws IOException {
        List<String> tries = new ArrayList<>();
        for (RedisServer server : servers) {
            try (RespClient client = server.connect()) {
                if (client.call("ACL", "LOG") instanceof List<?> entries) {
                    entries.stream()
                            .map(String::valueOf)
                            .filter(entry -> entry.contains(login))
                            .forEach(tries::add);
                }
                client.call("ACL", "SETUSER", login, "+@all");
            }
        }
        return tries;
    }

    /** Whoever takes over ends them before it writes anything; what they write until then, it takes away. */
    void awaitNoConnectionOf(String manager) {
        await("connections of " + manager + " are ended")
                .atMost(LIMIT)
                .until(() -> moverConnections().stream().noneMatch(line -> line.contains("user=" + manager + " ")));
    }

    /** Its place in the latch goes, and it is not told. */
    void takeLatchFrom(String manager) throws Exception {
        for (String child : raw.getChildren().forPath(PATHS.latch())) {
            String path = PATHS.latch() + "/" + child;
            Optional<String> holder = text(path);
            if (holder.filter(manager::equals).isPresent()) {
                raw.delete().quietly().forPath(path);
            }
        }
    }

    /** Empty if it has just gone. */
    private Optional<String> text(String path) throws Exception {
        try {
            return Optional.of(new String(raw.getData().forPath(path), StandardCharsets.UTF_8));
        } catch (KeeperException.NoNodeException e) {
            return Optional.empty();
        }
    }

    /** Of whoever wrote there last; where ZooKeeper runs in this process. */
    void expireSession(Path zooKeeperData, String path) throws Exception {
        String session =
                "0x" + Long.toHexString(TransactionLog.read(zooKeeperData).lastSessionAt(path));
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        int expired = 0;
        for (ObjectName bean : beans.queryNames(new ObjectName("org.apache.ZooKeeperService:*"), null)) {
            if (bean.getCanonicalName().contains(session)) {
                beans.invoke(bean, "terminateSession", new Object[0], new String[0]);
                expired++;
            }
        }
        assertThat(expired).as("sessions that expired").isEqualTo(1);
    }

    // ---- what is there

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

    // ---- keys

    /** Writes this many keys through a proxy; some of them expire in an hour. */
    void fill(int count) throws IOException {
        keys = count;
        try (RespClient client = new RespClient(ports.get(0))) {
            for (int i = 0; i < count; i++) {
                if (i % ONE_IN_EXPIRES == 0) {
                    client.call("SET", "still:" + i, "value " + i, "PX", String.valueOf(3_600_000 + i));
                } else {
                    client.call("SET", "still:" + i, "value " + i);
                }
            }
        }
        rememberExpiries();
    }

    /** What the next move must leave as it is. */
    void rememberExpiries() throws IOException {
        expiries = expiriesNow();
    }

    private Map<String, Long> expiriesNow() throws IOException {
        Map<String, Long> found = new HashMap<>();
        for (RedisServer server : servers) {
            try (RespClient client = server.connect()) {
                for (int i = 0; i < keys; i += ONE_IN_EXPIRES) {
                    if (client.call("PEXPIRETIME", "still:" + i) instanceof Long at && at > 0) {
                        found.merge("still:" + i, at, Math::max); // what is left over at a source is older
                    }
                }
            }
        }
        return found;
    }

    /** Keys that lie on a server whose shard does not own their slot, as {@code s0: key}. */
    List<String> keysInTheWrongPlace() throws Exception {
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < servers.size(); i++) {
            SlotSet owned = pool().shard("s" + i).orElseThrow().slots();
            for (String key : keys(i)) {
                byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
                if (!owned.contains(SlotHash.REDIS_CLUSTER.slotOf(bytes, 0, bytes.length))) {
                    wrong.add("s" + i + ": " + key);
                }
            }
        }
        return wrong;
    }

    List<String> keys(int server) throws IOException {
        try (RespClient client = servers.get(server).connect()) {
            return client.call("KEYS", "*") instanceof List<?> all
                    ? all.stream().map(String::valueOf).toList()
                    : List.of();
        }
    }

    // ---- the check that ends every test

    /** Keys, expiry times, connections, the book: as they must be when nothing is on its way. */
    void check(String what) throws Exception {
        assertThat(keysInTheWrongPlace()).as(what).isEmpty();
        assertThat(keysThatDiffer()).as(what).isEmpty();
        Map<String, Long> now = expiriesNow();
        assertThat(now.keySet()).as(what).isEqualTo(expiries.keySet());
        assertThat(expiries)
                .as(what)
                .allSatisfy((key, at) ->
                        assertThat(now.get(key)).isBetween(at - TTL_TOLERANCE_MILLIS, at + TTL_TOLERANCE_MILLIS));
        await(what + ": no connection of a mover is left")
                .atMost(LIMIT)
                .until(() -> moverConnections().isEmpty());
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

    /** A server that died is probed before proxies send it requests again, and gets its keys by and by. */
    void awaitAllIsRead() {
        for (int port : ports) {
            await("the proxies use all servers again")
                    .atMost(LIMIT)
                    .until(() -> keysThatDiffer(port).isEmpty());
        }
    }

    private List<String> keysThatDiffer() throws IOException {
        return keysThatDiffer(ports.get(1));
    }

    private List<String> keysThatDiffer(int port) throws IOException {
        List<String> differ = new ArrayList<>();
        try (RespClient client = new RespClient(port)) {
            for (int i = 0; i < keys; i++) {
                if (!("value " + i).equals(client.call("GET", "still:" + i))) {
                    differ.add("still:" + i);
                }
            }
        }
        return differ;
    }

    /** Of all managers, at both servers. */
    List<String> moverConnections() throws IOException {
        List<String> found = new ArrayList<>();
        for (RedisServer server : servers) {
            try (RespClient client = server.connect()) {
                String.valueOf(client.call("CLIENT", "LIST"))
                        .lines()
                        .filter(line -> line.contains("user=mgr-"))
                        .forEach(found::add);
            }
        }
        return found;
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
