package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.ClusterManager;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.testing.RespClient;
import io.sluice.testing.workload.Workload;
import io.sluice.testing.workload.WorkloadReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Slots 0 to 8191 between two shards, and two proxies: one that suffers, and another whose clients must notice nothing but
 * a delay. Clients of one workload use both, those of a second the other alone.
 */
final class ProxyScene implements AutoCloseable {

    private static final String MOVING = "0-8191";
    private static final int KEYS = 1_000;
    private static final Duration PAUSE = Duration.ofMillis(3);
    private static final long POLL_NANOS = 500_000;

    /** Of slot 5061. */
    static final String MOVING_KEY = "bar";

    /** Of slot 12182. */
    static final String STEADY_KEY = "foo";

    private final MoveSteps steps = new MoveSteps();
    private final FaultyCluster cluster;
    private final ClusterManager manager;
    private final ProxyProcess victim;
    private final ProxyProcess other;
    private final Workload shared;
    private final Workload undisturbed;
    private int moves;

    /** When something happens to a move. */
    enum Moment {
        BEGUN,
        COPYING,
        CAUGHT_UP,
        FREEZING,
        FROZEN,
        DRAINED,
        SWITCHED,
        CLEANED
    }

    private ProxyScene(FaultyCluster cluster, long seed) throws Exception {
        this.cluster = cluster;
        this.manager = cluster.lead(steps::around);
        this.victim = cluster.addProxy("proxy-0", "proxy-0");
        this.other = cluster.addProxy("proxy-1", "proxy-1");
        victim.awaitReady();
        other.awaitReady();
        cluster.awaitAllFollow();
        try (RespClient client = other.connect()) {
            for (int i = 0; i < KEYS; i++) {
                client.call("SET", "still:" + i, "value " + i);
            }
        }
        this.shared = Workload.start(cluster.ports(), seed, PAUSE, Set.of());
        this.undisturbed = Workload.start(List.of(other.port()), seed + 1, PAUSE, Set.of());
    }

    static ProxyScene start(Path folder, long seed) throws Exception {
        FaultyCluster cluster = FaultyCluster.start(folder, 1, 2);
        try {
            return new ProxyScene(cluster, seed);
        } catch (Exception | AssertionError e) {
            cluster.close();
            throw e;
        }
    }

    FaultyCluster cluster() {
        return cluster;
    }

    ProxyProcess victim() {
        return victim;
    }

    ProxyProcess other() {
        return other;
    }

    MoveSteps steps() {
        return steps;
    }

    /** The shard that owns the moving slots now, or did before a move that is under way. */
    int source() {
        return moves % 2;
    }

    /** Begins a move to the other shard; returns once this has been done at that moment of it. */
    void beginMove(Moment moment, Runnable action) throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        Runnable once = () -> {
            action.run();
            done.countDown();
        };
        switch (moment) {
            case BEGUN -> steps.at(MoveSteps.Step.BEGUN, once);
            case COPYING -> steps.at(MoveSteps.Step.COPYING, once);
            case CAUGHT_UP -> steps.at(MoveSteps.Step.CAUGHT_UP, once);
            case FROZEN -> steps.at(MoveSteps.Step.FROZEN, once);
            case DRAINED -> steps.at(MoveSteps.Step.DRAINED, once);
            case CLEANED -> steps.at(MoveSteps.Step.CLEANED, once);
            case FREEZING, SWITCHED -> {}
        }
        cluster.beginMove("s" + source(), "s" + (1 - source()), MOVING);
        if (moment == Moment.FREEZING) {
            awaitState(HandoffState.FREEZE);
            once.run();
        } else if (moment == Moment.SWITCHED) {
            awaitState(HandoffState.SWITCHED);
            once.run();
        }
        assertThat(done.await(FaultyCluster.LIMIT.toSeconds(), TimeUnit.SECONDS))
                .as("the move came to " + moment)
                .isTrue();
    }

    /** Looks more often than a state can last. */
    private void awaitState(HandoffState state) throws Exception {
        long end = System.nanoTime() + FaultyCluster.LIMIT.toNanos();
        while (manager
                .cluster()
                .topologies()
                .read()
                .topology()
                .slotPool(FaultyCluster.POOL)
                .orElseThrow()
                .handoffs()
                .values()
                .stream()
                .map(Handoff::state)
                .noneMatch(state::equals)) {
            assertThat(System.nanoTime() - end).as("no move came to " + state).isNegative();
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /**
     * Stops the victim while it has sent requests to the source in slots of which it knows that they move, and has not had
     * their replies: these come while it is stopped.
     */
    void stopVictimWithRepliesOutstanding() {
        stopSourceWithRepliesOutstanding();
        victim.stop();
        cluster.server(source()).resume();
    }

    /** The same, but the source is stopped, and the victim waits for it. */
    void stopSourceWithRepliesOutstanding() {
        cluster.awaitAllFollow();
        cluster.server(source()).pause();
        await("requests wait for replies")
                .atMost(FaultyCluster.LIMIT)
                .until(() -> victim.metric("sluice_requests_in_flight") >= Outstanding.WINDOW);
    }

    /** The move is over. */
    void awaitEnd() throws Exception {
        awaitEnd(FaultyCluster.LIMIT);
    }

    void awaitEnd(Duration limit) throws Exception {
        cluster.awaitNothingOnItsWay(limit);
        moves++;
        assertThat(cluster.pool().shard("s" + source()).orElseThrow().slots().contains(0))
                .isTrue();
    }

    /** Stops all clients, and looks at everything. The clients of the other proxy must have seen no error. */
    void check(String title) throws Exception {
        WorkloadReport apart = undisturbed.stop();
        WorkloadReport report = shared.stop();
        System.out.printf("FIGURE %s, clients of the other proxy: %s%n", title, apart);
        System.out.printf("FIGURE %s, clients of both proxies: %s%n", title, report);
        assertThat(apart.violations()).as("%s", apart).isZero();
        assertThat(apart.errorCount()).as("%s", apart).isZero();
        assertThat(report.violations()).as("%s", report).isZero();
        assertThat(ClusterCheck.problems(cluster)).isEmpty();
        try (RespClient client = victim.connect()) {
            for (int i = 0; i < KEYS; i++) {
                assertThat(client.call("GET", "still:" + i)).isEqualTo("value " + i);
            }
        }
    }

    @Override
    public void close() {
        shared.close();
        undisturbed.close();
        cluster.close();
    }
}
