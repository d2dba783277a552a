package io.sluice.launcher.ctl;

import static org.awaitility.Awaitility.await;

import io.sluice.manager.ClusterManager;
import io.sluice.manager.change.ApplyDocument;
import io.sluice.manager.change.ClusterDesk;
import io.sluice.manager.config.ManagerConfig;
import io.sluice.manager.migration.engine.CopyLimits;
import io.sluice.manager.store.StoreException;
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
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/** A manager with its ZooKeeper, proxies, and stock servers s0, s1 and so on, which own the slots evenly. */
final class MovingSlots implements AutoCloseable {

    static final Duration LIMIT = Duration.ofSeconds(60);
    static final String POOL = "cache";
    private static final Duration CLEANUP_DELAY = Duration.ofMillis(200);
    private static final int USUAL_PROXIES = 2;
    private static final int SLOTS = SlotHash.REDIS_CLUSTER.slots();

    private final ClusterManager manager;
    private final Deque<AutoCloseable> running; // what was started last comes first
    private final List<RedisServer> servers;
    private final List<Integer> ports;

    private MovingSlots(
            ClusterManager manager, Deque<AutoCloseable> running, List<RedisServer> servers, List<Integer> ports) {
        this.manager = manager;
        this.running = running;
        this.servers = servers;
        this.ports = ports;
    }

    /** With two proxies, and a shard for each server. */
    static MovingSlots start(Path folder, int shards, int keysPerSecond) throws Exception {
        return start(folder, shards, keysPerSecond, CLEANUP_DELAY);
    }

    /** @param cleanupDelay from a switch to the removal of the keys from the source */
    static MovingSlots start(Path folder, int shards, int keysPerSecond, Duration cleanupDelay) throws Exception {
        return start(folder, shards, 0, USUAL_PROXIES, keysPerSecond, cleanupDelay);
    }

    /** The same with so many proxies. */
    static MovingSlots start(Path folder, int shards, int keysPerSecond, int proxies) throws Exception {
        return start(folder, shards, 0, proxies, keysPerSecond, CLEANUP_DELAY);
    }

    /**
     * All of it.
     *
     * @param spares servers that no shard has yet; they come after those of the shards
     * @param keysPerSecond of each move
     */
    static MovingSlots start(Path folder, int shards, int spares, int proxies, int keysPerSecond) throws Exception {
        return start(folder, shards, spares, proxies, keysPerSecond, CLEANUP_DELAY);
    }

