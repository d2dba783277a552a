package io.sluice.manager.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.store.StoreException;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.SlotSet;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Whom a handoff waits for before slots are frozen, and before keys are drained. */
class HandoffBarrierTest {

    private static final Duration FENCED = Barrier.fencedAfter(Handoff.LEASE);

    private final FakePlane plane = new FakePlane();
    private final FakeMover mover = new FakeMover();
    private final HandoffDrive drive = plane.drive(mover);

    @Test
    void nothingIsFrozenBeforeEveryProxyKnowsOfTheHandoff() throws StoreException {
        plane.beat("p1", 0);
        plane.round(drive);

        plane.round(drive);

        assertThat(plane.state()).isEqualTo(HandoffState.COPY);
        assertThat(drive.status().orElseThrow().waitsFor()).containsExactly("proxy p1 serves epoch 0, not 1");
        plane.pass(Duration.ofHours(24));
        plane.round(drive);
        assertThat(drive.status().orElseThrow().waitsFor())
                .containsExactly("proxy p1 serves epoch 0, not 1, silent for 86400 s");
        plane.forget("p1");
        plane.round(drive);
        assertThat(plane.state()).isEqualTo(HandoffState.FREEZE);
    }

    @Test
    void aProxyThatCannotBeUnderstoodIsNeitherCountedNorFenced() throws StoreException {
        plane.steadyLease(Duration.ofSeconds(20));
        plane.beat("p1", 1);
        plane.garble("p1");
        plane.round(drive);

        plane.pass(Duration.ofHours(1));
        plane.round(drive);

        assertThat(plane.state()).isEqualTo(HandoffState.COPY);
        assertThat(drive.status().orElseThrow().waitsFor())
                .containsExactly("proxy p1 cannot be understood: expected a document");
        plane.beat("p1", 1);
        plane.round(drive);
        assertThat(plane.state()).isEqualTo(HandoffState.FREEZE);
    }

    @Test
    void aProxyThatObeysALeaseForAllSlotsIsFencedByItsSilence() throws StoreException {
        plane.steadyLease(Duration.ofSeconds(20));
        plane.beat("p1", 0);
        plane.round(drive);
        plane.round(drive);
        plane.pass(Duration.ofMillis(22_199));
        plane.round(drive);
        assertThat(drive.status().orElseThrow().waitsFor())
                .containsExactly("proxy p1 serves epoch 0, not 1, silent for 22 s");
        assertThat(plane.state()).isEqualTo(HandoffState.COPY);

        plane.pass(Duration.ofMillis(1)); // a tenth more than its lease, and 200 ms
        plane.round(drive);

        assertThat(plane.state()).isEqualTo(HandoffState.FREEZE);
    }

    @Test
    void nothingIsFrozenWhileAProxyIsSilentButNotFenced() throws StoreException {
        plane.beat("p1", 1);
        plane.round(drive);
        plane.pass(Duration.ofMillis(1001));
        plane.round(drive);
        assertThat(drive.status().orElseThrow().waitsFor()).containsExactly("proxy p1 is silent for 1001 ms");
        plane.pass(FENCED.minusMillis(1002));
        plane.round(drive);
        assertThat(plane.state()).isEqualTo(HandoffState.COPY);

        plane.pass(Duration.ofMillis(1));
        plane.round(drive);

        assertThat(plane.state()).isEqualTo(HandoffState.FREEZE);
    }

    @Test
    void nothingIsFrozenBesideAnotherFreeze() throws StoreException {
        Handoff other =
                Handoff.begin("h-2", SlotSet.range(300, 301), "a", "b", 1).in(HandoffState.FREEZE);
        plane.write(plane.pool().withHandoff(other));
        plane.round(drive);

        plane.round(drive);

        assertThat(plane.state()).isEqualTo(HandoffState.COPY);
        assertThat(drive.status().orElseThrow().waitsFor()).containsExactly("handoff h-2 is frozen");
    }

    @Test
    void nothingIsFrozenBeforeItIsKnownThatTheSwitchCanBeMade() throws StoreException {
        mover.switchProblem = "the target lets nobody in";
        plane.round(drive);
        plane.round(drive);

        assertThat(plane.state()).isEqualTo(HandoffState.COPY);
        assertThat(drive.status().orElseThrow().waitsFor()).containsExactly("the target lets nobody in");
        mover.switchProblem = null;
        plane.round(drive);
        assertThat(plane.state()).isEqualTo(HandoffState.FREEZE);
    }

    @Test
    void aSilentProxyIsFencedByTheLeaseThatItHad() throws StoreException {
        plane.beat("p1", 1);
        plane.beat("dead", 1);
        plane.round(drive);
        plane.pass(FENCED);
        plane.beat("p1", 1);
        plane.round(drive);
        assertThat(plane.state()).isEqualTo(HandoffState.FREEZE);
        plane.beat("p1", 2);

        plane.round(drive);

        assertThat(plane.state()).isEqualTo(HandoffState.SWITCHED);
    }

    @Test
    void aProxyThatWakesUpAfterTheFreezeMustAcknowledgeIt() throws StoreException {
        plane.beat("p1", 1);
        plane.round(drive);
        plane.pass(FENCED);
        plane.round(drive);
        assertThat(plane.state()).isEqualTo(HandoffState.FREEZE);
        plane.beat("p1", 1); // it has not seen the freeze yet, but its lease is new

        plane.round(drive);

        assertThat(plane.state()).isEqualTo(HandoffState.FREEZE);
        assertThat(mover.asked).doesNotContain("drain");
    }
}
