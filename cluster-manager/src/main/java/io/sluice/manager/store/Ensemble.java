package io.sluice.manager.store;

import io.sluice.manager.store.StoreException.Reason;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.ZooKeeperAccess;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.SessionConnectionStateErrorPolicy;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The servers of ZooKeeper, and how they are asked so that the answer can be relied on. May be used from any thread;
 * blocks, a call no longer than its patience and a time-out of the connection.
 *
 * <p>A server of ZooKeeper answers a read from what it has, which may be old; {@code sync} does not help, it is not
 * agreed upon by a quorum (ZOOKEEPER-1675). So a reading begins with a transaction that changes nothing: the quorum
 * agrees on it, and what the same handle reads next is not older.
 */
final class Ensemble implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Ensemble.class);

    /** How long a call goes on while there is no connection, unless somebody says otherwise. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Between two attempts. */
    private static final Duration PAUSE = Duration.ofMillis(100);

    /** Of a node whose version does not matter. */
    static final int ANY_VERSION = -1;

    private final CuratorFramework curator;
    private final ZnodePaths paths;
    private final List<ACL> acl;
    private final Duration patience;
    private volatile boolean laidOut;

    private Ensemble(CuratorFramework curator, ZnodePaths paths, List<ACL> acl, Duration patience) {
        this.curator = curator;
        this.paths = paths;
        this.acl = acl;
        this.patience = patience;
    }

    /** Begins to connect, and goes on with that for as long as it takes. */
    static Ensemble open(ZooKeeperAccess access, ZnodePaths paths, Duration patience) {
        List<ACL> acl = access.login() == null ? ZooDefs.Ids.OPEN_ACL_UNSAFE : ZooDefs.Ids.CREATOR_ALL_ACL;
        CuratorFramework curator = framework(access, acl);
        curator.getConnectionStateListenable().addListener((client, state) -> tell(state));
        curator.start();
        return new Ensemble(curator, paths, acl, patience);
    }

    private static CuratorFramework framework(ZooKeeperAccess access, List<ACL> acl) {
        ZKClientConfig client = new ZKClientConfig();
        access.clientProperties().forEach(client::setProperty);
        CuratorFrameworkFactory.Builder builder = CuratorFrameworkFactory.builder()
                .connectString(access.connect())
                .sessionTimeoutMs((int) access.sessionTimeout().toMillis())
                .connectionTimeoutMs((int) access.connectTimeout().toMillis())
                .retryPolicy(new RetryOneTime((int) PAUSE.toMillis()))
                .connectionStateErrorPolicy(new SessionConnectionStateErrorPolicy())
                .dontUseContainerParents()
                .ensembleTracker(false)
                .zkClientConfig(client)
                .aclProvider(new SameForAll(acl));
        if (access.login() != null) {
            builder.authorization("digest", access.login().digest().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        return builder.build();
    }

    private static void tell(ConnectionState state) {
        switch (state) {
            case CONNECTED, RECONNECTED -> log.info("Connected to ZooKeeper");
            case SUSPENDED -> log.warn("ZooKeeper does not answer; nothing can be changed until it does");
            case LOST -> log.warn("The session with ZooKeeper is lost; another one begins when it answers");
            case READ_ONLY -> log.warn("ZooKeeper has no quorum");
        }
    }

    private record SameForAll(List<ACL> acl) implements ACLProvider {
        @Override
        public List<ACL> getDefaultAcl() {
            return acl;
        }

        @Override
        public List<ACL> getAclForPath(String path) {
            return acl;
        }
    }

    CuratorFramework curator() {
        return curator;
    }

    ZnodePaths paths() {
        return paths;
    }

    /** For what is made by hand. */
    List<ACL> acl() {
        return acl;
    }

    /** Something that is asked of ZooKeeper, or written there. */
    interface Call<T> {
        T on(ZooKeeper zooKeeper) throws KeeperException, InterruptedException, StoreException;
    }

    /** What {@code reading} finds is as new as the moment at which this method was called, or newer. */
    <T> T read(Call<T> reading) throws StoreException {
        return call(zooKeeper -> {
            zooKeeper.multi(List.of(Op.check(paths.root(), ANY_VERSION)));
            return reading.on(zooKeeper);
        });
    }

    /**
     * Tried again while there is no connection, so it must not matter how often it is carried out; an attempt that
     * failed may have been. Everything else that ZooKeeper refuses is unexpected here: {@code call} handles what it
     * expects.
     */
    <T> T call(Call<T> call) throws StoreException {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                return call.on(handle());
            } catch (KeeperException e) {
                if (!isLost(e)) {
                    throw refused(e);
                }
                pauseUnlessAfter(end, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreException(Reason.UNAVAILABLE, "Interrupted while waiting for ZooKeeper", e);
            }
        }
    }

    /** Whether nobody knows what became of it, or will know once there is a connection again. */
    static boolean isLost(KeeperException e) {
        return switch (e.code()) {
            case CONNECTIONLOSS, SESSIONEXPIRED, SESSIONMOVED, OPERATIONTIMEOUT, REQUESTTIMEOUT -> true;
            default -> false;
        };
    }

    private static void pauseUnlessAfter(long end, KeeperException last) throws StoreException {
        if (System.nanoTime() - end >= 0 || Thread.currentThread().isInterrupted()) {
            throw new StoreException(Reason.UNAVAILABLE, "ZooKeeper does not answer (" + last.code() + ")", last);
        }
        LockSupport.parkNanos(PAUSE.toNanos());
    }

    private StoreException refused(KeeperException e) {
        return new StoreException(Reason.UNAVAILABLE, refusal(e, paths.root()), e);
    }

    /**
     * What ZooKeeper refused, for people. A transaction does not say where it failed.
     *
     * @param root below which everything lies
     */
    static String refusal(KeeperException e, String root) {
        String path = e.getPath();
        return switch (e.code()) {
            case NOAUTH, AUTHFAILED ->
                "ZooKeeper does not let this manager in " + (path == null ? "below " + root : "at " + path)
                        + ": is 'auth' that of the cluster?";
            case NONODE ->
                path == null
                        ? "ZooKeeper lacks a node below " + root + " that has to be there; was it deleted by hand?"
                        : "ZooKeeper has no " + path + "; was it deleted by hand?";
            default -> "ZooKeeper refuses: " + e.getMessage();
        };
    }

    /** The handle of this moment. It changes with the session; one handle keeps the order of what it is told. */
    private ZooKeeper handle() throws KeeperException, InterruptedException, StoreException {
        ZooKeeper zooKeeper;
        try {
            zooKeeper = curator.getZookeeperClient().getZooKeeper();
        } catch (KeeperException | InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new StoreException(Reason.UNAVAILABLE, "ZooKeeper cannot be reached: " + e.getMessage(), e);
        }
        if (!laidOut) {
            layOut(zooKeeper);
            laidOut = true;
        }
        return zooKeeper;
    }

    /** The nodes in which everything else lies. */
    private void layOut(ZooKeeper zooKeeper) throws KeeperException, InterruptedException, StoreException {
        String root = paths.root();
        make(zooKeeper, root.substring(0, root.lastIndexOf('/')));
        make(zooKeeper, root);
        make(zooKeeper, paths.managers().substring(0, paths.managers().lastIndexOf('/')));
        make(zooKeeper, paths.proxies());
        make(zooKeeper, paths.handoffs());
        make(zooKeeper, paths.history());
    }

    private void make(ZooKeeper zooKeeper, String path) throws KeeperException, InterruptedException, StoreException {
        try {
            zooKeeper.create(path, new byte[0], acl, CreateMode.PERSISTENT);
        } catch (KeeperException.NodeExistsException e) {
            log.trace("Is there already: path={}", path);
        } catch (KeeperException.NoNodeException e) {
            throw new StoreException(
                    Reason.UNAVAILABLE, "ZooKeeper has no such path as stands behind its servers in 'connect'", e);
        }
    }

    boolean awaitConnection(Duration limit) throws InterruptedException {
        return curator.blockUntilConnected((int) limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        curator.close();
    }
}
