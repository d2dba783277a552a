package io.sluice.manager;

import io.sluice.manager.api.ApiServer;
import io.sluice.manager.api.ApiTokens;
import io.sluice.manager.balance.Rebalancing;
import io.sluice.manager.balance.ServerLoads;
import io.sluice.manager.change.ClusterDesk;
import io.sluice.manager.config.ManagerConfig;
import io.sluice.manager.embedded.EmbeddedStartException;
import io.sluice.manager.embedded.EmbeddedZooKeeper;
import io.sluice.manager.failover.ShardStatus;
import io.sluice.manager.migration.EngineMovers;
import io.sluice.manager.migration.Migrations;
import io.sluice.manager.migration.Movers;
import io.sluice.manager.migration.WaitingMoves;
import io.sluice.manager.migration.Watchdog;
import io.sluice.manager.migration.ring.RingChanges;
import io.sluice.manager.migration.ring.RingRules;
import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.LeaderTask;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.ZooKeeperCluster;
import io.sluice.routing.config.ZooKeeperAccess;
import io.sluice.routing.topology.ServerAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One manager of a cluster, put together.
 *
 * <pre>
 *   start:  embedded ZooKeeper ─▶ connection ─▶ API ─▶ stands for election ─▶ (leads) ─▶ tasks begin
 *   close:  tasks end ◀─ leads no more ◀─ ... and the same backwards
 * </pre>
 */
