package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.launcher.ctl.RandomFaults.Fault;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.testing.RespClient;
import io.sluice.testing.workload.Workload;
import io.sluice.testing.workload.WorkloadReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random faults of everything while slots move back and forth, and clients of all kinds that check what they read.
 * {@code -Dsluice.seed=N} lets the same faults happen in the same order, {@code -Dsluice.faults=N} more or fewer.
 */
@Tag("soak")
class RandomFaultsSoakIT {

    private static final int FAULTS = Integer.getInteger("sluice.faults", 110);
    private static final int KEYS = 2_000;
    private static final int SLOTS = 16384;
    private static final Duration PAUSE = Duration.ofMillis(5);

    /** From the last fault until everything is quiet: pauses between freezes are a minute at most. */
    private static final Duration UNTIL_QUIET = Duration.ofMinutes(3);

    /** What a fault of a proxy, of its way, or of a server explains. */
    private static final String EXPLAINED =
            "connection: .*|\\w+: (ERR (outcome unknown|Slot moving|Connection (refused|reset"
                    + "|timed out)|Server (overloaded|stalled)).*|UNBLOCKED .*|LOADING .*|EXECABORT .*)";

    @TempDir
    private Path folder;

    private volatile boolean stopped;
    private int begun;
    private int refused;

    @Test
    void nothingIsLostWhateverHappens() throws Exception {
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        System.out.println("Random faults: sluice.seed=" + seed);
        try (FaultyCluster cluster = FaultyCluster.start(folder, 3, 2)) {
            RandomFaults faults = new RandomFaults(cluster, seed);
            faults.startManager();
            faults.startManager();
            cluster.applyTopology();
            cluster.addProxy("proxy-0", "proxy-0");
            cluster.addProxy("proxy-1", "proxy-1");
            cluster.proxies().forEach(ProxyProcess::awaitReady);
            cluster.awaitAllFollow();
            try (RespClient client = cluster.proxy(0).connect()) {
                for (int i = 0; i < KEYS; i++) {
                    client.call("SET", "still:" + i, "value " + i);
                }
            }
            try (Workload workload =
                    Workload.start(cluster.ports(), seed, PAUSE, EnumSet.allOf(Workload.Extra.class))) {
                CompletableFuture<Void> moving = CompletableFuture.runAsync(() -> moveOn(cluster, seed));
                while (faults.count() < FAULTS) {
                    faults.next();
                    WorkloadReport soFar = workload.soFar();
                    assertThat(soFar.violations()).as("%s", soFar).isZero();
                }
                stopped = true;
                moving.get(UNTIL_QUIET.toSeconds(), TimeUnit.SECONDS);
                judge(cluster, faults, workload.stop());
            }
        }
    }

    /** One move after the other: random slots, to the shard that does not own them. */
    private void moveOn(FaultyCluster cluster, long seed) {
        Random random = new Random(seed);
        try {
            while (!stopped) {
                int from = random.nextInt(2);
                int first = random.nextInt(SLOTS);
                SlotSet some = SlotSet.range(first, Math.min(SLOTS - 1, first + random.nextInt(SLOTS / 2)));
                SlotSet owned = cluster.pool().shard("s" + from).orElseThrow().slots();
                SlotSet slots = owned.without(owned.without(some));
                if (slots.isEmpty()) {
                    continue;
                }
                CtlRun run = cluster.ctl(
                        "slots move --from s" + from + " --to s" + (1 - from) + " --slots " + slots + " --yes");
                if (run.exitCode() == CtlExit.OK) {
                    begun++;
                } else {
                    refused++;
                    LockSupport.parkNanos(Duration.ofMillis(500).toNanos()); // no manager leads
                }
                awaitNothing(cluster);
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitNothing(FaultyCluster cluster) throws Exception {
        long end = System.nanoTime() + UNTIL_QUIET.toNanos();
        while (!cluster.pool().handoffs().isEmpty()) {
            if (System.nanoTime() - end >= 0) {
                throw new IllegalStateException("a move does not end: "
                        + cluster.ctl("migrations").out() + cluster.pool().handoffs());
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private void judge(FaultyCluster cluster, RandomFaults faults, WorkloadReport report) throws Exception {
        System.out.printf("FIGURE random faults: %d, moves begun %d, refused %d%n", faults.count(), begun, refused);
        for (Fault fault : Fault.values()) {
            System.out.printf(
                    "FIGURE random faults, %s: %d%n", fault, faults.done().getOrDefault(fault, 0));
        }
        for (ProxyProcess proxy : cluster.proxies()) {
            System.out.printf(
                    "FIGURE random faults, %s: held %.0f, relayed late %.0f, dropped %.0f since its last start%n",
                    proxy.id(),
                    proxy.metric("sluice_replies_held_total"),
                    proxy.metric("sluice_replies_relayed_late_total"),
                    proxy.metric("sluice_replies_dropped_total"));
        }
        System.out.printf("FIGURE random faults, clients: %s%n", report);
        assertThat(report.violations()).as("%s", report).isZero();
        cluster.awaitAllFollow();
        assertThat(ClusterCheck.problems(cluster)).isEmpty();
        assertThat(cluster.applied()).containsOnlyKeys("proxy-0", "proxy-1");
        try (RespClient client = cluster.proxy(1).connect()) {
            for (int i = 0; i < KEYS; i++) {
                assertThat(client.call("GET", "still:" + i)).isEqualTo("value " + i);
            }
        }
        assertThat(report.errors().keySet()).allMatch(error -> error.matches("(?s)" + EXPLAINED));
        assertThat(begun).isPositive();
    }
}
