package io.sluice.proxy.testing;

import io.sluice.proxy.config.Membership;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
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
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;
import org.apache.curator.test.TestingCluster;
import org.apache.curator.test.TestingZooKeeperServer;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;

/** A real ensemble of ZooKeeper servers in this JVM, and somebody who writes topologies of one cluster there. */
public final class Ensemble implements AutoCloseable {

    public static final String CLUSTER = "blue";
    public static final ZnodePaths PATHS = new ZnodePaths(CLUSTER);

    /** The name of the one pool of the topologies that are made here. */
    public static final String POOL = "alpha";

    private static final int SLOTS = SlotHash.REDIS_CLUSTER.slots();
    private static final Duration SESSION = Duration.ofSeconds(3);
    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Duration HEARTBEAT = Duration.ofMillis(200);

    private final TestingCluster servers;
    private @Nullable CuratorFramework writer;

    private Ensemble(TestingCluster servers) {
        this.servers = servers;
    }

    public static Ensemble of(int count) throws Exception {
        TestingCluster servers = new TestingCluster(count);
        servers.start();
        return new Ensemble(servers);
    }

    public String connect() {
        return servers.getConnectString();
    }

    /** Of a proxy of this name, which keeps its last good file in this folder. */
    public Membership membership(String proxyId, Path folder) {
        return new Membership(
                new ZooKeeperAccess(connect(), SESSION, CONNECT, null, null),
                CLUSTER,
                proxyId,
                folder.resolve(proxyId + ".topology.json"),
                HEARTBEAT,
                Duration.ZERO);
    }

    // ---- the servers

    public void stop(int server) throws Exception {
        server(server).stop();
    }

    public void restart(int server) throws Exception {
        server(server).restart();
    }

    public void stopAll() throws Exception {
        for (TestingZooKeeperServer server : servers.getServers()) {
            server.stop();
        }
    }

    /** All at once: none of them is ready before it sees another. */
    public void restartAll() throws Exception {
        List<Thread> starts = new ArrayList<>();
        for (TestingZooKeeperServer server : servers.getServers()) {
            Thread start = new Thread(() -> {
                try {
                    server.restart();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            start.start();
            starts.add(start);
        }
        for (Thread start : starts) {
            start.join();
        }
    }

    /** Ends somebody's session, as ZooKeeper does with one that is silent: whoever shares a session can close it. */
    public void expire(CuratorFramework victim) throws Exception {
        ZooKeeper session = victim.getZookeeperClient().getZooKeeper();
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper twin = new ZooKeeper(
                connect(),
                (int) SESSION.toMillis(),
                event -> connected.countDown(),
                session.getSessionId(),
                session.getSessionPasswd());
        if (!connected.await(SESSION.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("no connection for the session that is to expire");
        }
        twin.close();
    }

    private TestingZooKeeperServer server(int index) {
        return servers.getServers().get(index);
    }

    // ---- what is written there

    /** Connected with a session of its own. */
    public CuratorFramework client() {
        if (writer == null) {
            writer = CuratorFrameworkFactory.builder()
                    .connectString(connect())
                    .retryPolicy(new RetryNTimes(100, 100))
                    .dontUseContainerParents()
                    .build();
            writer.start();
        }
        return writer;
    }

    public void write(Topology topology) throws Exception {
        write(TopologyDocument.bytes(topology));
    }

    public void write(byte[] document) throws Exception {
        try {
            client().setData().forPath(PATHS.topology(), document);
        } catch (KeeperException.NoNodeException e) {
            client().create().creatingParentsIfNeeded().forPath(PATHS.topology(), document);
        }
    }

    public Heartbeat heartbeat(String proxyId) throws Exception {
        String path = PATHS.heartbeat(proxyId);
        return Heartbeat.parse(path, client().getData().forPath(path));
    }

    public Optional<ProxyRegistration> registration(String proxyId) throws Exception {
        try {
            String path = PATHS.proxy(proxyId);
            return Optional.of(ProxyRegistration.parse(path, client().getData().forPath(path)));
        } catch (KeeperException.NoNodeException e) {
            return Optional.empty();
        }
    }

    /** A topology whose one pool has a shard on each of these ports of this machine, all with as many slots. */
    public static Topology even(long epoch, int... ports) {
        List<SlotSet> shares = new ArrayList<>();
        for (int i = 0; i < ports.length; i++) {
            shares.add(SlotSet.range(i * SLOTS / ports.length, (i + 1) * SLOTS / ports.length - 1));
        }
        return topology(epoch, shares, ports);
    }

    /** A topology whose one pool has shards that own these slots, one for each port. */
    public static Topology topology(long epoch, List<SlotSet> slots, int... ports) {
        SlotPool pool = new SlotPool(POOL, PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, Map.of(), Map.of());
        for (int i = 0; i < ports.length; i++) {
            ServerAddress primary = ServerAddress.tcp("127.0.0.1", ports[i]);
            pool = pool.withShard(new Shard("shard" + i, primary, List.of(), slots.get(i)));
        }
        return new Topology(epoch, 1, Map.of(POOL, pool));
    }

    /** All slots with the shard of this index, none with the others. */
    public static Topology allWith(long epoch, int owner, int... ports) {
        List<SlotSet> slots = new ArrayList<>();
        for (int i = 0; i < ports.length; i++) {
            slots.add(i == owner ? SlotSet.range(0, SLOTS - 1) : SlotSet.EMPTY);
        }
        return topology(epoch, slots, ports);
    }

    @Override
    public void close() throws IOException {
        if (writer != null) {
            writer.close();
        }
        servers.close();
    }
}
