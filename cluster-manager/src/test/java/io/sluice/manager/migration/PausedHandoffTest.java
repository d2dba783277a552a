package io.sluice.manager.migration;

import static io.sluice.manager.migration.FakePlane.MOVING;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.store.Orders;
import io.sluice.manager.store.StoreException;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A handoff that people pause, resume and roll back, step by step. */
class PausedHandoffTest {

    private final FakePlane plane = new FakePlane();
    private final FakeMover mover = new FakeMover();
    private final HandoffDrive drive = plane.drive(mover);

    private void pause(boolean on) {
        drive.order(Orders.NONE.paused(on));
    }

    private HandoffState state() {
        return plane.handoff().orElseThrow().state();
    }

    private String step() {
        return drive.status().orElseThrow().step();
    }

    @Test
    void aPausedMoveIsNotBegunAndNotFrozen() throws StoreException {
        pause(true);
        plane.round(drive);
        plane.round(drive);
        assertThat(mover.asked).isEmpty();
        assertThat(step()).startsWith("paused before the copy");

        pause(false);
        plane.round(drive);
        assertThat(mover.asked).containsExactly("begin");
        pause(true);
        plane.pass(Duration.ofMinutes(10));
        plane.round(drive);
        assertThat(state()).isEqualTo(HandoffState.COPY);
        assertThat(step()).startsWith("paused");

        pause(false);
        plane.round(drive);
        assertThat(state()).isEqualTo(HandoffState.FREEZE);
    }

    @Test
    void aFreezeIsGivenUpForAPauseAndTheCopyFollows() throws StoreException {
        plane.round(drive);
        plane.round(drive);
        assertThat(state()).isEqualTo(HandoffState.FREEZE);

        pause(true);
        plane.round(drive);

        assertThat(state()).isEqualTo(HandoffState.COPY);
        assertThat(mover.asked).containsExactly("begin", "follow");
        plane.pass(Duration.ofMinutes(1));
        plane.round(drive);
        assertThat(state()).isEqualTo(HandoffState.COPY);
        assertThat(drive.status().orElseThrow().lastError()).isEmpty();
    }

    @Test
    void aFreezeIsEndedWhenAnotherIsToGoOn() throws StoreException {
        plane.round(drive);
        drive.endFreeze(plane.read());
        assertThat(plane.topology().epoch()).as("there is no freeze yet").isEqualTo(1);
        plane.round(drive);
        assertThat(state()).isEqualTo(HandoffState.FREEZE);

        drive.endFreeze(plane.read());

        assertThat(state()).isEqualTo(HandoffState.COPY);
    }

    @Test
    void aCopyThatEndsWhilePausedBeginsAnewWhenResumed() throws StoreException {
        mover.caughtUp = false;
        plane.round(drive);
        pause(true);
        mover.failure = new Mover.Failure(true, "the spool is full");
        plane.pass(Duration.ofMinutes(10));
        plane.round(drive);
        plane.round(drive);
        assertThat(mover.asked).containsExactly("begin");
        assertThat(drive.status().orElseThrow().lastError()).isEqualTo("the spool is full");

        pause(false);
        plane.pass(HandoffRules.DEFAULT.repeatPause());
        plane.round(drive);
        plane.round(drive);

        assertThat(mover.asked).containsExactly("begin", "begin");
    }

    @Test
    void theSourceIsNotCleanedWhilePaused() throws StoreException {
        switchIt();
        pause(true);
        plane.pass(Duration.ofHours(1));
        plane.round(drive);
        assertThat(mover.asked).doesNotContain("clean");
        assertThat(drive.status().orElseThrow().done()).isEqualTo(1);
        assertThat(step()).isEqualTo("switched; paused: the source is cleaned when you resume");

        pause(false);
        plane.round(drive);
        assertThat(mover.asked).endsWith("close", "clean");
    }

    @Test
    void whatWasRolledBackTakesNothingOffAndKeepsItsConnectionsWrittenDown() throws StoreException {
        switchIt();
        plane.write(
                plane.pool().withoutHandoff(FakePlane.HANDOFF).withHandoff(Handoff.begin("h-2", MOVING, "b", "a", 9)));
        plane.pass(Duration.ofHours(1));

        assertThat(plane.round(drive)).isFalse();

        assertThat(mover.asked).doesNotContain("clean", "purge").endsWith("close");
        assertThat(drive.leavesNothing())
                .as("an earlier manager's cleanup may be on its way: the handoff back ends it")
                .isFalse();
    }

    @Test
    void whoTookOverAfterTheSwitchLeavesARolledBackMoveAlone() throws StoreException {
        switchIt();
        FakeMover next = new FakeMover();
        HandoffDrive taken = plane.drive(next);
        plane.round(taken);
        plane.write(plane.pool().withoutHandoff(FakePlane.HANDOFF));

        assertThat(plane.round(taken)).isFalse();

        assertThat(next.asked).containsExactly("close");
        assertThat(taken.leavesNothing()).isFalse();
    }

    private void switchIt() throws StoreException {
        plane.round(drive);
        plane.round(drive);
        plane.round(drive);
        assertThat(state()).isEqualTo(HandoffState.SWITCHED);
    }
}
