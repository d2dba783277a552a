package io.sluice.manager.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.manager.store.ConnectionBook;
import io.sluice.manager.store.HistoryEntry;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.manager.testing.MemoryCluster;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ClusterDeskTest {

    private static final OptionalLong ANY = OptionalLong.empty();

    private final MemoryCluster cluster = new MemoryCluster();
    private final ChangeDesk desk = new ClusterDesk(cluster.cluster(), () -> MemoryCluster.NOW);

    private static TopologyChange create(String pool) {
        return new CreateSlotPool(pool, PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER);
    }

    private Topology with(String pool) throws ChangeRefusedException {
        return create(pool).applyTo(cluster.topology());
    }

    @Test
    void aPlanChangesNothing() throws Exception {
        ChangePlan plan = desk.plan(create("sessions"));

        assertThat(plan.lines()).containsExactly("+ pool sessions: redis, 16384 slots (crc16), 0 shards");
        assertThat(plan.before().epoch()).isZero();
        assertThat(cluster.topology()).isEqualTo(Topology.NONE);
        assertThat(cluster.historyEntries()).isEmpty();
    }

    @Test
    void whatIsAppliedIsWrittenDown() throws Exception {
        ChangePlan done = desk.apply(create("sessions"), "alice", OptionalLong.of(0));

        assertThat(done.after().epoch()).isEqualTo(1);
        assertThat(cluster.topology().pool("sessions")).isPresent();
        assertThat(cluster.historyEntries())
                .containsExactly(
                        new HistoryEntry(MemoryCluster.NOW, "alice", "pool create sessions", 0, 1, done.lines()));
    }

    @Test
    void aShardGetsNoSlotsThatAreBeingTakenOffIt() throws Exception {
        cluster.with(Changes.TWO_SHARDS);
        ConnectionBook book = cluster.cluster().connections();
        book.open("h-9", new ConnectionBook.Cargo("sessions", "100-199", "s1", "s2"));
        book.open("h-10", new ConnectionBook.Cargo("sessions", "300-301", "s1", "s3"));

        assertThatThrownBy(() -> desk.apply(assign("s2", 199, 200), "alice", ANY))
                .isInstanceOf(ChangeRefusedException.class)
                .hasMessage(
                        "shard 's2' is being cleared of slots 100-199 (100), which 'h-9' had brought there before it was"
                                + " aborted: wait until that is done, or bring them with 'ctl slots move'");
        assertThat(cluster.topology()).isEqualTo(Changes.TWO_SHARDS);
        desk.apply(assign("s3", 199, 200), "alice", ANY);
        book.close("h-9");
        desk.apply(assign("s2", 199, 200), "alice", ANY);
    }

    @Test
    void saysWhyAShardStillHasWhatMustBeTakenOffIt() throws Exception {
        cluster.with(Changes.TWO_SHARDS);
        cluster.cluster().connections().open("h-9", new ConnectionBook.Cargo("sessions", "100-199", "s1", "s2"));
        ClusterDesk told = new ClusterDesk(
                cluster.cluster(), () -> MemoryCluster.NOW, handoff -> Optional.of(handoff + " finds nobody at home"));

        assertThatThrownBy(() -> told.apply(assign("s2", 199, 200), "alice", ANY))
                .isInstanceOf(ChangeRefusedException.class)
                .hasMessageContaining("until that is done (the last try failed: h-9 finds nobody at home), or bring");
    }

    @Test
    void slotsThatAHandoffHasBroughtAreTheirShardsOwn() throws Exception {
        cluster.with(Changes.MOVING);
        ConnectionBook book = cluster.cluster().connections();
        book.open("h-42", new ConnectionBook.Cargo("sessions", "100-199", "s1", "s2")); // under way
        book.open("h-41", new ConnectionBook.Cargo("sessions", "8192-8200", "s1", "s2")); // arrived

        desk.apply(assign("s2", 300, 301), "alice", ANY);
        desk.apply(assign("s3", 8192, 8192), "alice", ANY);

        assertThat(cluster.historyEntries()).hasSize(2);
    }

    @Test
    void ofSlotsThatHaveArrivedInPartTheRestIsBeingTakenOff() throws Exception {
        cluster.with(Changes.TWO_SHARDS);
        desk.apply(assign("s2", 100, 120), "alice", ANY);
        cluster.cluster().connections().open("h-9", new ConnectionBook.Cargo("sessions", "100-199", "s1", "s2"));

        assertThatThrownBy(() -> desk.apply(assign("s2", 199, 200), "alice", ANY))
                .isInstanceOf(ChangeRefusedException.class)
                .hasMessageContaining("cleared of slots 121-199");
    }

    private static TopologyChange assign(String shard, int first, int last) {
        return new AssignSlots("sessions", shard, SlotSet.range(first, last), true);
    }

    @Test
    void whatChangesNothingIsNotWritten() throws Exception {
        cluster.with(Changes.TWO_SHARDS);

        ChangePlan done =
                desk.apply(new PromoteReplica("sessions", "s1", Changes.address("10.0.0.1:6379")), "sentinel", ANY);

        assertThat(done.isEmpty()).isTrue();
        assertThat(cluster.topology()).isEqualTo(Changes.TWO_SHARDS);
        assertThat(cluster.historyEntries()).isEmpty();
    }

    @Test
    void aChangePlannedForAnotherEpochIsRefused() throws Exception {
        desk.apply(create("one"), "alice", ANY);

        assertThatThrownBy(() -> desk.apply(create("two"), "bob", OptionalLong.of(0)))
                .isInstanceOfSatisfying(
                        ChangeRefusedException.class,
                        refused -> assertThat(refused.isStale()).isTrue())
                .hasMessageContaining("at epoch 1 by now, not 0");
        assertThat(cluster.topology().pools()).containsOnlyKeys("one");
    }

    @Test
    void isComparedAnewWhenSomebodyWritesInBetween() throws Exception {
        cluster.intrude(with("theirs"), 1);

        ChangePlan done = desk.apply(create("ours"), "alice", ANY);

        assertThat(cluster.topology().pools()).containsOnlyKeys("theirs", "ours");
        assertThat(done.before().epoch()).isEqualTo(1);
        assertThat(done.after().epoch()).isEqualTo(2);
    }

    @Test
    void doesNotGoOverWhatSomebodyWroteSinceThePlan() throws Exception {
        cluster.intrude(with("theirs"), 1);

        assertThatThrownBy(() -> desk.apply(create("ours"), "alice", OptionalLong.of(0)))
                .isInstanceOf(ChangeRefusedException.class);
        assertThat(cluster.topology().pools()).containsOnlyKeys("theirs");
    }

    @Test
    void givesUpWhenSomebodyElseIsAlwaysFaster() throws Exception {
        cluster.intrude(with("theirs"), ClusterDesk.MAX_ATTEMPTS);

        assertThatThrownBy(() -> desk.apply(create("ours"), "alice", ANY))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CHANGED_MEANWHILE));
        assertThat(cluster.topology().epoch()).isEqualTo(ClusterDesk.MAX_ATTEMPTS);
    }

    @Test
    void theLastAttemptCounts() throws Exception {
        cluster.intrude(with("theirs"), ClusterDesk.MAX_ATTEMPTS - 1);

        assertThat(desk.apply(create("ours"), "alice", ANY).after().epoch()).isEqualTo(ClusterDesk.MAX_ATTEMPTS);
    }

    @Test
    void aWriteWhoseAnswerWasLostIsFoundByLooking() throws Exception {
        cluster.loseAnswersOfWrites();

        ChangePlan done = desk.apply(create("sessions"), "alice", ANY);

        assertThat(done.after().epoch()).isEqualTo(1);
        assertThat(cluster.historyEntries()).hasSize(1);
    }

    @Test
    void aWriteOfUnknownFateSaysSo() {
        cluster.goDownAtNextWrite();

        assertThatThrownBy(() -> desk.apply(create("sessions"), "alice", ANY))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.OUTCOME_UNKNOWN))
                .hasMessageContaining("may have been applied or not")
                .hasMessageContaining("epoch 0 before");
    }

    @Test
    void whoDoesNotLeadWritesNothing() {
        cluster.ledBy("http://10.0.0.2:9700");

        assertThatThrownBy(() -> desk.apply(create("sessions"), "alice", ANY))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_LEADER));
    }

    @Test
    void whatCannotBeWrittenIntoTheHistoryIsNotDone() {
        cluster.setHistoryDown(true);

        assertThatThrownBy(() -> desk.apply(create("sessions"), "alice", ANY)).isInstanceOf(StoreException.class);

        assertThat(cluster.topology()).isEqualTo(Topology.NONE);
        assertThat(cluster.historyEntries()).isEmpty();
    }

    @Test
    void whatNoProxyCouldReadIsNotWritten() {
        assertThatThrownBy(() -> desk.apply(create("a/b"), "alice", ANY))
                .isInstanceOf(ChangeRefusedException.class)
                .hasMessageContaining("pools.a/b: is no name");
        assertThat(cluster.topology()).isEqualTo(Topology.NONE);
    }
}
