package io.sluice.manager.migration;

import static io.sluice.manager.migration.FakePlane.MOVING;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.store.StoreException;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.SlotSet;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A handoff from its copy to its end, whoever brings it forward. */
class HandoffDriveTest {

    private final FakePlane plane = new FakePlane();
    private final FakeMover mover = new FakeMover();
    private final HandoffDrive drive = plane.drive(mover);

    @Test
    void aHandoffGoesAllTheWay() throws StoreException {
        plane.beat("p1", 1);
        plane.beat("p2", 1);

        plane.round(drive);
        assertThat(mover.asked).containsExactly("begin");
        plane.round(drive);
        assertThat(plane.state()).isEqualTo(HandoffState.FREEZE);
        plane.round(drive);
        assertThat(mover.asked).as("nothing is drained before the barrier").containsExactly("begin");
        assertThat(drive.status().orElseThrow().waitsFor())
                .containsExactly("proxy p1 serves epoch 1, not 2", "proxy p2 serves epoch 1, not 2");
        plane.beat("p1", 2);
        plane.round(drive);
        assertThat(drive.status().orElseThrow().waitsFor()).containsExactly("proxy p2 serves epoch 1, not 2");
        plane.beat("p2", 2);
        plane.round(drive);

        assertThat(mover.asked).containsExactly("begin", "drain", "gate");
        assertThat(plane.state()).isEqualTo(HandoffState.SWITCHED);
        assertThat(plane.pool().shard("b").orElseThrow().slots().containsAll(MOVING))
                .isTrue();
        assertThat(plane.pool().shard("a").orElseThrow().slots().intersects(MOVING))
                .isFalse();

        plane.pass(Duration.ofSeconds(59));
        plane.round(drive);
        assertThat(mover.asked).doesNotContain("clean");
        plane.pass(Duration.ofSeconds(1));
        plane.round(drive);
        assertThat(mover.asked).containsExactly("begin", "drain", "gate", "close", "clean");
        assertThat(plane.handoff()).isEmpty();
        assertThat(plane.round(drive)).isFalse();
        assertThat(mover.asked).as("the target owns them: nothing is purged").doesNotContain("purge");
    }

    @Test
    void nothingIsClearedForAHandoffThatIsGoneWhenItIsWrittenDown() throws StoreException {
        mover.onAnnounce =
                () -> plane.write(plane.pool().withoutHandoff(FakePlane.HANDOFF).withOwner(MOVING, "b"));

        plane.round(drive);

        assertThat(mover.asked).as("the slots' new owner is not cleared").isEmpty();
        assertThat(plane.round(drive)).isFalse();
        assertThat(mover.asked).containsExactly("close");
    }

    @Test
    void nothingBeginsThatCannotBeWrittenDown() throws StoreException {
        mover.announceProblem = "ZooKeeper does not answer";
        plane.round(drive);
        assertThat(mover.asked).isEmpty();
        assertThat(drive.status().orElseThrow().waitsFor()).containsExactly("ZooKeeper does not answer");

        mover.announceProblem = null;
        plane.round(drive);

        assertThat(mover.asked).containsExactly("begin");
    }

    @Test
    void aCopyThatIsNotCaughtUpIsWaitedFor() throws StoreException {
        mover.caughtUp = false;
        plane.round(drive);
        plane.round(drive);
        assertThat(plane.state()).isEqualTo(HandoffState.COPY);
        mover.caughtUp = true;

        plane.round(drive);

        assertThat(plane.state()).isEqualTo(HandoffState.FREEZE);
    }

    @Test
    void aCopyThatFailedIsBegunAgainAfterAPauseIfThatMayHelp() throws StoreException {
        plane.round(drive);
        mover.failure = new Mover.Failure(true, "the source went away");
        plane.round(drive);
        plane.round(drive);
        assertThat(mover.asked).containsExactly("begin");
        assertThat(drive.status().orElseThrow().lastError()).isEqualTo("the source went away");

        plane.pass(Duration.ofSeconds(5));
        plane.round(drive);
        plane.round(drive);

        assertThat(mover.asked).containsExactly("begin", "begin");
    }

    @Test
    void aCopyThatNobodyCanHelpStaysWhereItIsUntilItIsAborted() throws StoreException {
        plane.round(drive);
        mover.failure = new Mover.Failure(false, "the target is full");
        plane.pass(Duration.ofHours(1));
        plane.round(drive);
        plane.round(drive);
        assertThat(plane.state()).isEqualTo(HandoffState.COPY);
        assertThat(mover.asked).containsExactly("begin");

        plane.write(plane.pool().withoutHandoff(FakePlane.HANDOFF));

        assertThat(plane.round(drive)).isFalse();
        assertThat(mover.asked).containsExactly("begin", "close", "purge");
    }

    @Test
    void whatTakesItsTimeWaitsWhileClientsWaitForAnother() throws StoreException {
        Handoff other = Handoff.begin("h-2", SlotSet.range(300, 301), "a", "b", 1);
        plane.write(plane.pool().withHandoff(other.in(HandoffState.FREEZE)));
        plane.round(drive);
        assertThat(mover.asked).isEmpty();
        assertThat(drive.status().orElseThrow().waitsFor()).containsExactly("handoff h-2 is frozen");

        plane.write(plane.pool().withHandoff(other));
        plane.round(drive);
        assertThat(mover.asked).containsExactly("begin");

        plane.write(plane.pool().withHandoff(other.in(HandoffState.FREEZE)).withoutHandoff(FakePlane.HANDOFF));
        assertThat(plane.round(drive)).isTrue();
        assertThat(mover.asked).containsExactly("begin", "close");
        plane.write(plane.pool().withoutHandoff("h-2"));
        assertThat(plane.round(drive)).isFalse();
        assertThat(mover.asked).containsExactly("begin", "close", "close", "purge");
    }

    @Test
    void whoFindsAFreezeGivesItUpAndCopiesAnew() throws StoreException {
        plane.round(drive);
        plane.round(drive);
        FakeMover another = new FakeMover();
        HandoffDrive successor = plane.drive(another);

        plane.round(successor);
        assertThat(plane.state()).isEqualTo(HandoffState.COPY);
        plane.round(successor);

        assertThat(another.asked).containsExactly("begin");
        plane.round(successor);
        assertThat(plane.state()).isEqualTo(HandoffState.COPY);
        plane.pass(Duration.ofSeconds(1));
        plane.round(successor);
        assertThat(plane.state()).isEqualTo(HandoffState.FREEZE);
        assertThat(plane.handoff().orElseThrow().attempt()).isEqualTo(2);
    }

    @Test
    void whoFindsASwitchCleansTheSourceAfterAWhile() throws StoreException {
        plane.round(drive);
        plane.round(drive);
        plane.round(drive);
        FakeMover another = new FakeMover();
        HandoffDrive successor = plane.drive(another);
        plane.round(successor);
        assertThat(another.asked).isEmpty();
        another.cleanProblem = "the source does not answer";

        plane.pass(Duration.ofSeconds(60));
        plane.round(successor);
        plane.round(successor);
        assertThat(another.asked).containsExactly("close", "clean");
        another.cleanProblem = null;
        plane.pass(Duration.ofSeconds(5));
        plane.round(successor);

        assertThat(another.asked).containsExactly("close", "clean", "close", "clean");
        assertThat(plane.handoff()).isEmpty();
    }
}
