package io.sluice.routing.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FreezesTest {

    private static final Handoff FIRST = Handoff.begin("h-1", SlotSet.range(0, 99), "a", "b", 2);
    private static final Handoff SECOND = Handoff.begin("h-2", SlotSet.range(100, 199), "a", "b", 3);
    private static final Topology BEFORE = Topology.NONE.withPool(pool().withHandoff(FIRST));

    private static SlotPool pool() {
        Map<String, Shard> shards = new LinkedHashMap<>();
        shards.put("a", shard("a", 7001, SlotSet.range(0, 8191)));
        shards.put("b", shard("b", 7002, SlotSet.range(8192, 16383)));
        return new SlotPool("alpha", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, shards, Map.of());
    }

    private static Shard shard(String name, int port, SlotSet slots) {
        return new Shard(name, ServerAddress.tcp("127.0.0.1", port), List.of(), slots);
    }

    private static Topology frozen() {
        return BEFORE.withPool(pool().withHandoff(FIRST.in(HandoffState.FREEZE)));
    }

    @Test
    void aFreezeIsFoundAndEnded() {
        assertThat(Freezes.areIn(BEFORE)).isFalse();
        assertThat(Freezes.areIn(frozen())).isTrue();
        assertThat(Freezes.areIn(Freezes.ended(frozen(), Set.of("h-1")))).isFalse();
        assertThat(Freezes.areIn(Freezes.ended(frozen(), Set.of("h-2")))).isTrue();
    }

    @Test
    void aFreezeOfSlotsThatWereOnTheirWayIsAllThatIsNew() {
        assertThat(Freezes.areAllThatIsNew(BEFORE, frozen())).isTrue();
    }

    @Test
    void whateverElseChangesIsNewToo() {
        Topology withAnother = BEFORE.withPool(
                pool().withHandoff(FIRST.in(HandoffState.FREEZE)).withHandoff(SECOND));
        Topology otherOwner =
                BEFORE.withPool(pool().withOwner(SECOND.slots(), "b").withHandoff(FIRST.in(HandoffState.FREEZE)));

        assertThat(Freezes.areAllThatIsNew(BEFORE, withAnother)).isFalse();
        assertThat(Freezes.areAllThatIsNew(BEFORE, otherOwner)).isFalse();
        assertThat(Freezes.areAllThatIsNew(Topology.NONE, frozen())).isFalse();
        assertThat(Freezes.areAllThatIsNew(BEFORE, BEFORE)).isFalse();
    }
}
