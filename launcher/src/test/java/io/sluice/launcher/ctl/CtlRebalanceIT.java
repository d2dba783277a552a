package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.cluster.SlotPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Moves that are planned for whole pools and shards. */
class CtlRebalanceIT {

    @RegisterExtension
    private final MemoryManager manager = new MemoryManager();

    /** Nobody listens there, which is known at once; one more owns nothing. */
    private void twoShardsAndANewOne() {
        manager.done("pool create sessions");
        manager.done("shard add s1 127.0.0.1:1");
        manager.done("shard add s2 127.0.0.1:2");
        manager.done("slots assign --free");
        manager.done("shard add s3 127.0.0.1:3");
    }

    @Test
    void aRebalanceIsShownAsATableBeforeItBegins() {
        twoShardsAndANewOne();

        CtlRun plan = manager.ctl("rebalance --dry-run");

        assertThat(plan.exitCode()).as(plan.err()).isZero();
        assertThat(plan.out().lines().limit(10))
                .containsExactly(
                        "Rebalance of pool sessions by slots:",
                        "  FROM   TO   SLOTS        COUNT   KEYS   BYTES   TIME",
                        "  s2     s3   8192-10922   2731    ?      ?       ?",
                        "  s1     s3   0-2729       2730    ?      ?       ?",
                        "  all                      5461    ?      ?       ?",
                        "Then:",
                        "  SHARD   WEIGHT   SLOTS          KEYS      BYTES",
                        "  s1      1        8192 -> 5462   ? -> ?    ? -> ?",
                        "  s2      1        8192 -> 5461   ? -> ?    ? -> ?",
                        "  s3      1        0 -> 5461      ~0 -> ?   ~0 B -> ?");
        assertThat(plan.out()).contains("Note: shard s1 (127.0.0.1:1): ", ": its keys and bytes are not known");
        assertThat(manager.ctl("plan rebalance").out()).isEqualTo(plan.out());
        assertThat(manager.cluster().topology().hasHandoffs()).isFalse();
        assertThat(manager.ctl("rebalance --dry-run --json").out()).contains("\"count\": 2730", "\"by\": \"slots\"");
        assertThat(manager.ctl("rebalance").err()).contains("nobody to ask");
    }

    @Test
    void movesBeginAsTheyWereShownAndTheOthersWait() {
        twoShardsAndANewOne();
        for (int i = 4; i <= 6; i++) {
            manager.done("shard add s" + i + " 127.0.0.1:" + i);
        }

        CtlRun run = manager.done("rebalance --weights s1=0");

        assertThat(run.out()).contains("Applied: the cluster is at epoch 9.");
        SlotPool pool = manager.cluster().topology().slotPool("sessions").orElseThrow();
        assertThat(pool.handoffs().values())
                .hasSize(3)
                .allSatisfy(moving -> assertThat(moving.copySince()).isEqualTo(9));
        assertThat(pool.waiting().values())
                .extracting(move -> move.from() + " -> " + move.to())
                .containsExactly("s1 -> s6", "s2 -> s6");
        assertThat(manager.ctl("pools").out()).contains("3 handoffs, 2 moves waiting");
        assertThat(manager.ctl("migrations").out())
                .contains("waiting", "waits for its turn", "waits: shard s1 takes part in m-", "begins soon");
        assertThat(manager.ctl("pools sessions").out()).contains("move m-", ": WAITING, slots ");
        assertThat(manager.ctl("rebalance --weights s1=0 --yes").out()).contains("Nothing to move");
        String waiting = pool.waiting().keySet().iterator().next();
        manager.done("migrations abort " + waiting);
        manager.done("rebalance --abort");
        assertThat(manager.cluster()
                        .topology()
                        .slotPool("sessions")
                        .orElseThrow()
                        .waiting())
                .isEmpty();
        assertThat(manager.cluster().topology().hasHandoffs()).isFalse();
        assertThat(manager.ctl("history").out())
                .contains("rebalance of sessions: 5 moves", "rebalance --abort of sessions");
    }

    @Test
    void aShardIsMarkedUntilItIsDrainedOrTheDrainIsGivenUp() {
        twoShardsAndANewOne();

        CtlRun run = manager.done("shard drain s1");

        assertThat(run.out()).contains("Drain of shard s1 of pool sessions, then it is removed:");
        assertThat(manager.ctl("pools").out()).contains("s1 is drained");
        assertThat(manager.ctl("topology show").out()).contains("\"draining\": true");
        assertThat(manager.ctl("slots assign s1 0 --yes").err())
                .contains("shard 's1' is being drained: it gets no slots");
        manager.done("shard drain s1 --abort");
        assertThat(manager.cluster().topology().hasHandoffs()).isFalse();
        assertThat(manager.ctl("shard drain s1 --abort --yes").err()).contains("is not being drained");
    }

    @Test
    void aPlanThatCannotBeIsRefusedWithTheReason() {
        twoShardsAndANewOne();

        assertThat(manager.ctl("rebalance --by bytes").err()).contains("by: expected slots, memory, keys");
        assertThat(manager.ctl("rebalance --weights s1").err()).contains("expected SHARD=WEIGHT");
        assertThat(manager.ctl("rebalance --weights s1=2,s1=3").err()).contains("each shard once");
        assertThat(manager.ctl("rebalance --weights s9=2").err()).contains("a weight for 's9': there is no such shard");
        CtlRun byKeys = manager.ctl("rebalance --by keys");
        assertThat(byKeys.exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(byKeys.err()).contains("by keys every server must tell what it has: shard s1 (127.0.0.1:1)");
        assertThat(manager.ctl("shard drain s9 --yes").err()).contains("there is no shard 's9'");
    }
}
