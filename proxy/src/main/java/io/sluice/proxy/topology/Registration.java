package io.sluice.proxy.topology;

import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.curator.framework.api.transaction.CuratorTransactionResult;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process has in ZooKeeper: that it exists, its heartbeat, and a node that goes with its session. Used by one
 * thread; blocks, for as long as calls are tried.
 */
final class Registration {

    private static final Logger log = LoggerFactory.getLogger(Registration.class);

    /** How often a write is tried that somebody else comes before. */
    private static final int ATTEMPTS = 4;

    static final int ANOTHERS = -2;

    /** What becomes of another process that has the name. */
    enum Claim {
        /** It keeps the name. */
        IF_FREE,
        /** It is replaced; if it may still run, the cluster goes on waiting for it. */
        IN_PLACE,
        /** The same, but if it lives in the same home, its end is seen to by others. */
        AFTER
    }

    /** The node as it was found; null as registration if it is not there. */
    private record Found(@Nullable ProxyRegistration registration, int version) {}

    private final CuratorFramework curator;
    private final ZnodePaths paths;
    private final String proxyId;
    private final FormerProcesses former;
    private final Home home;
    private ProxyRegistration self;
    private volatile String name; // the proxy's, or that of a former process of it
    private int version; // of the node

    Registration(
            CuratorFramework curator,
            ZnodePaths paths,
            String proxyId,
            FormerProcesses former,
            Home home,
            ProxyRegistration self) {
        this.curator = curator;
        this.paths = paths;
        this.proxyId = proxyId;
        this.former = former;
        this.home = home;
        this.self = self;
        this.name = proxyId;
    }

    /** Under which it is, or will be, registered. From any thread. */
    String name() {
        return name;
    }

    String path() {
        return paths.proxy(name);
    }

    String heartbeatPath() {
        return paths.heartbeat(name);
    }

    String incarnation() {
        return self.incarnation();
    }

    /** From now on as one that had the name before. */
    void stepAside() {
        name = FormerProcesses.nameOf(proxyId, self.incarnation());
    }

    /** From now on under the proxy's own name. */
    void stepBack() {
        name = proxyId;
    }

    /** Takes away what there is of this process as one that had the name before. */
    void forgetAside() throws Exception {
        former.remove(FormerProcesses.nameOf(proxyId, self.incarnation()));
    }

    /**
     * Writes both, as one change.
     *
     * @return the version of the heartbeat's node, or {@link #ANOTHERS} if another process has the name, and keeps it
     */
    int write(Heartbeat heartbeat, Claim claim) throws Exception {
        for (int attempt = 1; ; attempt++) {
            Found found = find();
            if (claim == Claim.IF_FREE && another(found).isPresent()) {
                return ANOTHERS;
            }
            try {
                int written = writeBoth(heartbeat, found, claim);
                former.forget(home, self);
                return written;
            } catch (KeeperException.NoNodeException
                    | KeeperException.NodeExistsException
                    | KeeperException.BadVersionException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                makeParents();
            }
        }
    }

    private Found find() throws Exception {
        Stat stat = new Stat();
        try {
            byte[] bytes = curator.getData().storingStatIn(stat).forPath(path());
            return new Found(ProxyRegistration.parse(path(), bytes), stat.getVersion());
        } catch (KeeperException.NoNodeException e) {
            return new Found(null, 0);
        } catch (ConfigException e) {
            return new Found(FormerProcesses.unreadable(), stat.getVersion());
        }
    }

    private Optional<ProxyRegistration> another(Found found) {
        return Optional.ofNullable(found.registration())
                .filter(there -> !there.incarnation().equals(incarnation()));
    }

    private int writeBoth(Heartbeat heartbeat, Found found, Claim claim) throws Exception {
        List<CuratorOp> operations = new ArrayList<>();
        byte[] bytes = here().bytes();
        operations.add(
                found.registration() == null
                        ? curator.transactionOp().create().forPath(path(), bytes)
                        : curator.transactionOp()
                                .setData()
                                .withVersion(found.version())
                                .forPath(path(), bytes));
        operations.add(put(heartbeatPath(), heartbeat.bytes()));
        Optional<ProxyRegistration> another = another(found).filter(there -> mayRun(there, claim));
        if (another.isPresent()) {
            operations.addAll(former.setAside(another.get()));
        }
        List<CuratorTransactionResult> results = curator.transaction().forOperations(operations);
        version = versionOf(results.get(0));
        return versionOf(results.get(1));
    }

    /** A process may be cut off from ZooKeeper, and still have clients and servers. */
    private boolean mayRun(ProxyRegistration other, Claim claim) {
        boolean ended = home.isHeld() && other.holds(home.id());
        boolean seenTo = claim == Claim.AFTER && other.livesIn(home.id());
        return !ended && !seenTo;
    }

    private ProxyRegistration here() {
        return self.in(home.id(), home.isHeld());
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
        return another(find()).isPresent();
    }

    /** Whether no process has the proxy's name. */
    boolean isNobodys() throws Exception {
        return curator.checkExists().forPath(paths.proxy(proxyId)) == null;
    }

    /**
     * The version of the heartbeat's node as it is now, to go on from after a write of which nothing was heard; empty if
     * there is none any more.
     */
    OptionalInt heartbeatVersion() throws Exception {
        Stat stat = curator.checkExists().forPath(heartbeatPath());
        return stat == null ? OptionalInt.empty() : OptionalInt.of(stat.getVersion());
    }

    /**
     * Says something else of the proxy than before, from now on.
     *
     * @return false if the node is not as it was left: then nothing is written, and it is to be written anew
     */
    boolean describe(ProxyRegistration next) throws Exception {
        self = next;
        try {
            version = curator.setData()
                    .withVersion(version)
                    .forPath(path(), here().bytes())
                    .getVersion();
            former.forget(home, self);
            return true;
        } catch (KeeperException.BadVersionException | KeeperException.NoNodeException e) {
            log.debug("Not as it was left: path={}", path(), e);
            return false;
        }
    }

    /** The same as before, in a home that is held now. */
    boolean describeHome() throws Exception {
        return describe(self);
    }

    /** Makes the node that lives as long as the session; for display, so that failure is nobody's trouble. */
    void showLife() {
        String path = paths.live(name);
        try {
            if (curator.checkExists().forPath(path) != null) {
                curator.delete().forPath(path); // a former session's
            }
            curator.create().withMode(CreateMode.EPHEMERAL).forPath(path, new byte[0]);
        } catch (Exception e) {
            log.debug("Not shown as live: path={}", path, e);
        }
    }

    /** Takes it all away, unless another process has the name now; false then. */
    boolean remove() throws Exception {
        List<CuratorOp> all = new ArrayList<>();
        all.add(curator.transactionOp().check().withVersion(version).forPath(path()));
        for (String path : List.of(paths.live(name), heartbeatPath(), path())) {
            if (curator.checkExists().forPath(path) != null) {
                all.add(curator.transactionOp().delete().forPath(path));
            }
        }
        try {
            curator.transaction().forOperations(all);
            log.info("Not registered any more: path={}", path());
            return true;
        } catch (KeeperException.BadVersionException | KeeperException.NoNodeException e) {
            log.info("The registration is another process', it stays: path={}", path());
            return false;
        }
    }
}
