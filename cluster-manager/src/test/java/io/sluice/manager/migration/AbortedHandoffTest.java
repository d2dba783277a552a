package io.sluice.manager.migration;

import static io.sluice.manager.migration.FakePlane.MOVING;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.store.StoreException;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.hash.SlotHash;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

/** What is taken off the target of a handoff that is gone, and what is not. */
class AbortedHandoffTest {

    private final FakePlane plane = new FakePlane();
    private final FakeMover mover = new FakeMover();
    private final HandoffDrive drive = plane.drive(mover);

    @Test
    void aTargetThatIsAwayIsClearedWhenItIsBack() throws StoreException {
        plane.round(drive);
        mover.purgeProblem = "the target does not answer";
        plane.write(plane.pool().withoutHandoff(FakePlane.HANDOFF));
        assertThat(plane.round(drive)).isTrue();
        assertThat(plane.round(drive)).as("not at once").isTrue();
        assertThat(mover.asked).containsExactly("begin", "close", "purge", "close");
        mover.purgeProblem = null;
        plane.pass(HandoffRules.DEFAULT.repeatPause());

        assertThat(plane.round(drive)).isFalse();

        assertThat(mover.asked).endsWith("purge");
        assertThat(drive.leavesNothing()).isTrue();
    }

    @Test
    void aTargetThatStaysAwayIsGivenUpAndItsConnectionsStayWrittenDown() throws StoreException {
        plane.round(drive);
        mover.purgeProblem = "the target does not answer";
        plane.write(plane.pool().withoutHandoff(FakePlane.HANDOFF));
        for (int i = 1; i < HandoffRules.DEFAULT.maxAttempts(); i++) {
            assertThat(plane.round(drive)).isTrue();
            plane.pass(HandoffRules.DEFAULT.repeatPause());
        }

        assertThat(plane.round(drive)).isFalse();

        assertThat(drive.leavesNothing()).isFalse();
    }

    @Test
    void whatIsOnItsWayToTheSameShardAgainIsNotTakenOffThere() throws StoreException {
        plane.round(drive);
        plane.write(
                plane.pool().withoutHandoff(FakePlane.HANDOFF).withHandoff(Handoff.begin("h-2", MOVING, "a", "b", 2)));

        assertThat(plane.round(drive)).isFalse();

        assertThat(mover.asked).containsExactly("begin", "close");
        assertThat(drive.leavesNothing()).isFalse();
    }

    @Test
    void whatTheTargetOwnsMeanwhileIsNotTakenOffThere() throws StoreException {
        plane.round(drive);
        plane.write(plane.pool().withoutHandoff(FakePlane.HANDOFF).withOwner(MOVING, "b"));

        assertThat(plane.round(drive)).isFalse();

        assertThat(mover.asked).containsExactly("begin", "close");
    }

    @Test
    void whatTheTargetOwnsMeanwhileStaysThereAndTheRestGoes() throws StoreException {
        plane.round(drive);
        SlotSet owned = SlotSet.range(100, 120);
        plane.write(plane.pool().withoutHandoff(FakePlane.HANDOFF).withOwner(owned, "b"));

        assertThat(plane.round(drive)).isFalse();

        assertThat(mover.asked).containsExactly("begin", "close", "purge");
        assertThat(slotsPurged()).isEqualTo(MOVING.without(owned));
        assertThat(drive.leavesNothing()).isTrue();
    }

    @Test
    void whatIsPartlyOnItsWayToTheSameShardAgainIsRememberedAndTheRestGoes() throws StoreException {
        plane.round(drive);
        Handoff other = Handoff.begin("h-2", SlotSet.range(150, 250), "a", "b", 2);
        plane.write(plane.pool().withoutHandoff(FakePlane.HANDOFF).withHandoff(other));

        assertThat(plane.round(drive)).isFalse();

        assertThat(slotsPurged()).isEqualTo(SlotSet.range(100, 149));
        assertThat(drive.leavesNothing()).as("h-2 may be aborted").isFalse();
    }

    @Test
    void whatWasAbortedWhileItWasFrozenIsNotSaidToBeFrozen() throws StoreException {
        plane.round(drive);
        plane.round(drive);
        assertThat(drive.status().orElseThrow().step()).isEqualTo("frozen");
        mover.purgeProblem = "the target does not answer";
        plane.write(plane.pool().withoutHandoff(FakePlane.HANDOFF));

        assertThat(plane.round(drive)).isTrue();

        assertThat(drive.status()).isEmpty();
        assertThat(drive.problemOfPurge()).contains("the target does not answer");
    }

    /** Of those whose keys are numbers. */
    private SlotSet slotsPurged() {
        BitSet slots = new BitSet();
        for (int i = 0; i < 200_000; i++) {
            byte[] key = Integer.toString(i).getBytes(StandardCharsets.US_ASCII);
            if (mover.purged.moves(key)) {
                slots.set(SlotHash.REDIS_CLUSTER.slotOf(key, 0, key.length));
            }
        }
        return SlotSet.of(slots);
    }
}
