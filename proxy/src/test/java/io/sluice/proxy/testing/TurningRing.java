package io.sluice.proxy.testing;

import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.Membership;
import io.sluice.routing.Router;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingChangeState;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.cluster.TopologyPool;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.config.ZooKeeperAccess;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.MemcachedServer;
import io.sluice.testing.TextClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;

/**
 * A ring of memcached servers that gets another server, and two proxies, each of which hears of it when the test says so:
 * they follow topologies of their own, which the test writes as a manager would.
 */
public final class TurningRing implements AutoCloseable {

    public static final int OLD_SERVERS = 4;

    private static final int FILLERS = 50_000;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final String CHANGE = "r-1";

    /** One of the two proxies, and the topology that it follows. */
    public final class Follower implements AutoCloseable {
        private final ZnodePaths paths;
        private final String id;
        private final RunningProxy proxy;
        private final List<Server> servers = new ArrayList<>();
        private Topology topology = Topology.NONE;
        private Duration lease = LEASE;

        private Follower(String cluster, Path folder) {
            this.paths = new ZnodePaths(cluster);
            this.id = "proxy-" + cluster;
            for (int i = 0; i < caches.size(); i++) {
                servers.add(new Server(
                        "cache" + i,
                        ServerAddress.tcp("127.0.0.1", caches.get(i).port()),
                        1));
            }
            ZooKeeperAccess access = new ZooKeeperAccess(ensemble.connect(), SOON, SOON, null, null);
            this.proxy = RunningProxy.in(new Membership(
                            access,
                            cluster,
                            id,
                            folder.resolve(cluster + ".topology.json"),
                            Duration.ofMillis(100),
                            Duration.ZERO))
                    .memcache()
                    .workers(2)
                    .monitored();
        }

        /** It reaches a server only at this port; before {@link TurningRing#start}. */
        public void reach(int server, int port) {
            servers.set(server, new Server("cache" + server, ServerAddress.tcp("127.0.0.1", port), 1));
        }

        /** For how long it serves keys of a change without a heartbeat; before the change. */
        public void lease(Duration other) {
            lease = other;
        }

        public RunningProxy proxy() {
            return proxy;
        }

        public TextClient connect() throws Exception {
            return new TextClient(proxy.port());
        }

        private RingPool pool(List<Server> its) {
            return new RingPool(
                    PoolProtocol.MEMCACHE,
                    new PoolDefinition(
                            Ensemble.POOL,
                            HashAlgorithm.MD5,
                            null,
                            DistributionKind.KETAMA,
                            its.stream().sorted(Server.RING_ORDER).toList(),
                            List.of()));
        }

        private List<Server> oldServers() {
            return servers.subList(0, OLD_SERVERS);
        }

        private RingPool now() {
            return topology.ringPool(Ensemble.POOL).orElseThrow();
        }

        private long nextEpoch() {
            return topology.epoch() + 1;
        }

        /** The change is in this state now; returns when the proxy has acknowledged it. */
        public void enter(RingChangeState state) throws Exception {
            write(state);
            awaitAcknowledged();
        }

        /** Does not wait for the proxy. */
        public void write(RingChangeState state) throws Exception {
            RingChange change = now().change();
            if (change == null) {
                RingChange begun = RingChange.begin(
                        CHANGE,
                        RingChange.Kind.CACHE,
                        servers,
                        nextEpoch(),
                        Instant.now(),
                        RingChange.WINDOW,
                        RingChange.CLOSING);
                change = new RingChange(
                        begun.id(),
                        begun.kind(),
                        begun.state(),
                        begun.next(),
                        false,
                        false,
                        begun.since(),
                        begun.entered(),
                        lease,
                        begun.window(),
                        begun.grace());
            }
            write(now().withChange(change.in(state, nextEpoch(), Instant.now())));
        }

        /** It is in WINDOW of the way back to the servers it had at first. */
        public void turn() throws Exception {
            RingChange change = now().underway().orElseThrow();
            write(pool(servers)
                    .withChange(change.backTo(oldServers(), RingChangeState.WINDOW, nextEpoch(), Instant.now())));
            awaitAcknowledged();
        }

        /** The change is done: the next servers are the servers. */
        public void end() throws Exception {
            writeEnd();
            awaitAcknowledged();
        }

        /** The same, without waiting for the proxy. */
        public void writeEnd() throws Exception {
            write(pool(now().underway().orElseThrow().next()));
        }