    private static MovingSlots start(
            Path folder, int shards, int spares, int proxies, int keysPerSecond, Duration cleanupDelay)
            throws Exception {
        Deque<AutoCloseable> running = new ArrayDeque<>();
        List<RedisServer> servers = new ArrayList<>();
        for (int i = 0; i < shards + spares; i++) {
            RedisServer server = RedisServer.onFreePort().withArguments("--enable-debug-command", "yes");
            server.start();
            running.push(server);
            servers.add(server);
        }
        int zooKeeper = FreePorts.next();
        ClusterManager manager = startManager(folder, zooKeeper, keysPerSecond, cleanupDelay);
        running.push(manager);
        await().atMost(LIMIT).until(() -> manager.cluster().leadership().leads());
        new ClusterDesk(manager.cluster(), InstantSource.system())
                .apply(
                        new ApplyDocument("test", topology(servers.subList(0, shards)), false),
                        "test",
                        OptionalLong.empty());
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < proxies; i++) {
            ports.add(FreePorts.next());
            running.push(startProxy(folder, zooKeeper, i, ports.get(i)));
        }
        await("all proxies serve it")
                .atMost(LIMIT)
                .until(() -> manager.cluster().proxies().proxies().stream()
                                .filter(proxy -> proxy.appliedEpoch() > 0)
                                .count()
                        == proxies);
        return new MovingSlots(manager, running, servers, ports);
    }

    private static ClusterManager startManager(Path folder, int zooKeeper, int keysPerSecond, Duration cleanupDelay)
            throws Exception {
        Path file = Files.writeString(folder.resolve("manager.yaml"), """
                listen: 127.0.0.1:%d
                data_dir: %s
                embedded_zookeeper:
                  listen: 127.0.0.1:%d
                migration:
                  cleanup_delay: %dms
                  keys_per_second: %d
                  bytes_per_second: %d
                """.formatted(
                        FreePorts.next(),
                        folder.resolve("data"),
                        zooKeeper,
                        cleanupDelay.toMillis(),
                        keysPerSecond,
                        bytesPerSecond(keysPerSecond)));
        return ClusterManager.start(ManagerConfig.read(file), List.of());
    }

    /** The default for the default number of keys and for fewer; as many as there may be for as many keys. */
    private static long bytesPerSecond(int keysPerSecond) {
        long wanted = Math.max(CopyLimits.DEFAULTS.bytesPerSecond(), 1024L * keysPerSecond);
        return Math.min(Integer.MAX_VALUE, wanted);
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

    private static Proxy startProxy(Path folder, int zooKeeper, int number, int port) throws Exception {
        Path file =
                Files.writeString(folder.resolve("proxy-" + number + ".yaml"), """
                workers: 1
                admin: none
                zookeeper:
                  connect: 127.0.0.1:%d
                  cluster: main
                  proxy_id: proxy-%d
                pools:
                  cache:
                    listen: 127.0.0.1:%d
                    topology: zookeeper
                    timeout: 5s
                """.formatted(zooKeeper, number, port));
        return Proxy.start(ProxyConfig.read(file));
    }

    /** Of a server. */
    String address(int server) {
        return "127.0.0.1:" + servers.get(server).port();
    }

    /** Of the proxies. */
    List<Integer> ports() {
        return ports;
    }

    CtlRun ctl(String line) {
        return CtlRun.of(CtlRun.NOBODY, ("--manager " + manager.url() + " " + line).split(" "));
    }

    SlotPool pool() throws StoreException {
        return manager.cluster().topologies().read().topology().slotPool(POOL).orElseThrow();
    }

    void awaitNothingOnItsWay() {
        await("the move is done")
                .atMost(LIMIT)
                .until(() -> pool().handoffs().isEmpty() && pool().waiting().isEmpty());
    }

    void awaitShards(int count) {
        await("so many shards are left")
                .atMost(LIMIT)
                .until(() -> pool().shards().size() == count);
    }

    /** Writes this many keys through a proxy. */
    void fill(int keys) throws IOException {
        try (RespClient client = new RespClient(ports.get(0))) {
            for (int i = 0; i < keys; i++) {
                client.call("SET", "still:" + i, "value " + i);
            }
        }
    }

    /** How many of the keys that were filled in are read as they were written. */
    int found(int keys) throws IOException {
        int found = 0;
        try (RespClient client = new RespClient(ports.get(1))) {
            for (int i = 0; i < keys; i++) {
                found += ("value " + i).equals(client.call("GET", "still:" + i)) ? 1 : 0;
            }
        }
        return found;
    }

    /** Keys that lie on a server whose shard does not own their slot, as {@code s0: key}. */
    List<String> keysInTheWrongPlace() throws Exception {
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < servers.size(); i++) {
            SlotSet owned = pool().shard("s" + i).map(Shard::slots).orElse(SlotSet.EMPTY);
            for (String key : keys(i)) {
                if (!owned.contains(slotOf(key))) {
                    wrong.add("s" + i + ": " + key);
                }
            }
        }
        return wrong;
    }

    /** How many keys a server holds. */
    long count(int server) throws IOException {
        try (RespClient client = servers.get(server).connect()) {
            return client.call("DBSIZE") instanceof Long size ? size : 0;
        }
    }

    static int slotOf(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        return SlotHash.REDIS_CLUSTER.slotOf(bytes, 0, bytes.length);
    }

    Topology topology() throws StoreException {
        return manager.cluster().topologies().read().topology();
    }

    /** The number of the shard that owns a key now. */
    int ownerOf(String key) throws IOException {
        int slot = slotOf(key);
        try {
            SlotPool pool = pool();
            return IntStream.range(0, servers.size())
                    .filter(i -> pool.shard("s" + i).orElseThrow().slots().contains(slot))
                    .findFirst()
                    .orElseThrow();
        } catch (StoreException e) {
            throw new IOException(e);
        }
    }

    /** The server of a shard. */
    RedisServer server(int number) {
        return servers.get(number);
    }

    List<String> keys(int server) throws IOException {
        try (RespClient client = servers.get(server).connect()) {
            return client.call("KEYS", "*") instanceof List<?> all
                    ? all.stream().map(String::valueOf).toList()
                    : List.of();
        }
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
