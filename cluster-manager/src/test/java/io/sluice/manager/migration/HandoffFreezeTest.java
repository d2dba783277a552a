package io.sluice.manager.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Freezes: how long, how often, and what ends them without a switch. */
class HandoffFreezeTest {

    private static final Duration BUDGET = Handoff.FREEZE_BUDGET;

    private final FakePlane plane = new FakePlane();
    private final FakeMover mover = new FakeMover();
    private final HandoffDrive drive = plane.drive(mover);

    @Test
    void aFreezeThatIsNotAcknowledgedInTimeIsGivenUpAndTriedAgainAfterAPause() throws StoreException {
        List<Long> pauses = new ArrayList<>();
        plane.beat("p1", 1);
        plane.round(drive);
        for (int attempt = 1; attempt <= 8; attempt++) {
            long copySince = plane.nanos();
            while (plane.handoff().orElseThrow().state() == HandoffState.COPY) {
                plane.pass(Duration.ofMillis(500));
                plane.allBeat();
                plane.round(drive);
            }
            pauses.add(Duration.ofNanos(plane.nanos() - copySince).toSeconds());
            plane.pass(BUDGET.minusMillis(1));
            plane.round(drive);
            assertThat(plane.state()).isEqualTo(HandoffState.FREEZE);
            plane.pass(Duration.ofMillis(1));
            plane.round(drive);
            assertThat(plane.state()).isEqualTo(HandoffState.COPY);
            assertThat(plane.handoff().orElseThrow().attempt()).isEqualTo(attempt);
        }
        assertThat(pauses).containsExactly(0L, 1L, 2L, 4L, 8L, 16L, 32L, 60L);
        assertThat(mover.asked).startsWith("begin", "follow").doesNotContain("drain");
        assertThat(drive.status().orElseThrow().lastFreeze()).isEqualTo(BUDGET);
    }

    @Test
    void freezesAreShortAndOnlyWhereNoneCanBeMayTheyLastLonger() throws StoreException {
        HandoffDrive patient = plane.drive(mover, HandoffRules.DEFAULT);
        List<Long> freezes = new ArrayList<>();
        plane.beat("p1", 1);
        plane.round(patient);
        for (int attempt = 1; attempt <= 8; attempt++) {
            while (plane.handoff().orElseThrow().state() == HandoffState.COPY) {
                plane.pass(Duration.ofMillis(500));
                plane.allBeat();
                plane.round(patient);
            }
            while (plane.handoff().orElseThrow().state() == HandoffState.FREEZE) {
                plane.pass(Duration.ofMillis(10));
                plane.round(patient);
            }
            freezes.add(patient.status().orElseThrow().lastFreeze().toMillis());
        }
        assertThat(freezes).containsExactly(120L, 120L, 120L, 240L, 480L, 960L, 1500L, 1500L);
        assertThat(mover.asked).containsOnly("begin", "follow");
    }

    @Test
    void afterTwentyFreezesItStaysInCopyAndSaysSo() throws StoreException {
        Handoff tried = plane.handoff().orElseThrow();
        for (int i = 0; i < 20; i++) {
            tried = tried.in(HandoffState.FREEZE);
        }
        plane.write(plane.pool().withHandoff(tried.in(HandoffState.COPY)));
        plane.round(drive);

        plane.round(drive);

        assertThat(plane.state()).isEqualTo(HandoffState.COPY);
        assertThat(drive.status().orElseThrow().step()).startsWith("gave up after 20 freezes");
    }

    @Test
    void aDrainThatFailsEndsTheFreezeAndTheCopyFollows() throws StoreException {
        mover.drainProblem = "the target is slow";
        plane.round(drive);
        plane.round(drive);

        plane.round(drive);

        assertThat(plane.state()).isEqualTo(HandoffState.COPY);
        assertThat(mover.asked).containsExactly("begin", "drain", "follow");
    }

    @Test
    void aGateThatDoesNotCloseEndsTheFreezeAndTheCopyBeginsAnew() throws StoreException {
        mover.gateProblem = "connections are still open";
        plane.round(drive);
        plane.round(drive);
        plane.round(drive);
        assertThat(plane.state()).isEqualTo(HandoffState.COPY);

        plane.round(drive);

        assertThat(mover.asked).containsExactly("begin", "drain", "gate", "begin");
    }

