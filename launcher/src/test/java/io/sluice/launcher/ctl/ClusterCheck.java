package io.sluice.launcher.ctl;

import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.testing.EvenShards;
import io.sluice.testing.RespClient;
import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.KeeperException;

/** What must hold of a cluster in which nothing is on its way any more, whatever happened before. */
final class ClusterCheck {

    private static final ZnodePaths PATHS = new ZnodePaths(FaultyCluster.CLUSTER);

    private ClusterCheck() {}

    /** Everything that does not hold; empty if all is well. */
    static List<String> problems(FaultyCluster cluster) throws Exception {
        List<String> problems = new ArrayList<>();
        EvenShards.keysInTheWrongPlace(cluster.pool(), cluster.servers())
                .forEach(key -> problems.add("in the wrong place: " + key));
        for (int server = 0; server < cluster.servers().size(); server++) {
            livingMovers(cluster, server, problems);
        }
        epochsThatFall(cluster, problems);
        return problems;
    }

    /** Connections that were announced for a handoff, and are still there. */
    private static void livingMovers(FaultyCluster cluster, int server, List<String> problems) throws Exception {
        try (RespClient client = cluster.server(server).connect()) {
            String info = String.valueOf(client.call("INFO", "server"));
            String clients = String.valueOf(client.call("CLIENT", "LIST"));
            for (String page : announced(cluster)) {
                String run = page.substring(0, page.lastIndexOf('-'));
                String id = page.substring(page.lastIndexOf('-') + 1);
                if (info.contains("run_id:" + run)
                        && clients.lines().anyMatch(line -> line.startsWith("id=" + id + " "))) {
                    problems.add("a mover's connection lives: " + page);
                }
            }
        }
    }

    /** As RUN-CLIENT, by the run of a server and the client's id there. */
    static List<String> announced(FaultyCluster cluster) throws Exception {
        List<String> pages = new ArrayList<>();
        for (String handoff : children(cluster, PATHS.handoffs())) {
            pages.addAll(children(cluster, PATHS.connections(handoff)));
        }
        return pages;
    }

    private static List<String> children(FaultyCluster cluster, String path) throws Exception {
        try {
            return cluster.client().getChildren().forPath(path);
        } catch (KeeperException.NoNodeException e) {
            return List.of();
        }
    }

    private static void epochsThatFall(FaultyCluster cluster, List<String> problems) {
        for (ProxyProcess proxy : cluster.proxies()) {
            for (List<Long> epochs : proxy.epochs()) {
                for (int i = 1; i < epochs.size(); i++) {
                    if (epochs.get(i) <= epochs.get(i - 1)) {
                        problems.add(proxy.id() + " served by epoch " + epochs.get(i) + " after " + epochs.get(i - 1));
                    }
                }
            }
        }
    }
}
