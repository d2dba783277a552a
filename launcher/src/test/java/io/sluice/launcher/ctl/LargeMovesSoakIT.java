package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.testing.RespClient;
import io.sluice.testing.workload.Workload;
import io.sluice.testing.workload.WorkloadReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Moves of a size, or in a number, at which the figures say something. Each prints its own. */
@Tag("soak")
class LargeMovesSoakIT {

    private static final int PROXIES = 3;
    private static final int USUAL_RATE = 50_000;
    private static final int NO_LIMIT = 10_000_000;
    private static final int SLOTS = 16_384;
    private static final int ROUNDS = Integer.getInteger("sluice.soak.rounds", 20);
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("sluice.seed", System.nanoTime());
    private final List<Long> freezes = new ArrayList<>();

    private void move(MovingSlots cluster, int from, int to, String slots) {
        move(cluster, from, to, slots, "auto");
    }

    private void move(MovingSlots cluster, int from, int to, String slots, String engine) {
        CtlRun run = cluster.ctl("slots move --from s" + from + " --to s" + to + " --slots " + slots + " --engine "
                + engine + " --watch --yes");
        assertThat(run.exitCode()).as("%s%s", run.out(), run.err()).isZero();
        FrozenFor.in(run).ifPresent(freezes::add);
        await("it is over").atMost(LONG).until(() -> cluster.pool().handoffs().isEmpty());
    }

    private Workload workload(MovingSlots cluster) {
        return Workload.start(cluster.ports(), seed, Duration.ofMillis(2), Set.of(Workload.Extra.TRANSACTIONS));
    }

    private void judge(String what, WorkloadReport report) {
        System.out.printf("FIGURE %s: p99.9 %.1f ms, freezes ms %s; %s%n", what, report.p999(), freezes, report);
        assertThat(report.violations()).isZero();
        assertThat(report.errorCount()).isZero();
        assertThat(report.p999()).isLessThan(250);
        assertThat(freezes).allMatch(millis -> millis < 200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "track"})
    void aHundredSlotsThereAndBackTwentyTimes(String engine) throws Exception {
        try (MovingSlots cluster = MovingSlots.start(folder, 2, USUAL_RATE, PROXIES)) {
            cluster.fill(20_000);
            try (Workload workload = workload(cluster)) {
                for (int i = 0; i < ROUNDS; i++) {
                    move(cluster, 0, 1, "0-99", engine);
                    move(cluster, 1, 0, "0-99", engine);
                }
                judge("100 slots there and back " + ROUNDS + " times, " + engine, workload.stop());
            }
            assertThat(cluster.keysInTheWrongPlace()).isEmpty();
            assertThat(cluster.found(20_000)).isEqualTo(20_000);
        }
    }

    /** The engine that takes all or nothing: each time the other server is empty, and becomes a replica first. */
    @Test
    void everythingThereAndBackByReplication() throws Exception {
        try (MovingSlots cluster = MovingSlots.start(folder, 2, USUAL_RATE, PROXIES)) {
            cluster.fill(20_000);
            try (Workload workload = workload(cluster)) {
                move(cluster, 1, 0, "8192-16383");
                for (int i = 0; i < ROUNDS; i++) {
                    move(cluster, 0, 1, "0-16383", "replica");
                    move(cluster, 1, 0, "0-16383", "replica");
                }
                judge("everything there and back " + ROUNDS + " times, replica", workload.stop());
            }
            assertThat(cluster.keysInTheWrongPlace()).isEmpty();
            assertThat(cluster.found(20_000)).isEqualTo(20_000);
        }
    }