        /** Whether new requests follow what was written last, acknowledged or not. */
        public boolean servesNewest() {
            return proxy.proxy().membership().orElseThrow().epoch() == topology.epoch();
        }

        private void write(TopologyPool pool) throws Exception {
            topology = new Topology(nextEpoch(), 1, Map.of(Ensemble.POOL, pool));
            CuratorFramework client = ensemble.client();
            byte[] document = TopologyDocument.bytes(topology);
            try {
                client.setData().forPath(paths.topology(), document);
            } catch (KeeperException.NoNodeException e) {
                client.create().creatingParentsIfNeeded().forPath(paths.topology(), document);
            }
        }

        /** Whether it has told others that nothing of it is left that was begun under an older topology. */
        public boolean hasAcknowledged() throws Exception {
            String path = paths.heartbeat(id);
            byte[] data = ensemble.client().getData().forPath(path);
            return Heartbeat.parse(path, data).applied() == topology.epoch();
        }

        public void awaitAcknowledged() {
            await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(this::hasAcknowledged);
        }

        public double metric(String name) throws Exception {
            return AdminClient.metrics(proxy.adminPort()).value(name + "{pool=" + Ensemble.POOL + "}");
        }

        private void start() throws Exception {
            write(pool(oldServers()));
            proxy.start();
            awaitAcknowledged();
        }

        @Override
        public void close() {
            proxy.close();
        }
    }

    private final Ensemble ensemble;
    private final List<MemcachedServer> caches;
    private final Follower first;
    private final Follower second;
    private @Nullable Router before;
    private @Nullable Router after;

    public TurningRing(Ensemble ensemble, Path folder, String name) {
        this.ensemble = ensemble;
        this.caches = IntStream.rangeClosed(0, OLD_SERVERS)
                .mapToObj(i -> MemcachedServer.onFreePort())
                .toList();
        this.first = new Follower(name + "-first", folder);
        this.second = new Follower(name + "-second", folder);
    }

    public TurningRing start() throws Exception {
        caches.forEach(MemcachedServer::start);
        countOn(added());
        before = Router.of(first.pool(first.oldServers()).definition());
        after = Router.of(first.pool(first.servers).definition());
        first.start();
        second.start();
        return this;
    }

    /** What gets told of versions starts behind what the other servers will tell, as it is where they have run for long. */
    private static void countOn(MemcachedServer server) throws Exception {
        try (TextClient client = server.connect()) {
            client.send("set filler 0 0 1 noreply\r\nx\r\n".repeat(FILLERS));
            client.ask("delete filler");
        }
    }

    /** The proxy that hears of everything first. */
    public Follower first() {
        return first;
    }

    public Follower second() {
        return second;
    }

    public List<Follower> both() {
        return List.of(first, second);
    }

    /** All of them in this state, one after the other. */
    public void enter(RingChangeState... states) throws Exception {
        for (RingChangeState state : states) {
            first.enter(state);
            second.enter(state);
        }
    }

    /** The server that only the ring to be has. */
    public MemcachedServer added() {
        return caches.get(OLD_SERVERS);
    }

    public MemcachedServer cache(int server) {
        return caches.get(server);
    }

    /** The owner of a key before the change. */
    public int oldOwner(String key) {
        return owner(before, key);
    }

    private static int owner(@Nullable Router router, String key) {
        byte[] bytes = key.getBytes(StandardCharsets.ISO_8859_1);
        return Optional.ofNullable(router).orElseThrow().serverIndex(bytes, 0, bytes.length);
    }

    public boolean moves(String key) {
        return owner(before, key) != owner(after, key);
    }

    /** Keys with this prefix that change their server; each has been on {@code server} if that is not negative. */
    public List<String> movingKeys(String prefix, int count, int server) {
        return IntStream.range(0, Integer.MAX_VALUE)
                .mapToObj(i -> prefix + i)
                .filter(key -> moves(key) && (server < 0 || oldOwner(key) == server))
                .limit(count)
                .toList();
    }

    /** What a server itself says of a key. */
    public String on(MemcachedServer server, String key) throws Exception {
        try (TextClient client = server.connect()) {
            return client.ask("get " + key);
        }
    }

    @Override
    public void close() {
        first.close();
        second.close();
        caches.forEach(MemcachedServer::close);
    }
}
