package io.sluice.manager.migration;

import static io.sluice.manager.migration.FakePlane.MOVING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.hash.SlotHash;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandoffDriveTest {

    private static final Duration BUDGET = Handoff.FREEZE_BUDGET;
    private static final Duration FENCED = Barrier.fencedAfter(Handoff.LEASE);

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
        assertState(HandoffState.FREEZE);
        plane.round(drive);
        assertThat(mover.asked).as("nothing is drained before the barrier").containsExactly("begin");
        assertThat(waitsFor()).containsExactly("proxy p1 serves epoch 1, not 2", "proxy p2 serves epoch 1, not 2");
        plane.beat("p1", 2);
        plane.round(drive);
        assertThat(waitsFor()).containsExactly("proxy p2 serves epoch 1, not 2");
        plane.beat("p2", 2);
        plane.round(drive);

        assertThat(mover.asked).containsExactly("begin", "drain", "gate");
        assertState(HandoffState.SWITCHED);
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

    // ---- before the copy

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
        assertThat(waitsFor()).containsExactly("ZooKeeper does not answer");

        mover.announceProblem = null;
        plane.round(drive);

        assertThat(mover.asked).containsExactly("begin");
    }

    // ---- before the freeze

    @Test
    void nothingIsFrozenBeforeEveryProxyKnowsOfTheHandoff() throws StoreException {
        plane.beat("p1", 0);
        plane.round(drive);

        plane.round(drive);

        assertState(HandoffState.COPY);
        assertThat(waitsFor()).containsExactly("proxy p1 serves epoch 0, not 1");
        plane.pass(Duration.ofHours(24));
        plane.round(drive);
        assertThat(waitsFor()).containsExactly("proxy p1 serves epoch 0, not 1, silent for 86400 s");
        plane.forget("p1");
        plane.round(drive);
        assertState(HandoffState.FREEZE);
    }

    @Test
    void aProxyThatCannotBeUnderstoodIsNeitherCountedNorFenced() throws StoreException {
        plane.steadyLease(Duration.ofSeconds(20));
        plane.beat("p1", 1);
        plane.garble("p1");
        plane.round(drive);

        plane.pass(Duration.ofHours(1));
        plane.round(drive);

        assertState(HandoffState.COPY);
        assertThat(waitsFor()).containsExactly("proxy p1 cannot be understood: expected a document");
        plane.beat("p1", 1);
        plane.round(drive);
        assertState(HandoffState.FREEZE);
    }

    @Test
    void aProxyThatObeysALeaseForAllSlotsIsFencedByItsSilence() throws StoreException {
        plane.steadyLease(Duration.ofSeconds(20));
        plane.beat("p1", 0);
        plane.round(drive);
        plane.round(drive);
        plane.pass(Duration.ofMillis(22_199));
        plane.round(drive);
        assertThat(waitsFor()).containsExactly("proxy p1 serves epoch 0, not 1, silent for 22 s");
        assertState(HandoffState.COPY);

        plane.pass(Duration.ofMillis(1)); // a tenth more than its lease, and 200 ms
        plane.round(drive);

        assertState(HandoffState.FREEZE);
    }

    @Test
    void nothingIsFrozenWhileAProxyIsSilentButNotFenced() throws StoreException {
        plane.beat("p1", 1);
        plane.round(drive);
        plane.pass(Duration.ofMillis(1001));
        plane.round(drive);
        assertThat(waitsFor()).containsExactly("proxy p1 is silent for 1001 ms");
        plane.pass(FENCED.minusMillis(1002));
        plane.round(drive);
        assertState(HandoffState.COPY);

        plane.pass(Duration.ofMillis(1));
        plane.round(drive);

        assertState(HandoffState.FREEZE);
    }

    @Test
    void nothingIsFrozenBesideAnotherFreeze() throws StoreException {
        Handoff other =
                Handoff.begin("h-2", SlotSet.range(300, 301), "a", "b", 1).in(HandoffState.FREEZE);
        plane.write(plane.pool().withHandoff(other));
        plane.round(drive);

        plane.round(drive);

        assertState(HandoffState.COPY);
        assertThat(waitsFor()).containsExactly("handoff h-2 is frozen");
    }

    @Test
    void aCopyThatIsNotCaughtUpIsWaitedFor() throws StoreException {
        mover.caughtUp = false;
        plane.round(drive);
        plane.round(drive);
        assertState(HandoffState.COPY);
        mover.caughtUp = true;

        plane.round(drive);

        assertState(HandoffState.FREEZE);
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
        assertState(HandoffState.COPY);
        assertThat(mover.asked).containsExactly("begin");

        plane.write(plane.pool().withoutHandoff(FakePlane.HANDOFF));

        assertThat(plane.round(drive)).isFalse();
        assertThat(mover.asked).containsExactly("begin", "close", "purge");
    }

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

    @Test
    void whatTakesItsTimeWaitsWhileClientsWaitForAnother() throws StoreException {
        Handoff other = Handoff.begin("h-2", SlotSet.range(300, 301), "a", "b", 1);
        plane.write(plane.pool().withHandoff(other.in(HandoffState.FREEZE)));
        plane.round(drive);
        assertThat(mover.asked).isEmpty();
        assertThat(waitsFor()).containsExactly("handoff h-2 is frozen");

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

    // ---- the freeze

    @Test
    void aSilentProxyIsFencedByTheLeaseThatItHad() throws StoreException {
        plane.beat("p1", 1);
        plane.beat("dead", 1);
        plane.round(drive);
        plane.pass(FENCED);
        plane.beat("p1", 1);
        plane.round(drive);
        assertState(HandoffState.FREEZE);
        plane.beat("p1", 2);

        plane.round(drive);

        assertState(HandoffState.SWITCHED);
    }

    @Test
    void aProxyThatWakesUpAfterTheFreezeMustAcknowledgeIt() throws StoreException {
        plane.beat("p1", 1);
        plane.round(drive);
        plane.pass(FENCED);
        plane.round(drive);
        assertState(HandoffState.FREEZE);
        plane.beat("p1", 1); // it has not seen the freeze yet, but its lease is new

        plane.round(drive);

        assertState(HandoffState.FREEZE);
        assertThat(mover.asked).doesNotContain("drain");
    }

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
            assertState(HandoffState.FREEZE);
            plane.pass(Duration.ofMillis(1));
            plane.round(drive);
            assertState(HandoffState.COPY);
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
    void nothingIsFrozenBeforeItIsKnownThatTheSwitchCanBeMade() throws StoreException {
        mover.switchProblem = "the target lets nobody in";
        plane.round(drive);
        plane.round(drive);

        assertState(HandoffState.COPY);
        assertThat(drive.status().orElseThrow().waitsFor()).containsExactly("the target lets nobody in");
        mover.switchProblem = null;
        plane.round(drive);
        assertState(HandoffState.FREEZE);
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

        assertState(HandoffState.COPY);
        assertThat(drive.status().orElseThrow().step()).startsWith("gave up after 20 freezes");
    }

    @Test
    void aDrainThatFailsEndsTheFreezeAndTheCopyFollows() throws StoreException {
        mover.drainProblem = "the target is slow";
        plane.round(drive);
        plane.round(drive);

        plane.round(drive);

        assertState(HandoffState.COPY);
        assertThat(mover.asked).containsExactly("begin", "drain", "follow");
    }

    @Test
    void aGateThatDoesNotCloseEndsTheFreezeAndTheCopyBeginsAnew() throws StoreException {
        mover.gateProblem = "connections are still open";
        plane.round(drive);
        plane.round(drive);
        plane.round(drive);
        assertState(HandoffState.COPY);

        plane.round(drive);

        assertThat(mover.asked).containsExactly("begin", "drain", "gate", "begin");
    }

    @Test
    void keysThatAreOverTooLateAreNotSwitched() throws StoreException {
        mover.onDrain = () -> plane.pass(BUDGET);
        plane.round(drive);
        plane.round(drive);

        plane.round(drive);

        assertState(HandoffState.COPY);
        assertThat(mover.asked).containsExactly("begin", "drain", "follow");
    }

    @Test
    void aGateThatIsClosedTooLateEndsTheFreezeAndTheCopy() throws StoreException {
        mover.onGate = () -> plane.pass(BUDGET);
        plane.round(drive);
        plane.round(drive);

        plane.round(drive);

        assertState(HandoffState.COPY);
        assertThat(mover.asked).containsExactly("begin", "drain", "gate");
    }

    @Test
    void aSwitchThatIsLateButNotOverGoesOnOnceTheGateIsClosed() throws StoreException {
        HandoffDrive quick = plane.drive(mover, HandoffRules.DEFAULT);
        mover.onGate = () -> plane.pass(BUDGET.minusMillis(1));
        plane.round(quick);
        plane.round(quick);

        plane.round(quick);

        assertState(HandoffState.SWITCHED);
    }

    @Test
    void aFreezeThatAWatchdogEndedIsNotSwitched() throws StoreException {
        plane.round(drive);
        plane.round(drive);
        mover.onDrain = () -> plane.write(
                plane.pool().withHandoff(plane.handoff().orElseThrow().in(HandoffState.COPY)));

        plane.round(drive);

        assertState(HandoffState.COPY);
        plane.round(drive);
        assertThat(mover.asked)
                .as("the gate is closed, so the copy begins anew")
                .containsExactly("begin", "drain", "gate", "begin");
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

    @Test
    void aSwitchThatSomebodyElsesChangeHinderedIsWrittenAgain() throws StoreException {
        plane.round(drive);
        plane.round(drive);
        mover.onDrain =
                () -> plane.write(plane.pool().withShard(plane.pool().shard("b").orElseThrow()));
        plane.round(drive);
        assertState(HandoffState.FREEZE);

        plane.round(drive);

        assertState(HandoffState.SWITCHED);
        assertThat(mover.asked).containsExactly("begin", "drain", "gate");
    }

    @Test
    void aFreezeWhoseBeginningWasNotAnsweredIsGivenUp() throws StoreException {
        plane.round(drive);
        plane.answersOfWritesAreLost = true;
        assertThatThrownBy(() -> plane.round(drive)).isInstanceOf(StoreException.class);
        assertState(HandoffState.FREEZE);

        plane.round(drive);

        assertState(HandoffState.COPY);
        assertThat(mover.asked).containsExactly("begin");
    }

    @Test
    void aSwitchThatWasNotAnsweredIsSwitched() throws StoreException {
        plane.round(drive);
        plane.round(drive);
        plane.answersOfWritesAreLost = true;
        assertThatThrownBy(() -> plane.round(drive)).isInstanceOf(StoreException.class);

        plane.round(drive);

        assertState(HandoffState.SWITCHED);
        assertThat(mover.asked).containsExactly("begin", "drain", "gate");
    }

    @Test
    void whoDoesNotLeadSwitchesNothing() throws StoreException {
        plane.round(drive);
        plane.round(drive);
        plane.refusal = Reason.NOT_LEADER;

        assertThatThrownBy(() -> plane.round(drive)).hasMessage("as the test wants it");

        assertState(HandoffState.FREEZE);
        drive.leave();
        assertThat(mover.asked).endsWith("close");
    }

    // ---- taking over

    @Test
    void whoFindsAFreezeGivesItUpAndCopiesAnew() throws StoreException {
        plane.round(drive);
        plane.round(drive);
        FakeMover another = new FakeMover();
        HandoffDrive successor = plane.drive(another);

        plane.round(successor);
        assertState(HandoffState.COPY);
        plane.round(successor);

        assertThat(another.asked).containsExactly("begin");
        plane.round(successor);
        assertState(HandoffState.COPY);
        plane.pass(Duration.ofSeconds(1));
        plane.round(successor);
        assertState(HandoffState.FREEZE);
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

    private void assertState(HandoffState state) {
        assertThat(plane.handoff().orElseThrow().state()).isEqualTo(state);
    }

    private List<String> waitsFor() {
        return drive.status().orElseThrow().waitsFor();
    }
}
