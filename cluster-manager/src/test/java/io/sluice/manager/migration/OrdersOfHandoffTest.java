package io.sluice.manager.migration;

import static io.sluice.manager.migration.FakePlane.MOVING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.manager.change.AssignSlots;
import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.ClusterDesk;
import io.sluice.manager.change.SpreadSlots;
import io.sluice.manager.store.EngineWish;
import io.sluice.manager.store.HandoffLimit;
import io.sluice.manager.store.Orders;
import io.sluice.manager.testing.MemoryCluster;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.topology.ServerAddress;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What people order for a handoff, and what is written down of it. */
class OrdersOfHandoffTest {

    private static final OptionalLong ANY = OptionalLong.empty();

    private final FakePlane plane = new FakePlane();
    private final MemoryCluster cluster = new MemoryCluster().with(plane.topology());
    private final ClusterDesk desk = new ClusterDesk(cluster.cluster(), () -> MemoryCluster.NOW);

    private Orders orders(String handoff) throws Exception {
        return cluster.cluster().orders().of(handoff).orders();
    }

    private Handoff handoff(String id) {
        return pool().handoff(id).orElseThrow();
    }

    private SlotPool pool() {
        return cluster.topology().slotPool("alpha").orElseThrow();
    }

    private void write(SlotPool pool) {
        Topology now = cluster.topology();
        cluster.with(now.withPool(pool).at(now.epoch() + 1, MemoryCluster.TERM));
    }

    private void switchIt() {
        write(pool().withOwner(MOVING, "b").withHandoff(handoff("h-1").in(HandoffState.SWITCHED)));
    }

    @Test
    void aPauseAndItsEndAreOrdersAndLeaveTheTopologyAlone() throws Exception {
        Topology before = cluster.topology();

        assertThat(desk.plan(new PauseHandoff("alpha", "h-1")).lines()).containsExactly("~ handoff h-1: paused");
        assertThat(orders("h-1").paused()).isFalse();
        desk.apply(new PauseHandoff("alpha", "h-1"), "alice", ANY);
        assertThat(orders("h-1").paused()).isTrue();
        assertThat(desk.apply(new PauseHandoff("alpha", "h-1"), "bob", ANY).isEmpty())
                .isTrue();
        desk.apply(new ResumeHandoff("alpha", "h-1"), "carol", ANY);

        assertThat(orders("h-1")).isEqualTo(Orders.NONE);
        assertThat(cluster.topology()).isEqualTo(before);
        assertThat(cluster.historyEntries())
                .extracting(entry -> entry.by() + ": " + entry.title() + " " + entry.lines())
                .containsExactly(
                        "carol: migrations resume h-1 [~ handoff h-1: goes on]",
                        "alice: migrations pause h-1 [~ handoff h-1: paused]");
    }

    @Test
    void aPauseEndsAFreezeInTheSameWrite() throws Exception {
        write(pool().withHandoff(handoff("h-1").in(HandoffState.FREEZE)));

        desk.apply(new PauseHandoff("alpha", "h-1"), "alice", ANY);

        assertThat(handoff("h-1").state()).isEqualTo(HandoffState.COPY);
        assertThat(handoff("h-1").attempt()).isEqualTo(1);
        assertThat(orders("h-1").paused()).isTrue();
    }

    @Test
    void limitsChangeOneByOneAndCanBeTakenBack() throws Exception {
        desk.apply(new LimitHandoff("alpha", "h-1", Map.of(HandoffLimit.KEYS_PER_SECOND, 1000L)), "alice", ANY);
        desk.apply(
                new LimitHandoff(
                        "alpha",
                        "h-1",
                        Map.of(HandoffLimit.KEYS_PER_SECOND, 0L, HandoffLimit.BYTES_PER_SECOND, 1L << 20)),
                "alice",
                ANY);

        assertThat(orders("h-1").limits()).containsExactly(Map.entry(HandoffLimit.BYTES_PER_SECOND, 1L << 20));
        assertThat(cluster.historyEntries().get(0).lines())
                .containsExactly(
                        "~ handoff h-1: keys_per_second 1000 -> auto",
                        "~ handoff h-1: bytes_per_second auto -> 1048576");
        assertThatThrownBy(() -> desk.plan(new LimitHandoff("alpha", "h-1", Map.of())))
                .hasMessageStartingWith("which limit? Say at least one of keys_per_second, bytes_per_second");
        assertThatThrownBy(
                        () -> desk.plan(new LimitHandoff("alpha", "h-7", Map.of(HandoffLimit.KEYS_PER_SECOND, 1000L))))
                .hasMessageContaining("there is no handoff 'h-7'")
                .hasMessageContaining("ctl migrations");
    }

    @Test
    void howToMoveIsWrittenDownBeforeTheHandoffIsThere() throws Exception {
        Orders wanted = new Orders(EngineWish.TRACK, Map.of(HandoffLimit.KEYS_PER_SECOND, 500L), false);
        BeginHandoff begin = new BeginHandoff("alpha", "h-2", SlotSet.range(8192, 8200), "b", "a", wanted);

        desk.apply(begin, "alice", ANY);

        assertThat(orders("h-2")).isEqualTo(wanted);
        assertThat(cluster.historyEntries().get(0).lines())
                .contains("~ handoff h-2: engine auto -> track", "~ handoff h-2: keys_per_second auto -> 500")
                .anyMatch(line -> line.startsWith("+ pool alpha"));
    }

