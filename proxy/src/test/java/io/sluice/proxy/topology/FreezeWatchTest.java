package io.sluice.proxy.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.zookeeper.KeeperException.Code;
import org.junit.jupiter.api.Test;

/** When a proxy ends a freeze, and what it writes then; by times of the test's. */
class FreezeWatchTest {

    private static final long BUDGET = Handoff.FREEZE_BUDGET.toNanos();
    private static final int VERSION = 17;
    private static final Handoff MOVING = Handoff.begin("h-1", SlotSet.range(0, 9), "a", "b", 3);

    private final List<Topology> written = new ArrayList<>();
    private final List<Integer> versions = new ArrayList<>();
    private Code answer = Code.OK;
    private long now;
    private final FreezeWatch watch = watch(1);

    private FreezeWatch watch(long seed) {
        return new FreezeWatch(
                new ZnodePaths("main"),
                (document, version, done) -> {
                    written.add(TopologyDocument.parse("written", document));
                    versions.add(version);
                    done.accept(answer);
                },
                () -> now,
                new SplittableRandom(seed));
    }

    private static Topology with(Handoff... handoffs) {
        Map<String, Shard> shards = new LinkedHashMap<>();
        shards.put("a", shard("a", 7001, SlotSet.range(0, 8191)));
        shards.put("b", shard("b", 7002, SlotSet.range(8192, 16383)));
        SlotPool pool = new SlotPool("cache", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, shards, Map.of());
        for (Handoff handoff : handoffs) {
            pool = pool.withHandoff(handoff);
        }
        return Topology.NONE.withPool(pool).at(40, 6);
    }

    private static Shard shard(String name, int port, SlotSet slots) {
        return new Shard(name, ServerAddress.tcp("127.0.0.1", port), List.of(), slots);
    }

    private static Topology frozen() {
        return with(MOVING.in(HandoffState.FREEZE));
    }

    private void look(FreezeWatch at, Topology served, Topology read) {
        at.look(served, TopologyDocument.bytes(read), VERSION);
    }

    @Test
    void aFreezeThatNobodyEndsIsEndedAndNothingElseIsChanged() {
        look(watch, frozen(), frozen());
        now = 2 * BUDGET;

        look(watch, frozen(), frozen());

        assertThat(written)
                .containsExactly(with(MOVING.in(HandoffState.FREEZE).in(HandoffState.COPY))
                        .at(41, 6));
        assertThat(versions).containsExactly(VERSION);
    }

    @Test
    void whoBeganItHasMoreThanItsBudget() {
        for (long seed = 0; seed < 100; seed++) {
            FreezeWatch each = watch(seed);
            now = 0;
            look(each, frozen(), frozen());
            now = BUDGET * 3 / 2;
            look(each, frozen(), frozen());
        }

        assertThat(written).isEmpty();
    }

    @Test
    void proxiesDoNotAllWriteAtTheSameTime() {
        for (long seed = 0; seed < 100; seed++) {
            FreezeWatch each = watch(seed);
            now = 0;
            look(each, frozen(), frozen());
            now = BUDGET * 9 / 5; // of between 8/5 and 10/5
            look(each, frozen(), frozen());
        }

        assertThat(written).hasSizeBetween(20, 80);
    }

    @Test
    void whatIsNotServedYetIsLeftAlone() {
        look(watch, frozen(), frozen());
        now = 2 * BUDGET;

        look(watch, frozen(), frozen().at(41, 6)); // perhaps another freeze, which has just begun

        assertThat(written).isEmpty();
    }

    @Test
    void copiesAndSwitchesAreLeftAlone() {
        for (Topology other : List.of(with(MOVING), with())) {
            look(watch, other, other);
            now += 2 * BUDGET;
            look(watch, other, other);
        }

        assertThat(written).isEmpty();
    }

    @Test
    void whoMayNotWriteDoesNotGoOnTrying() {
        answer = Code.NOAUTH;
        look(watch, frozen(), frozen());
        now = 2 * BUDGET;

        look(watch, frozen(), frozen());
        look(watch, frozen(), frozen());

        assertThat(written).hasSize(1);
    }

    @Test
    void whoWasTooLateLooksAgain() {
        answer = Code.BADVERSION;
        look(watch, frozen(), frozen());
        now = 2 * BUDGET;

        look(watch, frozen(), frozen());
        look(watch, frozen(), frozen());

        assertThat(written).hasSize(2);
    }

    @Test
    void whatCannotBeReadIsLeftAlone() {
        look(watch, frozen(), frozen());
        now = 2 * BUDGET;

        watch.look(frozen(), new byte[] {'{'}, VERSION);

        assertThat(written).isEmpty();
    }
}
