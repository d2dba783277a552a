package io.sluice.manager.change;

import static io.sluice.manager.change.Changes.MOVING;
import static io.sluice.manager.change.Changes.TWO_SHARDS;
import static io.sluice.manager.change.Changes.address;
import static io.sluice.manager.change.Changes.lines;
import static io.sluice.manager.change.Changes.refusal;
import static io.sluice.manager.change.Changes.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShardChangesTest {

    private static final ServerAddress FREE = address("10.0.1.1:6379");

    private static AddShard add(String shard, ServerAddress primary, SlotSet slots, ServerAddress... replicas) {
        return new AddShard("sessions", shard, primary, List.of(replicas), slots);
    }

    @Test
    void aShardIsAddedWithWhatNobodyOwns() throws Exception {
        AddShard change = add("s4", FREE, SlotSet.range(16001, 16383), address("10.0.1.2:6379"));

        assertThat(lines(TWO_SHARDS, change))
                .containsExactly("+ pool sessions: shard s4: primary 10.0.1.1:6379, replicas 10.0.1.2:6379,"
                        + " slots 16001-16383 (383)");
        assertThat(warnings(TWO_SHARDS, change)).isEmpty();
    }

    @Test
    void slotsWithoutAnOwnerAreWarnedOf() throws Exception {
        assertThat(warnings(TWO_SHARDS, add("s4", FREE, SlotSet.EMPTY)))
                .containsExactly(
                        "pool sessions: slots 16001-16383 (383) would have no owner: requests for their keys get"
                                + " an error");
    }

    @Test
    void aShardTakesNothingFromOthers() {
        assertThat(refusal(TWO_SHARDS, add("s4", FREE, SlotSet.range(16000, 16010))))
                .contains("slot 16000", "have an owner already");
        assertThat(refusal(TWO_SHARDS, add("s4", address("10.0.0.2:6379"), SlotSet.EMPTY)))
                .contains("10.0.0.2:6379 is a server of shard 's1' already");
        assertThat(refusal(TWO_SHARDS, add("s4", FREE, SlotSet.EMPTY, address("10.0.0.3:6379"))))
                .contains("10.0.0.3:6379 is a server of shard 's2' already");
        assertThat(refusal(TWO_SHARDS, add("s1", FREE, SlotSet.EMPTY))).contains("has a shard 's1' already");
    }

    @Test
    void aShardIsNotItsOwnReplica() {
        assertThat(refusal(TWO_SHARDS, add("s4", FREE, SlotSet.EMPTY, FREE))).contains("is named twice");
    }

    @Test
    void slotsThatAPoolDoesNotHaveAreRefused() {
        Topology codis = Topology.NONE.withPool(
                new SlotPool("sessions", PoolProtocol.REDIS, SlotHash.CODIS, Map.of(), Map.of()));

        assertThat(refusal(codis, add("s1", FREE, SlotSet.range(1000, 2000))))
                .contains("slots 1024-2000 (977)", "no such slots; expected some of 0-1023");
    }

    @Test
    void aPoolThatIsMisspeltIsGuessed() {
        assertThat(refusal(TWO_SHARDS, new RemoveShard("sesions", "s3")))
                .isEqualTo("no pool 'sesions'; did you mean 'sessions'?");
        assertThat(refusal(TWO_SHARDS, new RemoveShard("sessions", "x9y")))
                .isEqualTo("no shard 'x9y' in pool 'sessions'; there are: s1, s2, s3");
        assertThat(refusal(Topology.NONE, new RemoveShard("sessions", "s1")))
                .isEqualTo("no pool 'sessions'; there is none yet");
    }

    @Test
    void ringsHaveNoShards() {
        assertThat(refusal(TWO_SHARDS, new AddShard("pages", "s1", FREE, List.of(), SlotSet.EMPTY)))
                .isEqualTo(
                        "pool 'pages' is a ring, which has no shards and no slots; add the server with 'server add'");
    }

    @Test
    void onlyAShardWithoutSlotsCanGo() throws Exception {
        assertThat(lines(TWO_SHARDS, new RemoveShard("sessions", "s3")))
                .containsExactly("- pool sessions: shard s3: primary 10.0.0.4:6379, no slots");
        assertThat(refusal(TWO_SHARDS, new RemoveShard("sessions", "s1")))
                .isEqualTo("shard 's1' owns slots 0-8191 (8192); 'shard drain' moves them to others");
    }

    @Test
    void aShardOfAHandoffStays() {
        assertThat(refusal(MOVING, new RemoveShard("sessions", "s2"))).contains("takes part in handoff h-42");
    }

    @Test
    void slotsOfNobodyAreAssignedWithoutForce() throws Exception {
        assertThat(lines(TWO_SHARDS, new AssignSlots("sessions", "s3", SlotSet.range(16001, 16383), false)))
                .containsExactly("~ pool sessions: slots 16001-16383 (383): nobody -> s3");
    }

    @Test
    void slotsThatHaveAnOwnerNeedForceAndAreWarnedOf() throws Exception {
        SlotSet slots = SlotSet.range(8000, 8291);

        assertThat(refusal(TWO_SHARDS, new AssignSlots("sessions", "s3", slots, false)))
                .isEqualTo(
                        "pool sessions: slots 8000-8291 (292), 1.8 % of all, would change hands, and their keys would"
                                + " not: what is stored stays at the old owner, and is not found at the new one. If that is"
                                + " meant, say force (ctl: --force).");
        AssignSlots forced = new AssignSlots("sessions", "s3", slots, true);
        assertThat(lines(TWO_SHARDS, forced))
                .containsExactly(
                        "~ pool sessions: slots 8000-8191 (192): s1 -> s3",
                        "~ pool sessions: slots 8192-8291 (100): s2 -> s3");
        assertThat(warnings(TWO_SHARDS, forced)).anyMatch(line -> line.contains("would change hands"));
    }

    @Test
    void slotsOnTheirWayAreNotAssigned() {
        assertThat(refusal(MOVING, new AssignSlots("sessions", "s3", SlotSet.range(199, 200), true)))
                .contains("handoff h-42: COPY, slots 100-199 (100), s1 -> s2", "abort it first");
        assertThat(refusal(TWO_SHARDS, new AssignSlots("sessions", "s3", SlotSet.EMPTY, true)))
                .contains("no slots were named");
    }

    @Test
    void freeSlotsAreSpreadEvenlyOverNewShards() throws Exception {
        Topology empty = Topology.NONE.withPool(
                new SlotPool("sessions", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, Map.of(), Map.of()));
        Topology three = add("s3", address("h:3"), SlotSet.EMPTY)
                .applyTo(add("s2", address("h:2"), SlotSet.EMPTY)
                        .applyTo(add("s1", address("h:1"), SlotSet.EMPTY).applyTo(empty)));

        SlotPool spread =
                new SpreadSlots("sessions").applyTo(three).slotPool("sessions").orElseThrow();

        assertThat(spread.shards().values())
                .map(shard -> shard.slots().toString())
                .containsExactly("0-5461", "5462-10922", "10923-16383");
    }

    @Test
    void freeSlotsGoToThoseWhoHaveFewest() throws Exception {
        SlotPool spread = new SpreadSlots("sessions")
                .applyTo(TWO_SHARDS)
                .slotPool("sessions")
                .orElseThrow();

        assertThat(spread.unowned().isEmpty()).isTrue();
        assertThat(spread.shards().values())
                .map(Shard::slots)
                .map(SlotSet::size)
                .containsExactly(8192, 7809, 383);
    }

    @Test
    void aPoolWithoutShardsHasNobodyToSpreadOver() {
        Topology empty = Topology.NONE.withPool(
                new SlotPool("sessions", PoolProtocol.REDIS, SlotHash.CODIS, Map.of(), Map.of()));

        assertThat(refusal(empty, new SpreadSlots("sessions"))).contains("has no shard yet");
    }
}