    @Test
    void aReplicaIsRefusedWhereItCannotBeMeant() {
        write(pool().withoutHandoff("h-1"));
        Orders replica = new Orders(EngineWish.REPLICA, Map.of(), false);

        assertThatThrownBy(() -> new BeginHandoff("alpha", "h-2", SlotSet.range(8192, 8200), "b", "a", replica)
                        .applyTo(cluster.topology()))
                .hasMessage("""
                        engine replica moves everything or nothing, and 'b' owns 8192-16383; expected those, or another engine
                        engine replica makes 'a' a copy of the source, but it owns slots; expected a shard without any, or another engine""");
    }

    @Test
    void aShardThatBecomesAReplicaIsLeftAloneUntilTheSwitch() throws Exception {
        Orders replica = new Orders(EngineWish.REPLICA, Map.of(), false);
        SlotPool pool = pool().withoutHandoff("h-1");
        SlotSet freeSlots = SlotSet.range(8192, 16383);
        Shard free = pool.shard("b").orElseThrow();
        write(pool.withShard(free.withSlots(SlotSet.range(9000, 16383)))
                .withShard(new Shard("c", ServerAddress.tcp("127.0.0.1", 7003), List.of(), SlotSet.EMPTY)));

        desk.apply(new BeginHandoff("alpha", "h-2", SlotSet.range(0, 8191), "a", "c", replica), "alice", ANY);
        desk.apply(new BeginHandoff("alpha", "h-3", SlotSet.range(9000, 9009), "b", "c"), "bob", ANY);

        assertThat(handoff("h-2").wholeServer()).isTrue();
        assertThat(pool().handoffs()).containsOnlyKeys("h-2");
        assertThat(Turns.obstacles(pool(), pool().waiting().values().iterator().next()))
                .containsExactly(
                        "handoff h-2 makes shard c a replica, which loses what others bring, until it is switched");
        assertThatThrownBy(() -> desk.plan(new AssignSlots("alpha", "c", SlotSet.range(8192, 8999), false)))
                .hasMessageContaining("shard 'c' is made a replica by handoff h-2");
        Topology spread = new SpreadSlots("alpha").applyTo(cluster.topology());
        assertThat(spread.slotPool("alpha")
                        .orElseThrow()
                        .shard("c")
                        .orElseThrow()
                        .slots()
                        .isEmpty())
                .isTrue();
        assertThat(spread.slotPool("alpha").orElseThrow().unowned().intersects(freeSlots))
                .isFalse();

        write(pool().withOwner(SlotSet.range(0, 8191), "c")
                .withHandoff(handoff("h-2").in(HandoffState.SWITCHED)));
        assertThat(Turns.obstacles(pool(), pool().waiting().values().iterator().next()))
                .isEmpty();
    }

    @Test
    void aReplicaIsRefusedWhereOthersBringKeys() {
        Orders replica = new Orders(EngineWish.REPLICA, Map.of(), false);
        SlotPool pool = pool().withoutHandoff("h-1");
        write(pool.withShard(new Shard("c", ServerAddress.tcp("127.0.0.1", 7003), List.of(), SlotSet.EMPTY))
                .withHandoff(Handoff.begin("h-3", SlotSet.range(9000, 9009), "b", "c", 1)));

        assertThatThrownBy(() -> desk.plan(new BeginHandoff("alpha", "h-2", SlotSet.range(0, 8191), "a", "c", replica)))
                .hasMessageContaining("engine replica makes 'c' a copy of the source, but 'h-3' has to do with it");
    }

    // ---- rollback

    @Test
    void noReplicaBringsSlotsBackToAShardThatMayHaveOthers() {
        switchIt();
        Orders replica = new Orders(EngineWish.REPLICA, Map.of(), false);

        assertThatThrownBy(() -> desk.plan(new RollBackHandoff("alpha", "h-1", "h-2", replica)))
                .hasMessageContaining("take another engine");
        assertThat(pool().handoffs()).containsOnlyKeys("h-1");
    }

    @Test
    void aRollbackAfterTheSwitchIsAHandoffInTheOtherDirectionInstead() throws Exception {
        switchIt();
        long epoch = cluster.topology().epoch();

        desk.apply(new RollBackHandoff("alpha", "h-1", "h-2", Orders.NONE), "alice", ANY);

        assertThat(pool().handoffs()).containsOnlyKeys("h-2");
        assertThat(handoff("h-2")).isEqualTo(Handoff.begin("h-2", MOVING, "b", "a", epoch + 1));
        assertThat(pool().shard("b").orElseThrow().slots().containsAll(MOVING)).isTrue();
        assertThat(cluster.historyEntries().get(0).title()).isEqualTo("migrations rollback h-1 (h-2)");
    }

    @Test
    void aRollbackBeforeTheSwitchIsAnAbort() throws Exception {
        desk.apply(new RollBackHandoff("alpha", "h-1", "h-2", Orders.NONE), "alice", ANY);

        assertThat(pool().handoffs()).isEmpty();
        assertThat(pool().shard("a").orElseThrow().slots().containsAll(MOVING)).isTrue();
    }

    @Test
    void whatIsOverCannotBeRolledBackAndThatIsSaid() {
        assertThatThrownBy(() -> new RollBackHandoff("alpha", "h-9", "h-2", Orders.NONE).applyTo(cluster.topology()))
                .isInstanceOf(ChangeRefusedException.class)
                .hasMessageContaining("'ctl slots move' moves slots back");
    }
}