    @Test
    void hugeKeysOfAllTypesThatAreWritten() throws Exception {
        int thousands = Integer.getInteger("sluice.soak.thousands", 1_000);
        int megabytes = Integer.getInteger("sluice.soak.megabytes", 500);
        BigKeys keys = new BigKeys("big");
        try (MovingSlots cluster = MovingSlots.start(folder, 2, USUAL_RATE, PROXIES);
                RespClient first = new RespClient("127.0.0.1", cluster.server(0).port(), LONG);
                RespClient second =
                        new RespClient("127.0.0.1", cluster.server(1).port(), LONG)) {
            int from = cluster.ownerOf(keys.key(""));
            RespClient source = from == 0 ? first : second;
            RespClient target = from == 0 ? second : first;
            keys.fill(source, thousands, megabytes);
            String slots =
                    cluster.pool().shard("s" + from).orElseThrow().slots().toString();
            try (Pings pings = Pings.of(List.of(cluster.server(from), cluster.server(1 - from)));
                    keys;
                    Workload workload = workload(cluster)) {
                keys.startWriting(cluster.ports(), thousands, megabytes);
                long begin = System.nanoTime();
                pings.worst();
                move(cluster, from, 1 - from, slots);
                long seconds = Duration.ofNanos(System.nanoTime() - begin).toSeconds();
                List<Long> worst = pings.worst();
                WorkloadReport report = workload.stop();
                assertThat(keys.stopWriting()).isEmpty();
                System.out.printf(
                        "FIGURE huge keys: %d s, %d writes to them, worst PING source %d ms, target %d ms; sizes %s%n",
                        seconds, keys.writes(), worst.get(0), worst.get(1), keys.sizes(target));
                judge("huge keys", report);
                assertThat(worst).allMatch(millis -> millis < 100);
            }
            assertThat(source.call("DBSIZE")).isEqualTo(0L);
            assertThat(keys.sizes(target).get(0)).isEqualTo(5_000L * thousands);
        }
    }

    @Test
    void aMillionKeysUnderOneTag() throws Exception {
        int count = 1_000_000;
        String tag = "{everything}";
        try (MovingSlots cluster = MovingSlots.start(folder, 2, NO_LIMIT, PROXIES)) {
            int from = cluster.ownerOf(tag);
            try (RespClient source = cluster.server(from).connect();
                    RespClient target = cluster.server(1 - from).connect()) {
                source.call("EVAL", "for i = 1, " + count + " do redis.call('SET', '" + tag + ":' .. i, i) end", "0");
                long there = target.call("DBSIZE") instanceof Long size ? size : 0;
                try (Workload workload = workload(cluster)) {
                    move(cluster, from, 1 - from, String.valueOf(MovingSlots.slotOf(tag)));
                    judge("a million keys under one tag", workload.stop());
                }
                assertThat((Long) target.call("DBSIZE")).isGreaterThanOrEqualTo(there + count);
                assertThat(target.call("GET", tag + ":" + count)).isEqualTo(String.valueOf(count));
            }
            assertThat(cluster.keysInTheWrongPlace()).isEmpty();
        }
    }

    @Test
    void nothingOneKeyEverythingAndTheMostRanges() throws Exception {
        try (MovingSlots cluster = MovingSlots.start(folder, 2, USUAL_RATE, PROXIES)) {
            move(cluster, 0, 1, "7"); // empty
            move(cluster, 1, 0, "7");
            cluster.fill(1);
            int only = MovingSlots.slotOf("still:0");
            int owner = cluster.ownerOf("still:0");
            move(cluster, owner, 1 - owner, String.valueOf(only));
            assertThat(cluster.found(1)).isEqualTo(1);
            move(cluster, 1 - owner, owner, String.valueOf(only));
            cluster.fill(5_000);
            try (Workload workload = workload(cluster)) {
                move(cluster, 1, 0, "8192-16383");
                move(cluster, 0, 1, "0-16383");
                move(cluster, 1, 0, everyOther(SLOTS));
                byte[] document = TopologyDocument.bytes(cluster.topology());
                System.out.printf("FIGURE %d ranges: topology of %d bytes%n", SLOTS, document.length);
                assertThat(document.length).isLessThan(1 << 20);
                assertThat(ranges(cluster)).isEqualTo(SLOTS);
                move(cluster, 0, 1, everyOther(SLOTS));
                judge("an empty slot, one key, all slots, " + SLOTS + " ranges", workload.stop());
            }
            assertThat(cluster.keysInTheWrongPlace()).isEmpty();
            assertThat(cluster.found(5_000)).isEqualTo(5_000);
        }
    }

    private static String everyOther(int slots) {
        return IntStream.range(0, slots / 2)
                .mapToObj(i -> String.valueOf(2 * i))
                .collect(Collectors.joining(","));
    }

    private static int ranges(MovingSlots cluster) throws Exception {
        int ranges = 0;
        for (int i = 0; i < 2; i++) {
            SlotSet slots = cluster.pool().shard("s" + i).orElseThrow().slots();
            ranges += slots.toString().split(",").length;
        }
        return ranges;
    }
}
