package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testing.workload.Workload;
import io.sluice.testing.workload.WorkloadReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Half of all slots there and back, again and again, while many clients wait for elements in them. */
@Tag("soak")
class BlockedClientsSoakIT {

    private static final int MOVES = Integer.getInteger("sluice.soak.moves", 50);
    private static final int CLIENTS = 500;
    private static final int PROXIES = 3;
    private static final int PRODUCERS = 4;

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("sluice.seed", System.nanoTime());

    @Test
    void fiveHundredWaitingClientsLoseNothing() throws Exception {
        System.out.println("BlockedClients: sluice.seed=" + seed);
        try (MovingSlots cluster = MovingSlots.start(folder, 2, 1_000_000, PROXIES);
                BlockedClients waiting = BlockedClients.start(cluster.ports(), CLIENTS, PRODUCERS, seed);
                Workload workload =
                        Workload.start(cluster.ports(), seed, Duration.ofMillis(5), Set.of(Workload.Extra.BLOCKING))) {
            waiting.warm();
            List<Long> freezes = new ArrayList<>();
            for (int i = 0; i < MOVES; i++) {
                String from = "s" + i % 2;
                String to = "s" + (i + 1) % 2;
                CtlRun run = cluster.ctl("slots move --from " + from + " --to " + to + " --slots 0-8191 --watch --yes");
                assertThat(run.exitCode()).as("%s%s", run.out(), run.err()).isZero();
                FrozenFor.in(run).ifPresent(freezes::add);
                cluster.awaitNothingOnItsWay();
            }
            BlockedClients.Report report = waiting.stop();
            WorkloadReport clients = workload.stop();

            System.out.printf("FIGURE blocked clients: freezes ms %s%n", freezes);
            System.out.printf(
                    "FIGURE blocked clients: %d handoffs, %d pushed, %d waits, latest %d ms (%d of those that stay), earliest %d ms; %s%n",
                    MOVES,
                    report.pushed(),
                    report.waits(),
                    report.latest().toMillis(),
                    report.latestElsewhere().toMillis(),
                    report.earliest().toMillis(),
                    clients);
            assertThat(report.problems()).isEmpty();
            assertThat(clients.violations()).isZero();
            assertThat(clients.errorCount()).isZero();
            assertThat(cluster.keysInTheWrongPlace()).isEmpty();
            assertThat(freezes).allMatch(millis -> millis < 200);
            assertThat(clients.p999()).isLessThan(250);
            assertThat(report.latest()).isLessThan(Duration.ofMillis(100));
            assertThat(report.earliest()).isLessThan(Duration.ofMillis(100));
        }
    }
}
