package io.sluice.launcher.ctl;

import io.sluice.launcher.ProxyJvm;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.testing.RespClient;
import io.sluice.testing.ToxicRelay;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.curator.test.TestingZooKeeperServer;
import org.apache.zookeeper.KeeperException;

/** One fault after the other in a cluster, each mended before the next. The same seed, the same faults in the same order. */
final class RandomFaults {

    private static final Pattern LEADER = Pattern.compile("manager-(\\d+)");
    private static final ZnodePaths PATHS = new ZnodePaths(FaultyCluster.CLUSTER);
    private static final Duration UNTIL_FREEZE = Duration.ofSeconds(3);
    private static final long POLL_NANOS = 1_000_000;

    /** What can happen. */
    enum Fault {
        PROXY_KILLED,
        PROXY_KILLED_IN_FREEZE,
        PROXY_STOPPED,
        PROXY_STOPPED_IN_FREEZE,
        PROXY_STOPPED_LONG,
        PROXY_CUT_OFF_FROM_ZOOKEEPER,
        PROXY_SESSION_EXPIRED,
        PROXY_CUT_OFF_FROM_SERVER,
        PROXY_REFUSED_BY_SERVER,
        MANAGER_KILLED,
        MANAGER_KILLED_IN_FREEZE,
        MANAGER_STOPPED,
        MANAGER_ENDED,
        ZOOKEEPER_KILLED,
        MOVER_KILLED,
        SERVER_KILLED,
        SERVER_STOPPED,
        SERVER_SLOW,
        MOVE_ABORTED
    }

    private final FaultyCluster cluster;
    private final List<Path> managerFiles = new ArrayList<>();
    private final List<ProxyJvm> managers = new ArrayList<>();
    private final Random random;
    private final Map<Fault, Integer> done = new EnumMap<>(Fault.class);

    RandomFaults(FaultyCluster cluster, long seed) {
        this.cluster = cluster;
        this.random = new Random(seed);
    }

    void startManager() throws IOException {
        Path file = cluster.managerFile();
        managerFiles.add(file);
        managers.add(cluster.startManager(file));
    }

    /** How often each has happened. */
    Map<Fault, Integer> done() {
        return done;
    }

    int count() {
        return done.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Lets the next one happen, and mends it. All that is random is drawn here, so that nothing else changes the sequence. */
    void next() throws Exception {
        Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
        int which = random.nextInt(1 << 16);
        Duration time = Duration.ofMillis(200 + random.nextInt(2_500));
        Duration calm = Duration.ofMillis(random.nextInt(1_000));
        System.out.printf("Fault %d: %s which=%d for %d ms%n", count() + 1, fault, which, time.toMillis());
        ProxyProcess proxy = cluster.proxy(which % cluster.proxies().size());
        ToxicRelay way = cluster.wayTo(which / 7 % cluster.servers().size());
        switch (fault) {
            case PROXY_KILLED -> killed(proxy, time);
            case PROXY_KILLED_IN_FREEZE -> {
                awaitFreeze();
                killed(proxy, Duration.ZERO);
            }
            case PROXY_STOPPED -> stopped(proxy, time);
            case PROXY_STOPPED_IN_FREEZE -> {
                awaitFreeze();
                stopped(proxy, time.multipliedBy(2));
            }
            case PROXY_STOPPED_LONG -> stopped(proxy, time.plusSeconds(4));
            case PROXY_CUT_OFF_FROM_ZOOKEEPER -> cut(proxy.zooKeeper(), time.multipliedBy(2));
            case PROXY_SESSION_EXPIRED -> cut(proxy.zooKeeper(), time.plusSeconds(6));
            case PROXY_CUT_OFF_FROM_SERVER -> {
                way.cut(proxy.pid());
                pause(time);
                way.heal();
            }
            case PROXY_REFUSED_BY_SERVER -> {
                way.refuse(proxy.pid());
                pause(time);
                way.heal();
            }
            case MANAGER_KILLED -> managerKilled(leader());
            case MANAGER_KILLED_IN_FREEZE -> {
                awaitFreeze();
                managerKilled(leader());
            }
            case MANAGER_STOPPED -> managerStopped(leader(), time.multipliedBy(4));
            case MANAGER_ENDED -> managerEnded(which % managers.size());
            case ZOOKEEPER_KILLED -> zooKeeperKilled(which, time);
            case MOVER_KILLED -> moverKilled();
            case SERVER_KILLED -> {
                cluster.server(which % cluster.servers().size()).kill();
                pause(time);
                cluster.server(which % cluster.servers().size()).restart();
            }
            case SERVER_STOPPED -> {
                cluster.server(which % cluster.servers().size()).pause();
                pause(time);
                cluster.server(which % cluster.servers().size()).resume();
            }
            case SERVER_SLOW -> {
                way.delay(Duration.ofMillis(10));
                pause(time);
                way.heal();
            }
            case MOVE_ABORTED -> abortOne();
        }
        done.merge(fault, 1, Integer::sum);
        pause(calm);
    }

    private static void pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }

