package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testing.workload.Workload;
import io.sluice.testing.workload.WorkloadReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All slots of two shards to four and back, again and again, with clients of all kinds at three proxies. {@code
 * -Dsluice.soak.seconds=N}, {@code -Dsluice.seed=N}.
 */
@Tag("soak")
class RebalanceSoakIT {

    private static final long SECONDS = Long.getLong("sluice.soak.seconds", 600);

    /** Fewer are asked of a shorter soak. */
    private static final long ANSWERS = 2_000_000 * Math.min(SECONDS, 600) / 600;

    private static final int KEYS = 20_000;
    private static final int KEYS_PER_SECOND = 50_000;
    private static final long LONGEST_FREEZE_MILLIS = 200;
    private static final double P999_MILLIS = 250;

    @TempDir
    private Path folder;

    @Test
    void clientsNoticeNothingOfShardsThatComeAndGo() throws Exception {
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        try (MovingSlots cluster = MovingSlots.start(folder, Rounds.FEW, Rounds.MANY - Rounds.FEW, 3, KEYS_PER_SECOND);
                Freezes freezes = new Freezes()) {
            cluster.fill(KEYS);
            WorkloadReport report;
            int rounds = 0;
            try (Workload workload =
                    Workload.start(cluster.ports(), seed, Duration.ofMillis(2), EnumSet.allOf(Workload.Extra.class))) {
                long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
                while (System.nanoTime() - end < 0) {
                    Rounds.there(cluster);
                    Rounds.back(cluster);
                    assertThat(cluster.keysInTheWrongPlace()).isEmpty();
                    rounds++;
                    System.out.printf(
                            "FIGURE round %d: %d freezes, %s%n",
                            rounds, freezes.ended().size(), workload.soFar());
                }
                report = workload.stop();
            }
            judge(freezes.ended(), report, rounds);
            assertThat(cluster.found(KEYS)).isEqualTo(KEYS);
        }
    }

    private static void judge(List<Freezes.Freeze> freezes, WorkloadReport report, int rounds) {
        List<Freezes.Freeze> longest = freezes.stream()
                .sorted(Comparator.comparingLong(Freezes.Freeze::millis).reversed())
                .toList();
        System.out.printf(
                "FIGURE %d rounds of 2, 4, 2 shards: freezes %d, given up %d, median %s, longest %s; clients %s%n",
                rounds,
                freezes.size(),
                freezes.stream().filter(freeze -> !freeze.switched()).count(),
                longest.get(longest.size() / 2),
                longest.subList(0, Math.min(10, longest.size())),
                report);
        assertThat(report.violations()).isZero();
        assertThat(report.errorCount()).isZero();
        assertThat(report.answers()).isGreaterThanOrEqualTo(ANSWERS);
        assertThat(longest).allSatisfy(freeze -> assertThat(freeze.millis()).isLessThan(LONGEST_FREEZE_MILLIS));
        assertThat(report.p999()).isLessThan(P999_MILLIS);
    }
}
