package io.sluice.launcher.ctl;

import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A manager with its ZooKeeper, and two proxies in front of a ring of servers that the test has started. */
final class ChangingRing implements AutoCloseable {

    static final Duration LIMIT = SmallCluster.LIMIT;
    static final String POOL = "pages";
    private static final int PROXIES = 2;

    private final SmallCluster cluster;

    private ChangingRing(SmallCluster cluster) {
        this.cluster = cluster;
    }

    /** @param servers addresses; they are called n0, n1 and so on */
    static ChangingRing start(Path folder, String protocol, List<String> servers) throws Exception {
        String pool = POOL + ":\n  protocol: " + protocol;
        return new ChangingRing(SmallCluster.start(folder, "", topology(protocol, servers), pool, PROXIES));
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

    /** Of the proxies. */
    List<Integer> ports() {
        return cluster.ports();
    }

    CtlRun ctl(String line) {
        return cluster.ctl(line);
    }

    RingPool ring() throws Exception {
        return cluster.topology().ringPool(POOL).orElseThrow();
    }

    /** Names of the servers that it has. */
    List<String> servers() throws Exception {
        return ring().definition().servers().stream()
                .map(server -> server.name())
                .toList();
    }

    @Override
    public void close() {
        cluster.close();
    }
}