    /** Returns when something is frozen, or none is for a while. */
    private void awaitFreeze() throws Exception {
        long end = System.nanoTime() + UNTIL_FREEZE.toNanos();
        while (System.nanoTime() - end < 0
                && cluster.pool().handoffs().values().stream()
                        .noneMatch(handoff -> handoff.state() == HandoffState.FREEZE)) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private static void killed(ProxyProcess proxy, Duration time) throws Exception {
        proxy.kill();
        pause(time);
        proxy.start().awaitReady();
    }

    private static void stopped(ProxyProcess proxy, Duration time) {
        proxy.stop();
        pause(time);
        proxy.resume();
    }

    private static void cut(ToxicRelay way, Duration time) {
        way.cut();
        pause(time);
        way.heal();
    }

    private int leader() throws Exception {
        String term = new String(cluster.client().getData().forPath(PATHS.term()), StandardCharsets.UTF_8);
        Matcher leader = LEADER.matcher(term);
        if (!leader.find()) {
            throw new IllegalStateException("no leader in " + term);
        }
        return Integer.parseInt(leader.group(1)) - 1;
    }

    private void managerKilled(int index) throws Exception {
        managers.get(index).kill();
        managers.set(index, cluster.startManager(managerFiles.get(index)));
    }

    private void managerStopped(int index, Duration time) throws Exception {
        managers.get(index).signal("STOP");
        pause(time);
        managers.get(index).signal("CONT");
    }

    private void managerEnded(int index) throws Exception {
        managers.get(index).signal("TERM");
        managers.get(index).awaitExit();
        managers.set(index, cluster.startManager(managerFiles.get(index)));
    }

    private void zooKeeperKilled(int which, Duration time) throws Exception {
        List<TestingZooKeeperServer> all = cluster.zooKeeper().getServers();
        TestingZooKeeperServer server = all.get(which % all.size());
        server.stop();
        pause(time.multipliedBy(2));
        server.restart();
    }

    /** All connections that are announced, at both ends. */
    private void moverKilled() throws Exception {
        for (String page : ClusterCheck.announced(cluster)) {
            for (int server = 0; server < cluster.servers().size(); server++) {
                try (RespClient client = cluster.server(server).connect()) {
                    String run = page.substring(0, page.lastIndexOf('-'));
                    if (String.valueOf(client.call("INFO", "server")).contains("run_id:" + run)) {
                        client.call("CLIENT", "KILL", "ID", page.substring(page.lastIndexOf('-') + 1));
                    }
                }
            }
        }
    }

    private void abortOne() throws Exception {
        try {
            for (String id : cluster.pool().handoffs().keySet()) {
                cluster.ctl(
                        "migrations abort " + id + " --yes"); // may be refused: it has switched, or no manager leads
            }
        } catch (KeeperException e) {
            System.out.println("Not aborted: " + e);
        }
    }
}
