package io.sluice.proxy.topology;

import io.sluice.routing.config.ZooKeeperAccess;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one connection of a process to ZooKeeper. Comes back by itself for as long as it is open, with a new session if the
 * former one has expired. Thread-safe.
 */
public final class ZooKeeperSession implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ZooKeeperSession.class);

    /** How often one call is tried; who calls comes again by itself. */
    private static final int RETRIES = 2;

    private static final int RETRY_AFTER_MILLIS = 100;

    /** How long closing waits for ZooKeeper to hear of it. */
    private static final int CLOSE_MILLIS = 1_000;

    /** What is known of the connection. */
    public enum State {
        /** There was none so far. */
        CONNECTING,
        CONNECTED,
        /** It broke; the session may go on. */
        SUSPENDED,
        /** The session has expired, or it must be assumed. */
        LOST
    }

    /** What is known of the connection, and since when. */
    public record Condition(State state, Instant since) {}

    private final CuratorFramework curator;
    private final String connect;
    private final List<Runnable> whenConnected = new CopyOnWriteArrayList<>();
    private volatile Condition condition = new Condition(State.CONNECTING, Instant.now());

    private ZooKeeperSession(CuratorFramework curator, String connect) {
        this.curator = curator;
        this.connect = connect;
    }

    /** Begins to connect; waits for nothing. */
    public static ZooKeeperSession open(ZooKeeperAccess access) {
        CuratorFramework curator = framework(access);
        ZooKeeperSession session = new ZooKeeperSession(curator, access.connect());
        curator.getConnectionStateListenable().addListener((client, state) -> session.onChange(state));
        curator.start();
        return session;
    }

    private static CuratorFramework framework(ZooKeeperAccess access) {
        ZKClientConfig client = new ZKClientConfig();
        client.setProperty(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, "false");
        access.clientProperties().forEach(client::setProperty);
        CuratorFrameworkFactory.Builder builder = CuratorFrameworkFactory.builder()
                .connectString(access.connect())
                .sessionTimeoutMs((int) access.sessionTimeout().toMillis())
                .connectionTimeoutMs((int) access.connectTimeout().toMillis())
                .maxCloseWaitMs(CLOSE_MILLIS)
                .waitForShutdownTimeoutMs(CLOSE_MILLIS)
                .retryPolicy(new ExponentialBackoffRetry(RETRY_AFTER_MILLIS, RETRIES))
                .ensembleTracker(false) // servers may know each other by addresses that we cannot reach
                .dontUseContainerParents() // ZooKeeper would remove them
                .zkClientConfig(client);
        if (access.login() != null) {
            builder.authorization("digest", access.login().digest().getBytes(StandardCharsets.UTF_8))
                    .aclProvider(new OwnNodes());
        }
        return builder.build();
    }

    /** Who knows the password may do everything, nobody else anything. */
    private static final class OwnNodes implements ACLProvider {
        @Override
        public List<ACL> getDefaultAcl() {
            return ZooDefs.Ids.CREATOR_ALL_ACL;
        }

        @Override
        public List<ACL> getAclForPath(String path) {
            return getDefaultAcl();
        }
    }

    private void onChange(ConnectionState now) {
        State before = condition.state();
        State next = switch (now) {
            case CONNECTED, RECONNECTED, READ_ONLY -> State.CONNECTED;
            case SUSPENDED -> State.SUSPENDED;
            case LOST -> State.LOST;
        };
        if (next == before) {
            return;
        }
        condition = new Condition(next, Instant.now());
        switch (next) {
            case CONNECTED -> {
                log.info("ZooKeeper is there: connect={}", connect);
                whenConnected.forEach(Runnable::run);
            }
            case SUSPENDED -> log.warn("ZooKeeper is away, serving goes on without it: connect={}", connect);
            case LOST ->
                log.warn("The session with ZooKeeper is lost, serving goes on without it: connect={}", connect);
            case CONNECTING -> throw new IllegalStateException("nothing goes back to " + next);
        }
    }

    /** Runs this whenever a connection has come about; the session may be another one than before. Must not block. */
    public void onConnected(Runnable task) {
        whenConnected.add(task);
    }

    public Condition condition() {
        return condition;
    }

    public boolean isConnected() {
        return condition.state() == State.CONNECTED;
    }

    /** Waits for a connection; returns whether there is one. Blocks for {@code limit} at most. */
    public boolean awaitConnected(Duration limit) throws InterruptedException {
        return curator.blockUntilConnected((int) limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** For everything that may take its time, and may be tried again. */
    public CuratorFramework curator() {
        return curator;
    }

    /** The session itself, for calls that must be made in one and the same; may block a short while when there is none. */
    ZooKeeper handle() throws Exception {
        return curator.getZookeeperClient().getZooKeeper();
    }

    @Override
    public void close() {
        curator.close();
    }
}
