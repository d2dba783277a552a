package io.sluice.manager.migration;

import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.cluster.ZnodePaths;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.apache.curator.framework.CuratorFramework;

/** What a proxy tells ZooKeeper, without its clients: registers, then heartbeats with the epoch that it has read. */
final class FollowingProxy implements AutoCloseable {

    private static final Duration INTERVAL = Duration.ofMillis(100);

    private final CuratorFramework zooKeeper;
    private final ZnodePaths paths;
    private final String id;
    private final String incarnation = UUID.randomUUID().toString();
    private final Thread thread = new Thread(this::run, "following-proxy");
    private long applied;

    private FollowingProxy(CuratorFramework zooKeeper, ZnodePaths paths, String id) {
        this.zooKeeper = zooKeeper;
        this.paths = paths;
        this.id = id;
    }

    static FollowingProxy start(CuratorFramework zooKeeper, ZnodePaths paths, String id) throws Exception {
        FollowingProxy proxy = new FollowingProxy(zooKeeper, paths, id);
        zooKeeper
                .create()
                .forPath(
                        paths.proxy(id),
                        new ProxyRegistration(proxy.incarnation, "1", "", Instant.now(), Map.of()).bytes());
        zooKeeper.create().forPath(paths.heartbeat(id), proxy.beat(0));
        proxy.thread.start();
        return proxy;
    }

    private byte[] beat(long sequence) {
        return new Heartbeat(incarnation, sequence, applied, 0, "").bytes();
    }

    private void run() {
        try {
            for (long sequence = 1; ; sequence++) {
                zooKeeper.setData().forPath(paths.heartbeat(id), beat(sequence));
                long read = TopologyDocument.parse(
                                "topology", zooKeeper.getData().forPath(paths.topology()))
                        .epoch();
                if (read == applied) {
                    Thread.sleep(INTERVAL.toMillis());
                }
                applied = read;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("Does not follow", e);
        }
    }

    /** Says nothing any more, and stays registered. */
    void fallSilent() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        fallSilent();
    }
}
