package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testing.RespClient;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients have begun, waits, subscriptions, transactions, scripts, goes on when its slots get another owner. */
class ConversationsMoveIT {

    private static final int ALL_KEYS = 1_000_000;
    private static final int PROXIES = 2;

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("sluice.seed", System.nanoTime());

    /** All of them are in slots that go from s0 to s1 and back. */
    private static final String ACCOUNT = "{account}:";

    @Test
    void goesOnWhenSlotsMove() throws Exception {
        System.out.println("ConversationsMoveIT: sluice.seed=" + seed);
        try (MovingSlots cluster = MovingSlots.start(folder, 2, ALL_KEYS, PROXIES);
                BlockedClients waiting = BlockedClients.start(cluster.ports(), 60, 2, seed);
                Messages messages = Messages.start(cluster.ports(), 6)) {
            waiting.warm();
            for (int round = 0; round < 2; round++) {
                whatHasBegunGoesOn(cluster, round);
            }

            BlockedClients.Report report = waiting.stop();
            assertThat(messages.stop()).isEmpty();
            assertThat(report.problems()).isEmpty();
            assertThat(messages.heard()).isGreaterThan(100);
            assertThat(report.pushed()).isGreaterThan(100);
            System.out.printf("FIGURE conversations: %d messages heard, %s%n", messages.heard(), report);
        }
    }

    private void whatHasBegunGoesOn(MovingSlots cluster, int round) throws Exception {
        int port = cluster.ports().get(0);
        String queue = "fair:" + round;
        try (FairQueue fair = FairQueue.open(queue, port, 10, cluster);
                RespClient open = new RespClient(port);
                RespClient watching = new RespClient(port);
                RespClient other = new RespClient(cluster.ports().get(1))) {
            other.call("MSET", ACCOUNT + "a", "100", ACCOUNT + "b", "0");
            String digest = String.valueOf(
                    other.call("SCRIPT", "LOAD", "return redis.call('GET', KEYS[1]) .. '" + round + "'"));
            open.call("MULTI");
            assertThat(open.call("DECRBY", ACCOUNT + "a", "30")).isEqualTo("QUEUED");
            watching.call("WATCH", ACCOUNT + "a");
            watching.call("GET", ACCOUNT + "a");

            moveThereOrBack(cluster);

            assertThat(other.call("EVALSHA", digest, "1", ACCOUNT + "a")).isEqualTo("100" + round);
            assertThat(open.call("INCRBY", ACCOUNT + "b", "30")).isEqualTo("QUEUED");
            assertThat(open.call("EXEC")).isEqualTo(List.of(70L, 30L));
            watching.call("MULTI");
            watching.call("SET", ACCOUNT + "a", "0");
            assertThat(watching.call("EXEC"))
                    .isNull(); // somebody has changed it, and the server that watched has it no more
            assertThat(other.call("MGET", ACCOUNT + "a", ACCOUNT + "b")).isEqualTo(List.of("70", "30"));
            assertThat(fair.serve())
                    .isEqualTo(IntStream.range(0, 10).mapToObj(String::valueOf).toList());
        }
    }

    /** Everything to the other shard. */
    static void moveThereOrBack(MovingSlots cluster) throws Exception {
        int from = cluster.ownerOf(ACCOUNT);
        CtlRun run = cluster.ctl("slots move --from s" + from + " --to s" + (1 - from) + " --slots "
                + cluster.pool().shard("s" + from).orElseThrow().slots() + " --watch --yes");
        assertThat(run.exitCode()).as("%s%s", run.out(), run.err()).isZero();
        FrozenFor.in(run).ifPresent(millis -> System.out.printf("FIGURE conversations: frozen for %d ms%n", millis));
        cluster.awaitNothingOnItsWay();
    }
}
