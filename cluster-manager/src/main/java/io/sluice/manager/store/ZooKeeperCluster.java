package io.sluice.manager.store;

import com.google.gson.JsonObject;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.ZooKeeperAccess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.zookeeper.CreateMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A {@link Cluster} that lies in ZooKeeper, and this manager's place among those that would lead it. */
public final class ZooKeeperCluster implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ZooKeeperCluster.class);

    private final Ensemble ensemble;
    private final Candidacy candidacy;
    private final Cluster cluster;
    private final PersistentNode member;

    private ZooKeeperCluster(Ensemble ensemble, Candidacy candidacy, Cluster cluster, PersistentNode member) {
        this.ensemble = ensemble;
        this.candidacy = candidacy;
        this.cluster = cluster;
        this.member = member;
    }

    /**
     * Begins to connect, which ZooKeeper may take its time for; does not stand for election yet.
     *
     * @param manager the name of this one, unlike those of all others of the cluster
     * @param url of its API
     */
    public static ZooKeeperCluster open(ZooKeeperAccess access, String clusterName, String manager, String url) {
        return open(access, clusterName, manager, url, Ensemble.PATIENCE);
    }

    /** The same, with another patience of calls that meet no ZooKeeper. */
    public static ZooKeeperCluster open(
            ZooKeeperAccess access, String clusterName, String manager, String url, Duration patience) {
        Ensemble ensemble = Ensemble.open(access, new ZnodePaths(clusterName), patience);
        Candidacy candidacy = new Candidacy(ensemble, manager, url);
        ZooKeeperHistory history = new ZooKeeperHistory(ensemble, ZooKeeperHistory.MAX_ENTRIES);
        Cluster cluster = new Cluster(
                clusterName,
                new ZooKeeperTopologyStore(ensemble, candidacy, history),
                new ZooKeeperRoster(ensemble, candidacy),
                new ZooKeeperOrderBook(ensemble, candidacy),
                new ZooKeeperLookout(ensemble),
                new ZooKeeperConnectionBook(ensemble, candidacy),
                history,
                candidacy);
        PersistentNode member = new PersistentNode(
                ensemble.curator(),
                CreateMode.EPHEMERAL,
                false,
                ensemble.paths().managers() + "/" + manager,
                memberDocument(url));
        return new ZooKeeperCluster(ensemble, candidacy, cluster, member);
    }

    private static byte[] memberDocument(String url) {
        JsonObject document = new JsonObject();
        document.addProperty("url", url);
        return document.toString().getBytes(StandardCharsets.UTF_8);
    }

    public Cluster cluster() {
        return cluster;
    }

    /** Where movers write their connections down. */
    public ConnectionBook connections() {
        return cluster.connections();
    }

    CuratorFramework curator() {
        return ensemble.curator();
    }

    /** Whether ZooKeeper answers within {@code limit}. */
    public boolean awaitConnection(Duration limit) throws InterruptedException {
        return ensemble.awaitConnection(limit);
    }

    /** Stands for election. One thread calls both in turns: when this manager begins to lead, and when it ended. */
    public void stand(Consumer<Cluster> begin, Runnable end) {
        member.start();
        candidacy.start(() -> begin.accept(cluster), end);
    }

    /** Leads no more, so that another manager does at once, and closes the connection. */
    @Override
    public void close() {
        candidacy.close();
        try {
            member.close();
        } catch (IOException e) {
            log.debug("The member's node is left to the session's end", e);
        }
        ensemble.close();
    }
}