    @Test
    void keysThatAreOverTooLateAreNotSwitched() throws StoreException {
        mover.onDrain = () -> plane.pass(BUDGET);
        plane.round(drive);
        plane.round(drive);

        plane.round(drive);

        assertThat(plane.state()).isEqualTo(HandoffState.COPY);
        assertThat(mover.asked).containsExactly("begin", "drain", "follow");
    }

    @Test
    void aGateThatIsClosedTooLateEndsTheFreezeAndTheCopy() throws StoreException {
        mover.onGate = () -> plane.pass(BUDGET);
        plane.round(drive);
        plane.round(drive);

        plane.round(drive);

        assertThat(plane.state()).isEqualTo(HandoffState.COPY);
        assertThat(mover.asked).containsExactly("begin", "drain", "gate");
    }

    @Test
    void aSwitchThatIsLateButNotOverGoesOnOnceTheGateIsClosed() throws StoreException {
        HandoffDrive quick = plane.drive(mover, HandoffRules.DEFAULT);
        mover.onGate = () -> plane.pass(BUDGET.minusMillis(1));
        plane.round(quick);
        plane.round(quick);

        plane.round(quick);

        assertThat(plane.state()).isEqualTo(HandoffState.SWITCHED);
    }

    @Test
    void aFreezeThatAWatchdogEndedIsNotSwitched() throws StoreException {
        plane.round(drive);
        plane.round(drive);
        mover.onDrain = () -> plane.write(
                plane.pool().withHandoff(plane.handoff().orElseThrow().in(HandoffState.COPY)));

        plane.round(drive);

        assertThat(plane.state()).isEqualTo(HandoffState.COPY);
        plane.round(drive);
        assertThat(mover.asked)
                .as("the gate is closed, so the copy begins anew")
                .containsExactly("begin", "drain", "gate", "begin");
    }

    @Test
    void aSwitchThatSomebodyElsesChangeHinderedIsWrittenAgain() throws StoreException {
        plane.round(drive);
        plane.round(drive);
        mover.onDrain =
                () -> plane.write(plane.pool().withShard(plane.pool().shard("b").orElseThrow()));
        plane.round(drive);
        assertThat(plane.state()).isEqualTo(HandoffState.FREEZE);

        plane.round(drive);

        assertThat(plane.state()).isEqualTo(HandoffState.SWITCHED);
        assertThat(mover.asked).containsExactly("begin", "drain", "gate");
    }

    @Test
    void aFreezeWhoseBeginningWasNotAnsweredIsGivenUp() throws StoreException {
        plane.round(drive);
        plane.answersOfWritesAreLost = true;
        assertThatThrownBy(() -> plane.round(drive)).isInstanceOf(StoreException.class);
        assertThat(plane.state()).isEqualTo(HandoffState.FREEZE);

        plane.round(drive);

        assertThat(plane.state()).isEqualTo(HandoffState.COPY);
        assertThat(mover.asked).containsExactly("begin");
    }

    @Test
    void aSwitchThatWasNotAnsweredIsSwitched() throws StoreException {
        plane.round(drive);
        plane.round(drive);
        plane.answersOfWritesAreLost = true;
        assertThatThrownBy(() -> plane.round(drive)).isInstanceOf(StoreException.class);

        plane.round(drive);

        assertThat(plane.state()).isEqualTo(HandoffState.SWITCHED);
        assertThat(mover.asked).containsExactly("begin", "drain", "gate");
    }

    @Test
    void whoDoesNotLeadSwitchesNothing() throws StoreException {
        plane.round(drive);
        plane.round(drive);
        plane.refusal = Reason.NOT_LEADER;

        assertThatThrownBy(() -> plane.round(drive)).hasMessage("as the test wants it");

        assertThat(plane.state()).isEqualTo(HandoffState.FREEZE);
        drive.leave();
        assertThat(mover.asked).endsWith("close");
    }
}
