package io.sluice.launcher.ctl;

import static org.awaitility.Awaitility.await;

import io.sluice.manager.ClusterManager;
import io.sluice.manager.change.ApplyDocument;
import io.sluice.manager.change.ClusterDesk;
import io.sluice.manager.config.ManagerConfig;
import io.sluice.manager.store.StoreException;
import io.sluice.proxy.Proxy;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.routing.cluster.Topology;
import io.sluice.testing.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;

/** A manager with its ZooKeeper, and proxies that serve a pool of its topology, all in this process. */
final class SmallCluster implements AutoCloseable {

    static final Duration LIMIT = Duration.ofSeconds(60);

    private final Deque<AutoCloseable> running = new ArrayDeque<>(); // what was started last comes first
    private final List<Integer> ports = new ArrayList<>();
    private final Path folder;
    private final int zooKeeper = FreePorts.next();
    private final ClusterManager manager;

    private SmallCluster(Path folder, String settings) throws Exception {
        this.folder = folder;
        this.manager = startManager(settings);
        running.push(manager);
    }

    /**
     * Returns once all proxies serve it.
     *
     * @param settings lines of the manager's file besides its addresses and its folder
     * @param pool lines of the pool in the files of the proxies besides its address; the first is its name
     */
    static SmallCluster start(Path folder, String settings, Topology topology, String pool, int proxies)
            throws Exception {
        SmallCluster cluster = new SmallCluster(folder, settings);
        cluster.apply(topology);
        for (int i = 0; i < proxies; i++) {
            cluster.startProxy(i, pool);
        }
        await("all proxies serve it")
                .atMost(LIMIT)
                .until(() -> cluster.manager.cluster().proxies().proxies().stream()
                                .filter(proxy -> proxy.appliedEpoch() > 0)
                                .count()
                        == proxies);
        return cluster;
    }

    private ClusterManager startManager(String settings) throws Exception {
        Path file = Files.writeString(folder.resolve("manager.yaml"), """
                listen: 127.0.0.1:%d
                data_dir: %s
                embedded_zookeeper:
                  listen: 127.0.0.1:%d
                %s""".formatted(
                        FreePorts.next(), folder.resolve("data"), zooKeeper, settings));
        return ClusterManager.start(ManagerConfig.read(file), List.of());
    }

    private void apply(Topology topology) throws Exception {
        await().atMost(LIMIT).until(() -> manager.cluster().leadership().leads());
        new ClusterDesk(manager.cluster(), InstantSource.system())
                .apply(new ApplyDocument("test", topology, false), "test", OptionalLong.empty());
    }

    private void startProxy(int number, String pool) throws Exception {
        int port = FreePorts.next();
        Path file = Files.writeString(
                folder.resolve("proxy-" + number + ".yaml"), """
                workers: 1
                admin: none
                zookeeper:
                  connect: 127.0.0.1:%d
                  cluster: main
                  proxy_id: proxy-%d
                pools:
                %s    listen: 127.0.0.1:%d
                    topology: zookeeper
                    timeout: 5s
                """.formatted(zooKeeper, number, pool.indent(2), port));
        ports.add(port);
        running.push(Proxy.start(ProxyConfig.read(file)));
    }

    /** Of the proxies. */
    List<Integer> ports() {
        return List.copyOf(ports);
    }

    CtlRun ctl(String line) {
        return CtlRun.of(CtlRun.NOBODY, ("--manager " + manager.url() + " " + line).split(" "));
    }

    Topology topology() throws StoreException {
        return manager.cluster().topologies().read().topology();
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
