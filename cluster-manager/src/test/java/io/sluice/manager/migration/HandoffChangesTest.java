package io.sluice.manager.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
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
    void onlySoManyAreUnderWay() throws ChangeRefusedException {
        Topology topology = plane.topology();
        for (int i = 2; i <= BeginHandoff.MAX_HANDOFFS; i++) {
            topology =
                    new BeginHandoff("alpha", "h-" + i, SlotSet.range(1000 + i, 1000 + i), "a", "b").applyTo(topology);
        }
        Topology full = topology;

        assertThatThrownBy(() -> new BeginHandoff("alpha", "h-99", SlotSet.range(7, 7), "a", "b").applyTo(full))
                .hasMessage("16 handoffs are under way in pool 'alpha'; wait until one is done");
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
