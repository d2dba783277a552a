package io.sluice.manager.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.store.HandoffLimit;
import io.sluice.manager.store.Orders;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.cluster.WaitingMove;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HandoffChangesTest {

    private final FakePlane plane = new FakePlane();

    @Test
    void aHandoffBeginsWithTheNextEpoch() throws ChangeRefusedException {
        Topology after =
                new BeginHandoff("alpha", "h-2", SlotSet.range(8192, 8200), "b", "a").applyTo(plane.topology());

        assertThat(after.slotPool("alpha").orElseThrow().handoff("h-2"))
                .contains(Handoff.begin("h-2", SlotSet.range(8192, 8200), "b", "a", 2));
        assertThat(TopologyDocument.parse("after", TopologyDocument.bytes(after)))
                .isEqualTo(after);
    }

    @Test
    void allThatIsWrongWithItIsTold() {
        assertThatThrownBy(() ->
                        new BeginHandoff("alpha", "h-1", SlotSet.range(8000, 8300), "a", "c").applyTo(plane.topology()))
                .hasMessage("""
                        there is no shard 'c' in pool 'alpha'
                        shard 'a' does not own 8192-8300
                        there is a handoff 'h-1' already""");
        assertThatThrownBy(() ->
                        new BeginHandoff("alpha", "h-2", SlotSet.range(150, 300), "a", "a").applyTo(plane.topology()))
                .hasMessage("""
                        'a' is where they come from; expected another shard
                        handoff 'h-1' has some of them; wait for it, or abort it""");
        assertThatThrownBy(() -> new BeginHandoff("beta", "h-2", SlotSet.EMPTY, "a", "b").applyTo(plane.topology()))
                .hasMessage("there is no slot pool 'beta'");
    }

    @Test
    void aChangeOfARingIsNotTakenForAMoveOfSlots() {
        Topology rings = TopologyDocument.parse("test", """
                format: 1
                pools:
                  pages:
                    protocol: memcache
                    servers: ["10.0.0.5:1:1 a", "10.0.0.6:1:1 b"]
                    change: {id: r-1, kind: cache, state: WINDOW, since: 1, next: ["10.0.0.5:1:1 a"]}
                """.getBytes(StandardCharsets.UTF_8));

        assertThat(List.of(
                        new PauseHandoff("pages", "r-1"),
                        new ResumeHandoff("pages", "r-1"),
                        new LimitHandoff("pages", "r-1", Map.of(HandoffLimit.KEYS_PER_SECOND, 7L)),
                        new RollBackHandoff("pages", "r-1", "m-2", Orders.NONE)))
                .allSatisfy(change -> assertThatThrownBy(() -> change.applyTo(rings))
                        .hasMessageContaining("'r-1' is a change of a ring, not of slots")
                        .hasMessageContaining("'ctl migrations abort r-1' gives it up"));
        assertThatThrownBy(() -> new PauseHandoff("pages", "r-2").applyTo(rings))
                .hasMessageContaining("no change 'r-2' is on its way in pool 'pages', which is a ring");
    }

    /** The plane has one of the two shards' handoffs under way already. */
    @Test
    void onlySoManyOfAShardAreUnderWayAndTheOthersWait() throws ChangeRefusedException {
        Topology two = new BeginHandoff("alpha", "h-2", SlotSet.range(2, 2), "a", "b").applyTo(plane.topology());
        Topology three = new BeginHandoff("alpha", "h-3", SlotSet.range(3, 3), "a", "b").applyTo(two);

        SlotPool pool = three.slotPool("alpha").orElseThrow();
        assertThat(pool.handoffs()).containsOnlyKeys("h-1", "h-2");
        assertThat(pool.waiting().values()).containsExactly(new WaitingMove("h-3", SlotSet.range(3, 3), "a", "b"));
        assertThat(Turns.obstacles(pool, pool.waiting().values().iterator().next()))
                .containsExactly("shard a takes part in h-1 and h-2", "shard b takes part in h-1 and h-2");
        assertThat(TopologyDocument.parse("after", TopologyDocument.bytes(three)))
                .isEqualTo(three);
        assertThatThrownBy(() -> new BeginHandoff("alpha", "h-4", SlotSet.range(3, 9), "a", "b").applyTo(three))
                .hasMessage("move 'h-3' waits with some of them; wait for it, or abort it");
        assertThat(new AbortHandoff("alpha", "h-3").applyTo(three)).isEqualTo(two);
    }

    @Test
    void whoWaitsBeginsWhenItIsItsTurn() throws ChangeRefusedException {
        Topology full = plane.topology();
        for (int i = 2; i <= 5; i++) {
            full = new BeginHandoff("alpha", "h-" + i, SlotSet.range(i, i), "a", "b").applyTo(full);
        }
        assertThat(new BeginWaiting("alpha").applyTo(full)).isEqualTo(full);

        Topology freed = new AbortHandoff("alpha", "h-1").applyTo(full).at(9, 1);
        Topology next = new BeginWaiting("alpha").applyTo(freed);

        SlotPool pool = next.slotPool("alpha").orElseThrow();
        assertThat(pool.handoff("h-3")).contains(Handoff.begin("h-3", SlotSet.range(3, 3), "a", "b", 10));
        assertThat(pool.waiting()).containsOnlyKeys("h-4", "h-5");
    }

    @Test
    void whatHasSwitchedKeepsNoOtherFromItsTurnButForItsOwnSlots() throws ChangeRefusedException {
        plane.write(plane.pool()
                .withOwner(FakePlane.MOVING, "b")
                .withHandoff(plane.handoff().orElseThrow().in(HandoffState.SWITCHED)));
        Topology topology = plane.topology();
        for (int i = 2; i <= 3; i++) {
            topology = new BeginHandoff("alpha", "h-" + i, SlotSet.range(i, i), "a", "b").applyTo(topology);
        }
        assertThat(topology.slotPool("alpha").orElseThrow().waiting()).isEmpty();

        Topology back = new BeginHandoff("alpha", "h-9", FakePlane.MOVING, "b", "a").applyTo(plane.topology());

        SlotPool pool = back.slotPool("alpha").orElseThrow();
        assertThat(Turns.obstacles(pool, pool.waiting().values().iterator().next()))
                .containsExactly("handoff h-1 has some of its slots, until it is done");
    }

    @Test
    void onlySoManyWait() throws ChangeRefusedException {
        SlotPool pool = plane.pool();
        for (int i = 0; i < Turns.MAX_WAITING; i++) {
            pool = pool.withWaiting(new WaitingMove("w-" + i, SlotSet.range(4000 + i, 4000 + i), "a", "b"));
        }
        Topology full = plane.topology().withPool(pool);

        assertThatThrownBy(() -> new BeginHandoff("alpha", "h-99", SlotSet.range(7, 7), "a", "b").applyTo(full))
                .hasMessage("1024 moves wait in pool 'alpha' already");
        assertThat(TopologyDocument.parse("full", TopologyDocument.bytes(full))).isEqualTo(full);
    }

    @Test
    void aShardGoesWhenItIsDrained() throws ChangeRefusedException {
        SlotPool pool = plane.pool();
        SlotPool draining = pool.withShard(pool.shard("b").orElseThrow().withDraining(true));
        Topology before = plane.topology().withPool(draining);
        RemoveDrained remove = new RemoveDrained("alpha", "b");
        assertThatThrownBy(() -> new BeginHandoff("alpha", "h-2", SlotSet.range(7, 7), "a", "b").applyTo(before))
                .hasMessage(
                        "shard 'b' is being drained: it gets no slots, unless 'ctl shard drain b --abort' ends that");
        assertThat(remove.applyTo(before)).isEqualTo(before);
        Topology empty = before.withPool(draining.withOwner(SlotSet.range(8192, 16383), "a"));
        assertThat(remove.applyTo(empty)).as("h-1 goes there").isEqualTo(empty);
        Topology waits = empty.withPool(empty.slotPool("alpha")
                .orElseThrow()
                .withoutHandoff("h-1")
                .withWaiting(new WaitingMove("w-1", SlotSet.range(1, 1), "a", "b")));
        assertThat(remove.applyTo(waits)).isEqualTo(waits);

        Topology after = remove.applyTo(new AbortHandoff("alpha", "h-1").applyTo(empty));

        assertThat(after.slotPool("alpha").orElseThrow().shards()).containsOnlyKeys("a");
        assertThat(remove.applyTo(after)).isEqualTo(after);
    }

    @Test
    void whatHasNotArrivedCanBeAborted() throws ChangeRefusedException {
        Topology after = new AbortHandoff("alpha", "h-1").applyTo(plane.topology());

        assertThat(after.hasHandoffs()).isFalse();
        assertThatThrownBy(() -> new AbortHandoff("alpha", "h-9").applyTo(plane.topology()))
                .hasMessage(
                        "there is no handoff 'h-9' in pool 'alpha': it is over, or never was; 'ctl migrations' shows those"
                                + " under way, 'ctl history' the others, and 'ctl slots move' moves slots back");
        plane.write(plane.pool()
                .withOwner(FakePlane.MOVING, "b")
                .withHandoff(plane.handoff().orElseThrow().in(HandoffState.SWITCHED)));
        assertThatThrownBy(() -> new AbortHandoff("alpha", "h-1").applyTo(plane.topology()))
                .hasMessage(
                        "the slots of 'h-1' belong to 'b' already; to give them back: 'ctl migrations rollback h-1'");
    }
}
