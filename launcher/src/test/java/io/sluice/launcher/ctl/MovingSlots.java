package io.sluice.launcher.ctl;

import static org.awaitility.Awaitility.await;

import io.sluice.manager.migration.engine.CopyLimits;
import io.sluice.manager.store.StoreException;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.testing.EvenShards;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A manager with its ZooKeeper, proxies, and stock servers s0, s1 and so on, which own the slots evenly. */
final class MovingSlots implements AutoCloseable {

    static final Duration LIMIT = SmallCluster.LIMIT;
    static final String POOL = "cache";
    private static final Duration CLEANUP_DELAY = Duration.ofMillis(200);
    private static final int USUAL_PROXIES = 2;

    private final SmallCluster cluster;
    private final List<RedisServer> servers;

    private MovingSlots(SmallCluster cluster, List<RedisServer> servers) {
        this.cluster = cluster;
        this.servers = servers;
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
        List<RedisServer> servers = new ArrayList<>();
        for (int i = 0; i < shards + spares; i++) {
            RedisServer server = RedisServer.onFreePort().withArguments("--enable-debug-command", "yes");
            server.start();
            servers.add(server);
        }
        SmallCluster cluster = SmallCluster.start(
                folder,
                settings(keysPerSecond, cleanupDelay),
                EvenShards.topology(
                        POOL,
                        servers.subList(0, shards).stream()
                                .map(RedisServer::port)
                                .toList()),
                POOL + ":",
                proxies);
        return new MovingSlots(cluster, servers);
    }

    private static String settings(int keysPerSecond, Duration cleanupDelay) {
        return """
                migration:
                  cleanup_delay: %dms
                  keys_per_second: %d
                  bytes_per_second: %d
                """.formatted(cleanupDelay.toMillis(), keysPerSecond, bytesPerSecond(keysPerSecond));
    }

    /** The default for the default number of keys and for fewer; as many as there may be for as many keys. */
    private static long bytesPerSecond(int keysPerSecond) {
        long wanted = Math.max(CopyLimits.DEFAULTS.bytesPerSecond(), 1024L * keysPerSecond);
        return Math.min(Integer.MAX_VALUE, wanted);
    }

    /** Of a server. */
    String address(int server) {
        return "127.0.0.1:" + servers.get(server).port();
    }

    /** Of the proxies. */
    List<Integer> ports() {
        return cluster.ports();
    }

    CtlRun ctl(String line) {
        return cluster.ctl(line);
    }

    SlotPool pool() throws StoreException {
        return cluster.topology().slotPool(POOL).orElseThrow();
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
        try (RespClient client = new RespClient(ports().get(0))) {
            for (int i = 0; i < keys; i++) {
                client.call("SET", "still:" + i, "value " + i);
            }
        }
    }

    /** How many of the keys that were filled in are read as they were written. */
    int found(int keys) throws IOException {
        int found = 0;
        try (RespClient client = new RespClient(ports().get(1))) {
            for (int i = 0; i < keys; i++) {
                found += ("value " + i).equals(client.call("GET", "still:" + i)) ? 1 : 0;
            }
        }
        return found;
    }

    /** Keys that lie on a server whose shard does not own their slot. */
    List<String> keysInTheWrongPlace() throws Exception {
        return EvenShards.keysInTheWrongPlace(pool(), servers);
    }

    /** How many keys a server holds. */
    long count(int server) throws IOException {
        try (RespClient client = servers.get(server).connect()) {
            return client.call("DBSIZE") instanceof Long size ? size : 0;
        }
    }

    static int slotOf(String key) {
        return EvenShards.slotOf(key);
    }

    Topology topology() throws StoreException {
        return cluster.topology();
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
        return EvenShards.keys(servers.get(server));
    }

    @Override
    public void close() {
        cluster.close();
        servers.forEach(RedisServer::close);
    }
}
