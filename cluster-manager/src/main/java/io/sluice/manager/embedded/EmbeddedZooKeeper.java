package io.sluice.manager.embedded;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.zookeeper.server.embedded.ExitHandler;
import org.apache.zookeeper.server.embedded.ZooKeeperServerEmbedded;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One server of ZooKeeper in this process. What it is told survives: every write is on the disk before its answer. */
public final class EmbeddedZooKeeper implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EmbeddedZooKeeper.class);

    /** ZooKeeper's own limit has failed to end a start before, so this is ours. */
    static final Duration START_LIMIT = Duration.ofSeconds(30);

    static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    /** Sessions last between 2 and 20 of them. */
    private static final int TICK_MILLIS = 1_000;

    /** From one address; the demo and small clusters have all their proxies on one machine. */
    private static final int MAX_CONNECTIONS = 1_000;

    private static final int SNAPSHOTS_KEPT = 3;
    private static final int PURGE_HOURS = 1;

    /** Room that is taken for a file of the log at once; ZooKeeper's 64 MB are much for a small cluster. */
    private static final int LOG_STEP_KB = 4_096;

    private final DataFolder folder;
    private final ZooKeeperServerEmbedded server;
    private final String connect;

    private EmbeddedZooKeeper(DataFolder folder, ZooKeeperServerEmbedded server, String connect) {
        this.folder = folder;
        this.server = server;
        this.connect = connect;
    }

    /**
     * Returns once it serves.
     *
     * @param folder where its data are; made if there is none
     * @param host the address at which it listens; whoever reaches it can change the cluster
     * @param port 0 for any that is free
     */
    public static EmbeddedZooKeeper start(Path folder, String host, int port) throws EmbeddedStartException {
        DataFolder data = DataFolder.open(folder);
        try {
            refuseTaken(host, port);
            ZooKeeperServerEmbedded server = within(START_LIMIT, "start", () -> started(data.path(), host, port));
            String connect = (isWildcard(host) ? "127.0.0.1" : bracketed(host)) + ":" + server.getClientPort();
            log.info("ZooKeeper runs in this process: listen={} folder={}", connect, data.path());
            return new EmbeddedZooKeeper(data, server, connect);
        } catch (EmbeddedStartException e) {
            close(data);
            throw e;
        }
    }

    private static ZooKeeperServerEmbedded started(Path folder, String host, int port) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("dataDir", folder.resolve("zookeeper").toString());
        properties.setProperty("clientPortAddress", host);
        properties.setProperty("clientPort", Integer.toString(port));
        properties.setProperty("tickTime", Integer.toString(TICK_MILLIS));
        properties.setProperty("maxClientCnxns", Integer.toString(MAX_CONNECTIONS));
        properties.setProperty("admin.enableServer", "false");
        properties.setProperty("preAllocSize", Integer.toString(LOG_STEP_KB));
        properties.setProperty("autopurge.snapRetainCount", Integer.toString(SNAPSHOTS_KEPT));
        properties.setProperty("autopurge.purgeInterval", Integer.toString(PURGE_HOURS));
        ZooKeeperServerEmbedded server = ZooKeeperServerEmbedded.builder()
                .baseDir(folder)
                .configuration(properties)
                .exitHandler(ExitHandler.LOG_ONLY)
                .build();
        server.start(START_LIMIT.toMillis());
        return server;
    }

    /** ZooKeeper itself says this only to its log. */
    private static void refuseTaken(String host, int port) throws EmbeddedStartException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw new EmbeddedStartException(
                    "the embedded ZooKeeper cannot listen at " + host + ":" + port + ": " + e.getMessage()
                            + "; choose another address (embedded_zookeeper.listen), or name the ZooKeeper that runs"
                            + " there in the section 'zookeeper'",
                    e);
        }
    }

    /** On a thread of its own, which is left behind if it hangs. */
    private static <T> T within(Duration limit, String what, Callable<T> step) throws EmbeddedStartException {
        FutureTask<T> task = new FutureTask<>(step);
        Thread thread = new Thread(task, "zookeeper-" + what);
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new EmbeddedStartException(
                    "the embedded ZooKeeper does not " + what + " within " + limit.toSeconds()
                            + " s; its log says more",
                    e);
        } catch (ExecutionException e) {
            throw new EmbeddedStartException(
                    "the embedded ZooKeeper does not " + what + ": " + e.getCause() + "; its log says more", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedStartException("interrupted while the embedded ZooKeeper was to " + what, e);
        }
    }

    private static boolean isWildcard(String host) {
        return host.equals("0.0.0.0") || host.equals("::");
    }

    private static String bracketed(String host) {
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }

    /** Where it is reached from this machine: {@code host:port}. */
    public String connect() {
        return connect;
    }

    public Path folder() {
        return folder.path();
    }

    @Override
    public void close() {
        try {
            within(STOP_LIMIT, "stop", () -> {
                server.close();
                return true;
            });
        } catch (EmbeddedStartException e) {
            log.warn("{}", e.getMessage());
        } finally {
            close(folder);
        }
    }

    private static void close(DataFolder folder) {
        try {
            folder.close();
        } catch (IOException e) {
            log.debug("The lock is left to the process' end", e);
        }
    }
}