public final class ClusterManager implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ClusterManager.class);

    /** How long a start waits for ZooKeeper before it says that it goes on waiting. */
    private static final Duration FIRST_CONNECTION = Duration.ofSeconds(10);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>(); // the last that was started is the first
    private final List<LeaderTask> begun = new ArrayList<>(); // by the thread of leadership only
    private final ManagerName name;
    private @Nullable EmbeddedZooKeeper embedded;
    private @Nullable ZooKeeperCluster zooKeeper;

    private ClusterManager(ManagerName name) {
        this.name = name;
    }

    /** Returns once it takes part; whether it leads, time will tell. */
    public static ClusterManager start(ManagerConfig config, List<LeaderTask> tasks)
            throws ManagerStartException, InterruptedException {
        return start(config, tasks, UnaryOperator.identity());
    }

    /**
     * The same, with something around what brings keys from one server to another: whoever wants to see, or to hold up, its
     * steps.
     */
    public static ClusterManager start(ManagerConfig config, List<LeaderTask> tasks, UnaryOperator<Movers> around)
            throws ManagerStartException, InterruptedException {
        ClusterManager manager = new ClusterManager(ManagerName.of(config));
        try {
            manager.startAll(config, List.copyOf(tasks), around);
            return manager;
        } catch (ManagerStartException | InterruptedException | RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    private void startAll(ManagerConfig config, List<LeaderTask> tasks, UnaryOperator<Movers> around)
            throws ManagerStartException, InterruptedException {
        ZooKeeperAccess access = config.zooKeeper() == null ? startEmbedded(config) : config.zooKeeper();
        ZooKeeperCluster opened = ZooKeeperCluster.open(access, config.cluster(), name.id(), name.url());
        parts.push(opened);
        zooKeeper = opened;
        if (!opened.awaitConnection(FIRST_CONNECTION)) {
            log.warn("ZooKeeper does not answer; waiting for it: connect={}", access.connect());
        } else {
            tellIfUseless(opened.cluster());
        }
        Migrations migrations = migrations(config, opened, around);
        RingChanges rings = rings(config);
        startApi(config, opened.cluster(), tasks, migrations, rings);
        parts.push(Watchdog.start(opened.cluster().topologies()));
        List<LeaderTask> all = new ArrayList<>(tasks);
        all.add(migrations);
        all.add(rings);
        all.add(new WaitingMoves(InstantSource.system()));
        opened.stand(cluster -> begin(all, cluster), this::end);
    }

    private static Migrations migrations(ManagerConfig config, ZooKeeperCluster opened, UnaryOperator<Movers> around) {
        Path spool = spoolFolder(config);
        EngineMovers movers = new EngineMovers(
                opened.connections(),
                opened.cluster().topologies(),
                config.failover().logins(),
                config.migration(),
                spool);
        return new Migrations(around.apply(movers), config.migration().rules());
    }

    private static RingChanges rings(ManagerConfig config) {
        return new RingChanges(
                RingRules.DEFAULT,
                config.failover().logins(),
                config.migration().limits().keysPerSecond());
    }

    /** Made only when something is moved. */
    private static Path spoolFolder(ManagerConfig config) {
        Path chosen = config.migration().spoolDir();
        if (chosen != null) {
            return chosen;
        }
        Path data = config.dataDir();
        Path parent = data == null ? Path.of(System.getProperty("java.io.tmpdir", ".")) : data;
        return parent.resolve("spool-" + config.cluster());
    }

    /** A wrong login, or a document that cannot be read, would be told to those who ask, and to nobody else. */
    private static void tellIfUseless(Cluster cluster) {
        try {
            cluster.topologies().read();
        } catch (StoreException e) {
            log.error("Cannot lead, and cannot answer, until this is mended: {}", e.getMessage());
        }
    }

    private void startApi(
            ManagerConfig config, Cluster cluster, List<LeaderTask> tasks, Migrations migrations, RingChanges rings)
            throws ManagerStartException {
        ServerAddress listen = config.listen();
        try {
            parts.push(new ApiServer(
                    cluster,
                    new ClusterDesk(cluster, InstantSource.system(), migrations::keptBecause),
                    migrations::statuses,
                    rings::statuses,
                    new InetSocketAddress(listen.hostOrPath(), listen.port()),
                    ApiTokens.of(config.token()),
                    name.id(),
                    InstantSource.system(),
                    () -> primaries(tasks),
                    new Rebalancing(
                            new ServerLoads(config.failover().logins()),
                            config.migration().limits())));
        } catch (IOException | IllegalArgumentException e) {
            String reason = e instanceof UnresolvedAddressException ? "no such host" : e.getMessage();
            throw new ManagerStartException("the API cannot listen at " + listen + ": " + reason, e);
        }
    }

    private static List<ShardStatus> primaries(List<LeaderTask> tasks) {
        return tasks.stream()
                .filter(FailoverTask.class::isInstance)
                .flatMap(task -> ((FailoverTask) task).statuses().stream())
                .toList();
    }

    private ZooKeeperAccess startEmbedded(ManagerConfig config) throws ManagerStartException {
        if (config.dataDir() == null) {
            throw new ManagerStartException("no folder for the data of the embedded ZooKeeper; expected 'data_dir'");
        }
        try {
            EmbeddedZooKeeper started = EmbeddedZooKeeper.start(
                    config.dataDir(),
                    config.embedded().host(),
                    config.embedded().port());
            parts.push(started);
            embedded = started;
            return ZooKeeperAccess.to(started.connect()).as(config.embedded().login());
        } catch (EmbeddedStartException e) {
            throw new ManagerStartException(String.valueOf(e.getMessage()), e);
        }
    }

    // ---- by the thread of leadership

    private void begin(List<LeaderTask> tasks, Cluster cluster) {
        for (LeaderTask task : tasks) {
            try {
                begun.add(task);
                task.begin(cluster);
            } catch (RuntimeException e) {
                log.error("Does not begin: task={}", task.name(), e);
            }
        }
    }

    /** The last first. */
    private void end() {
        for (int i = begun.size() - 1; i >= 0; i--) {
            try {
                begun.get(i).end();
            } catch (RuntimeException e) {
                log.error("Does not end as it should: task={}", begun.get(i).name(), e);
            }
        }
        begun.clear();
    }

    // ---- for whoever has it

    public String id() {
        return name.id();
    }

    /** Of the API, as others are told. */
    public String url() {
        return name.url();
    }

    public Cluster cluster() {
        ZooKeeperCluster opened = zooKeeper;
        if (opened == null) {
            throw new IllegalStateException("It has not started");
        }
        return opened.cluster();
    }

    /** Where ZooKeeper is if it runs in this process; else null. */
    public @Nullable String embeddedConnect() {
        return embedded == null ? null : embedded.connect();
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception e) {
                log.error("Does not stop as it should: part={}", part.getClass().getSimpleName(), e);
            }
        }
        log.info("Stopped: manager={}", name.id());
    }
}
