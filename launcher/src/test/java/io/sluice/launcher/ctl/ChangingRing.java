package io.sluice.launcher.ctl;

import static org.awaitility.Awaitility.await;

import io.sluice.manager.ClusterManager;
import io.sluice.manager.change.ApplyDocument;
import io.sluice.manager.change.ClusterDesk;
import io.sluice.manager.config.ManagerConfig;
import io.sluice.proxy.Proxy;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.testing.FreePorts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;

/** A manager with its ZooKeeper, and two proxies in front of a ring of servers that the test has started. */
final class ChangingRing implements AutoCloseable {

    static final Duration LIMIT = Duration.ofSeconds(60);
    static final String POOL = "pages";
    private static final int PROXIES = 2;

    private final ClusterManager manager;
    private final Deque<AutoCloseable> running; // what was started last comes first
    private final List<Integer> ports;

    private ChangingRing(ClusterManager manager, Deque<AutoCloseable> running, List<Integer> ports) {
        this.manager = manager;
        this.running = running;
        this.ports = ports;
    }

    /** @param servers addresses; they are called n0, n1 and so on */
    static ChangingRing start(Path folder, String protocol, List<String> servers) throws Exception {
        Deque<AutoCloseable> running = new ArrayDeque<>();
        int zooKeeper = FreePorts.next();
        Path file = Files.writeString(
                folder.resolve("manager.yaml"), """
                listen: 127.0.0.1:%d
                data_dir: %s
                embedded_zookeeper:
                  listen: 127.0.0.1:%d
                """.formatted(FreePorts.next(), folder.resolve("data"), zooKeeper));
        ClusterManager manager = ClusterManager.start(ManagerConfig.read(file), List.of());
        running.push(manager);
        await().atMost(LIMIT).until(() -> manager.cluster().leadership().leads());
        new ClusterDesk(manager.cluster(), InstantSource.system())
                .apply(new ApplyDocument("test", topology(protocol, servers), false), "test", OptionalLong.empty());
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < PROXIES; i++) {
            ports.add(FreePorts.next());
            running.push(startProxy(folder, protocol, zooKeeper, i, ports.get(i)));
        }
        await("both proxies serve it")
                .atMost(LIMIT)
                .until(() -> manager.cluster().proxies().proxies().stream()
                                .filter(proxy -> proxy.appliedEpoch() > 0)
                                .count()
                        == PROXIES);
        return new ChangingRing(manager, running, ports);
    }

    private static Topology topology(String protocol, List<String> servers) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < servers.size(); i++) {
            lines.add("\"" + servers.get(i) + ":1 n" + i + "\"");
        }
        String document = """
                format: 1
                pools:
                  pages:
                    protocol: %s
                    servers: [%s]
                """.formatted(protocol, String.join(", ", lines));
        return TopologyDocument.parse("test", document.getBytes(StandardCharsets.UTF_8));
    }

    private static Proxy startProxy(Path folder, String protocol, int zooKeeper, int number, int port)
            throws Exception {
        Path file = Files.writeString(
                folder.resolve("proxy-" + number + ".yaml"), """
                workers: 1
                admin: none
                zookeeper:
                  connect: 127.0.0.1:%d
                  cluster: main
                  proxy_id: proxy-%d
                pools:
                  pages:
                    listen: 127.0.0.1:%d
                    protocol: %s
                    topology: zookeeper
                    timeout: 5s
                """.formatted(zooKeeper, number, port, protocol));
        return Proxy.start(ProxyConfig.read(file));
    }

    /** Of the proxies. */
    List<Integer> ports() {
        return ports;
    }

    CtlRun ctl(String line) {
        return CtlRun.of(CtlRun.NOBODY, ("--manager " + manager.url() + " " + line).split(" "));
    }

    RingPool ring() throws Exception {
        return manager.cluster().topologies().read().topology().ringPool(POOL).orElseThrow();
    }

    /** Names of the servers that it has. */
    List<String> servers() throws Exception {
        return ring().definition().servers().stream()
                .map(server -> server.name())
                .toList();
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
