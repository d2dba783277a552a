package io.sluice.proxy.topology;

import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.curator.framework.api.transaction.CuratorTransactionResult;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this proxy has in ZooKeeper: that it exists, its heartbeat, and a node that goes with its session. Used by one
 * thread; blocks, for as long as calls are tried.
 */
final class Registration {

    private static final Logger log = LoggerFactory.getLogger(Registration.class);

    /** How often a write is tried that somebody else comes before. */
    private static final int ATTEMPTS = 4;

    static final int ANOTHERS = -2;

    private final CuratorFramework curator;
    private final ZnodePaths paths;
    private final String proxyId;
    private ProxyRegistration self;
    private int version; // of the node

    Registration(CuratorFramework curator, ZnodePaths paths, String proxyId, ProxyRegistration self) {
        this.curator = curator;
        this.paths = paths;
        this.proxyId = proxyId;
        this.self = self;
    }

    String incarnation() {
        return self.incarnation();
    }

    /**
     * Writes both, as one change.
     *
     * @param first whether another process of this name is to be replaced
     * @return the version of the heartbeat's node, or {@link #ANOTHERS} if another process has the name
     */
    int write(Heartbeat heartbeat, boolean first) throws Exception {
        for (int attempt = 1; ; attempt++) {
            if (!first && belongsToAnother()) {
                return ANOTHERS;
            }
            try {
                return writeBoth(heartbeat);
            } catch (KeeperException.NoNodeException | KeeperException.NodeExistsException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                makeParents();
            }
        }
    }

    private int writeBoth(Heartbeat heartbeat) throws Exception {
        CuratorOp registration = put(paths.proxy(proxyId), self.bytes());
        CuratorOp beat = put(paths.heartbeat(proxyId), heartbeat.bytes());
        List<CuratorTransactionResult> results = curator.transaction().forOperations(registration, beat);
        version = versionOf(results.get(0));
        return versionOf(results.get(1));
    }

    private CuratorOp put(String path, byte[] bytes) throws Exception {
        return curator.checkExists().forPath(path) == null
                ? curator.transactionOp().create().forPath(path, bytes)
                : curator.transactionOp().setData().forPath(path, bytes);
    }

    private static int versionOf(CuratorTransactionResult result) {
        Stat stat = result.getResultStat();
        return stat == null ? 0 : stat.getVersion();
    }

    private void makeParents() throws Exception {
        try {
            curator.create().creatingParentsIfNeeded().forPath(paths.proxies());
        } catch (KeeperException.NodeExistsException e) {
            log.debug("There already: path={}", paths.proxies());
        }
    }

    /** Whether a process of the same name has come after this one. */
    boolean belongsToAnother() throws Exception {
        return incarnationThere().filter(other -> !other.equals(incarnation())).isPresent();
    }

    private Optional<String> incarnationThere() throws Exception {
        try {
            byte[] bytes = curator.getData().forPath(paths.proxy(proxyId));
            return Optional.of(
                    ProxyRegistration.parse(paths.proxy(proxyId), bytes).incarnation());
        } catch (KeeperException.NoNodeException e) {
            return Optional.empty();
        } catch (ConfigException e) {
            return Optional.of("unreadable");
        }
    }

    /** The version of the heartbeat's node as it is now, to go on from after a write of which nothing was heard. */
    int heartbeatVersion() throws Exception {
        Stat stat = curator.checkExists().forPath(paths.heartbeat(proxyId));
        if (stat == null) {
            throw new KeeperException.NoNodeException(paths.heartbeat(proxyId));
        }
        return stat.getVersion();
    }

    /** Says something else of the proxy than before. */
    void describe(ProxyRegistration next) throws Exception {
        self = next;
        version = curator.setData()
                .withVersion(version)
                .forPath(paths.proxy(proxyId), next.bytes())
                .getVersion();
    }

    /** Makes the node that lives as long as the session; for display, so that failure is nobody's trouble. */
    void showLife() {
        String path = paths.live(proxyId);
        try {
            if (curator.checkExists().forPath(path) != null) {
                curator.delete().forPath(path); // a former session's
            }
            curator.create().withMode(CreateMode.EPHEMERAL).forPath(path, new byte[0]);
        } catch (Exception e) {
            log.debug("Not shown as live: path={}", path, e);
        }
    }

    /** Takes it all away, unless another process has the name now. */
    void remove() throws Exception {
        List<CuratorOp> all = new ArrayList<>();
        all.add(curator.transactionOp().check().withVersion(version).forPath(paths.proxy(proxyId)));
        for (String path : List.of(paths.live(proxyId), paths.heartbeat(proxyId), paths.proxy(proxyId))) {
            if (curator.checkExists().forPath(path) != null) {
                all.add(curator.transactionOp().delete().forPath(path));
            }
        }
        try {
            curator.transaction().forOperations(all);
            log.info("Not registered any more: path={}", paths.proxy(proxyId));
        } catch (KeeperException.BadVersionException | KeeperException.NoNodeException e) {
            log.info("The registration is another process', it stays: path={}", paths.proxy(proxyId));
        }
    }
}
