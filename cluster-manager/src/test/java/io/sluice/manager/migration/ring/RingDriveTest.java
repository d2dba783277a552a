package io.sluice.manager.migration.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.migration.Barrier;
import io.sluice.manager.store.StoreException;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingChangeState;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RingDriveTest {

    private static final Duration WINDOW = Duration.ofMinutes(10);
    private static final Duration FENCED = Barrier.fencedAfter(Handoff.LEASE);

    private static final RingServers.Silent AWAY =
            new RingServers.Silent(ServerAddress.tcp("10.0.0.5", 1), "cannot connect to 10.0.0.5:1: refused");

    private final RingPlane cache = RingPlane.ofCache();
    private final RingPlane broker = RingPlane.ofBroker();

    private static RingChangeState state(RingPlane plane) {
        return plane.change().map(RingChange::state).orElseThrow();
    }

    private static RingStatus status(RingDrive drive) {
        return drive.status().orElseThrow();
    }

    private static List<String> servers(RingPlane plane) {
        return plane.ring().definition().servers().stream().map(Server::name).toList();
    }

    /** All the way into the window, with proxies p1 and p2. */
    private RingDrive inWindow() throws StoreException {
        cache.beat("p1", 1);
        cache.beat("p2", 1);
        RingDrive drive = cache.drive();
        cache.settle(drive);
        assertThat(state(cache)).isEqualTo(RingChangeState.WINDOW);
        return drive;
    }

    @Test
    void serversAreLookedAtWhateverTheClockShows() throws StoreException {
        broker.pass(Duration.ofDays(-1)); // clocks like this one may be below zero
        broker.beat("p1", 1);

        broker.settle(broker.drive());

        assertThat(state(broker)).isNotEqualTo(RingChangeState.PREPARE);
    }

    // ---- caches

    @Test
    void aCacheGoesAllTheWayAndEveryStepWaitsForEveryProxy() throws StoreException {
        cache.swept = 7;
        RingDrive drive = cache.drive();
        cache.beat("p1", 1);
        cache.beat("p2", 0);
        cache.round(drive);
        assertThat(status(drive).waitsFor()).containsExactly("proxy p2 serves epoch 0, not 1");
        assertThat(cache.sweeps)
                .as("somebody may still write on the new owners")
                .isZero();
        cache.beat("p2", 1);
        cache.round(drive);
        assertThat(state(cache)).isEqualTo(RingChangeState.PREPARE);
        assertThat(cache.sweeps).isEqualTo(1);
        cache.round(drive);
        assertThat(state(cache)).isEqualTo(RingChangeState.INVALIDATE);
        cache.beat("p1", 2);
        cache.round(drive);
        assertThat(state(cache)).isEqualTo(RingChangeState.INVALIDATE);
        assertThat(status(drive).waitsFor()).containsExactly("proxy p2 serves epoch 1, not 2");
        assertThat(status(drive).swept()).isEqualTo(7);
        cache.beat("p2", 2);
        cache.round(drive);
        assertThat(state(cache)).isEqualTo(RingChangeState.WINDOW);
        cache.pass(WINDOW);
        cache.beat("p1", 2); // not silent, but a step behind
        cache.beat("p2", 3);
        cache.round(drive);
        assertThat(state(cache)).as("p1 has not acknowledged the window").isEqualTo(RingChangeState.WINDOW);
        cache.allBeat();
        cache.round(drive);
        assertThat(state(cache)).isEqualTo(RingChangeState.CLOSING);
        cache.pass(RingChange.CLOSING);
        cache.beat("p1", 3);
        cache.beat("p2", 3);
        cache.round(drive);
        assertThat(status(drive).waitsFor()).hasSize(2);
        cache.allBeat();
        cache.round(drive);
        assertThat(state(cache)).as("marks may still be there").isEqualTo(RingChangeState.CLOSING);
        cache.pass(RingChange.CLOSING);
        cache.allBeat();
        cache.round(drive);

        assertThat(cache.change()).isEmpty();
        assertThat(servers(cache)).containsExactly("a", "b", "c");
        assertThat(cache.history).singleElement().satisfies(entry -> {
            assertThat(entry.title()).isEqualTo("ring change r-1 is done");
            assertThat(entry.epochAfter()).isEqualTo(cache.epoch());
            assertThat(entry.lines()).isNotEmpty();
        });
        assertThat(cache.round(drive)).as("proxies do not know").isTrue();
        assertThat(status(drive).waitsFor()).hasSize(2);
        cache.allBeat();
        assertThat(cache.round(drive)).isFalse();
        assertThat(cache.closed).isTrue();
    }

    @Test
    void aWindowLastsAsLongAsItSays() throws StoreException {
        RingDrive drive = inWindow();
        cache.pass(WINDOW.minusMillis(1));
        cache.settle(drive);
        assertThat(state(cache)).isEqualTo(RingChangeState.WINDOW);
        assertThat(status(drive).ends())
                .contains(cache.change().orElseThrow().entered().plus(WINDOW));

        cache.pass(Duration.ofMillis(1));
        cache.round(drive);

        assertThat(state(cache)).isEqualTo(RingChangeState.CLOSING);
    }

    @Test
    void theNextManagerGoesOnWhereTheStateIs() throws StoreException {
        inWindow();
        cache.pass(WINDOW.dividedBy(2));
        RingDrive next = cache.drive();
        cache.settle(next);
        assertThat(state(cache)).isEqualTo(RingChangeState.WINDOW);

        cache.pass(WINDOW.dividedBy(2));
        cache.settle(next);

        assertThat(state(cache)).isEqualTo(RingChangeState.CLOSING);
        assertThat(cache.sweeps).isEqualTo(1);
    }

    @Test
    void aProxyThatDiesIsWaitedForAsLongAsItsLeaseHolds() throws StoreException {
        RingDrive drive = inWindow();
        cache.write(cache.ring()
                .withChange(
                        cache.change().orElseThrow().in(RingChangeState.CLOSING, cache.epoch() + 1, cache.instant())));
        cache.beat("p1", cache.epoch());
        cache.round(drive);
        cache.pass(FENCED.minusMillis(1));
        cache.round(drive);
        assertThat(status(drive).waitsFor()).hasSize(1);

        cache.pass(Duration.ofMillis(1));
        cache.round(drive);

        assertThat(status(drive).waitsFor()).isEmpty();
    }

    @Test
    void aProxyThatIsSilentBeforeTheLeaseHoldsIsWaitedForWhateverItObeysForSlots() throws StoreException {
        RingDrive drive = cache.drive();
        cache.beat("p1", 0);
        cache.write(cache.ring());
        cache.round(drive);
        cache.pass(Duration.ofHours(24));
        cache.round(drive);

        assertThat(status(drive).waitsFor()).singleElement().asString().contains("silent for 86400 s");
        assertThat(cache.sweeps).isZero();
        cache.beat("p1", cache.epoch());
        cache.round(drive);
        assertThat(cache.sweeps).isEqualTo(1);
    }

    @Test
    void leftoversThatCannotBeTakenOffAreTriedAgain() throws StoreException {
        cache.failure = "10.0.0.7:1 cannot list its keys";
        RingDrive drive = cache.drive();
        cache.settle(drive);
        assertThat(cache.sweeps).isEqualTo(1);
        assertThat(status(drive).lastError()).isEqualTo("10.0.0.7:1 cannot list its keys");
        cache.failure = null;

        cache.pass(RingRules.DEFAULT.repeatPause());
        cache.settle(drive);

        assertThat(state(cache)).isEqualTo(RingChangeState.WINDOW);
        assertThat(status(drive).lastError()).isEmpty();
    }

    @Test
    void theWindowEndsWhenAnOldServerIsAwayForLong() throws StoreException {
        RingDrive drive = inWindow();
        cache.silent = AWAY;
        for (int second = 0; second < 5; second++) {
            cache.pass(Duration.ofSeconds(1));
            cache.settle(drive);
            assertThat(state(cache)).isEqualTo(RingChangeState.WINDOW);
        }
        cache.silent = null;
        cache.pass(Duration.ofSeconds(1));
        cache.settle(drive);
        cache.pass(Duration.ofSeconds(1));
        cache.settle(drive);
        assertThat(state(cache)).as("it is back").isEqualTo(RingChangeState.WINDOW);
        cache.silent = AWAY;

        for (int second = 0; second < 8; second++) {
            cache.pass(Duration.ofSeconds(1));
            cache.settle(drive);
        }

        assertThat(state(cache)).isEqualTo(RingChangeState.CLOSING);
        assertThat(status(drive).lastError()).contains("ends early", "10.0.0.5:1");
    }

    @Test
    void twoServersThatAreAwayOneAfterTheOtherAreNotOneThatIsAwayForLong() throws StoreException {
        RingDrive drive = inWindow();
        for (int second = 0; second < 12; second++) {
            cache.silent = second % 4 < 2
                    ? AWAY
                    : new RingServers.Silent(ServerAddress.tcp("10.0.0.6", 1), "cannot connect to 10.0.0.6:1: refused");
            cache.pass(Duration.ofSeconds(1));
            cache.settle(drive);
        }

        assertThat(state(cache)).isEqualTo(RingChangeState.WINDOW);
    }

    @Test
    void aWindowThatTurnsGoesBackByAWindowInTheOtherDirection() throws StoreException {
        RingDrive drive = inWindow();
        cache.write(cache.ring()
                .withChange(cache.change()
                        .orElseThrow()
                        .in(RingChangeState.INVALIDATE, cache.epoch() + 1, cache.instant())
                        .asTurning()));
        cache.round(drive);
        assertThat(state(cache)).as("nobody has acknowledged it").isEqualTo(RingChangeState.INVALIDATE);

        cache.allBeat();
        cache.round(drive);

        RingChange back = cache.change().orElseThrow();
        assertThat(back.state()).isEqualTo(RingChangeState.WINDOW);
        assertThat(back.back()).isTrue();
        assertThat(servers(cache)).containsExactly("a", "b", "c");
        assertThat(back.next()).extracting(Server::name).containsExactly("a", "b");
        RingDrive other = cache.drive();
        cache.pass(WINDOW);
        cache.settle(other);
        cache.pass(RingChange.CLOSING);
        cache.settle(other);
        assertThat(cache.change()).isEmpty();
        assertThat(servers(cache)).containsExactly("a", "b");
    }

    @Test
    void whatSomebodyAbortedIsLeftAlone() throws StoreException {
        RingDrive drive = cache.drive();
        cache.round(drive);
        cache.write(cache.ring().withoutChange());

        assertThat(cache.round(drive)).isFalse();

        assertThat(cache.closed).isTrue();
        assertThat(cache.history).isEmpty();
    }

    // ---- brokers

    @Test
    void queuesAreEmptiedAndWatchedForAWhile() throws StoreException {
        broker.beat("p1", 1);
        broker.holdings = RingPlane.holdings(3, 0, 0);
        RingDrive drive = broker.drive();
        step(drive, 2);
        assertThat(state(broker)).isEqualTo(RingChangeState.SEALED);
        step(drive, 2);
        assertThat(state(broker)).isEqualTo(RingChangeState.TURNING);
        broker.pass(Duration.ofHours(1));
        broker.round(drive);
        assertThat(state(broker)).as("no silence replaces an acknowledgement").isEqualTo(RingChangeState.TURNING);
        step(drive, 40);
        assertThat(state(broker)).isEqualTo(RingChangeState.DRAINING);
        assertThat(status(drive).step()).isEqualTo("consumers empty the old servers");
        assertThat(status(drive).queues()).isEqualTo(3);
        broker.holdings = RingPlane.holdings(0, 0, 0);
        step(drive, 20);
        broker.holdings = RingPlane.holdings(1, 0, 0);
        step(drive, 2);
        broker.holdings = RingPlane.holdings(0, 0, 0);
        step(drive, 30);
        assertThat(state(broker)).as("the while begins anew").isEqualTo(RingChangeState.DRAINING);

        step(drive, 5);

        assertThat(broker.change()).isEmpty();
        assertThat(servers(broker)).containsExactly("a", "b", "c");
    }

    /** Seconds, with a round and all heartbeats in each. */
    private void step(RingDrive drive, int seconds) throws StoreException {
        for (int i = 0; i < seconds; i++) {
            broker.pass(Duration.ofSeconds(1));
            broker.round(drive);
            if (broker.change().map(RingChange::state).orElse(RingChangeState.DRAINING) != RingChangeState.TURNING
                    || seconds > 3) {
                broker.allBeat();
            }
        }
    }

    @Test
    void whatIsNoQueueOrIsThereAlreadyKeepsItFromTurning() throws StoreException {
        broker.holdings = RingPlane.holdings(0, 2, 0);
        RingDrive drive = broker.drive();
        step(drive, 3);
        assertThat(state(broker)).isEqualTo(RingChangeState.PREPARE);
        assertThat(status(drive).waitsFor())
                .singleElement()
                .asString()
                .contains("2 keys would get another server and are no lists (a hash on 10.0.0.5:1)", "or abort");
        broker.holdings = RingPlane.holdings(0, 0, 1);
        step(drive, 8);
        assertThat(status(drive).waitsFor())
                .singleElement()
                .asString()
                .contains("1 key is at its new server already (a list on 10.0.0.7:1)");
        broker.holdings = RingPlane.holdings(0, 0, 0);

        step(drive, 10);

        assertThat(state(broker)).isEqualTo(RingChangeState.DRAINING);
    }

    @Test
    void nothingGoesToNewServersIfAKeyThatIsNoListHasComeSinceItWasLookedFor() throws StoreException {
        broker.beat("p1", 1);
        RingDrive drive = broker.drive();
        while (state(broker) == RingChangeState.PREPARE) {
            broker.pass(Duration.ofMillis(100));
            broker.round(drive);
        }
        assertThat(state(broker)).isEqualTo(RingChangeState.SEALED);
        broker.holdings = RingPlane.holdings(0, 1, 0); // while not every proxy had sealed it
        broker.allBeat();

        broker.round(drive);
        broker.round(drive);

        assertThat(state(broker)).as("where clients can take it away").isEqualTo(RingChangeState.PREPARE);
        broker.allBeat();
        broker.round(drive);
        assertThat(status(drive).waitsFor())
                .singleElement()
                .asString()
                .contains("1 key would get another server and is no list", "abort: then nothing has changed");
        broker.holdings = RingPlane.holdings(0, 0, 0);
        step(drive, 10);
        assertThat(state(broker)).isEqualTo(RingChangeState.DRAINING);
    }

    @Test
    void whatWasFoundBeforeItWasSealedIsNotTakenForWhatIsThereThen() throws StoreException {
        broker.beat("p1", 1);
        RingDrive drive = broker.drive();
        broker.round(drive); // looks, and nothing is in the way
        broker.write(broker.ring()
                .withChange(broker.change()
                        .orElseThrow()
                        .in(RingChangeState.SEALED, broker.epoch() + 1, broker.instant())));
        broker.holdings = RingPlane.holdings(0, 1, 0); // while not every proxy had sealed it
        broker.allBeat();

        for (int second = 0; second < 3; second++) {
            broker.pass(Duration.ofSeconds(1));
            broker.round(drive);
        }

        assertThat(state(broker)).isEqualTo(RingChangeState.PREPARE);
    }

    @Test
    void whatIsSealedInVainIsSealedMoreAndMoreRarely() throws StoreException {
        broker.beat("p1", 1);
        RingDrive drive = broker.drive();
        List<Integer> seconds = new ArrayList<>();
        for (int time = 0; time < 7; time++) {
            broker.holdings = RingPlane.holdings(0, 0, 0);
            seconds.add(secondsUntil(RingChangeState.SEALED, drive));
            broker.holdings = RingPlane.holdings(0, 1, 0);
            assertThat(secondsUntil(RingChangeState.PREPARE, drive)).isEqualTo(2);
        }

        // sent out in one second, back in the next
        assertThat(seconds).containsExactly(2, 5 + 1, 10 + 1, 20 + 1, 40 + 1, 60 + 1, 60 + 1);
    }

    private int secondsUntil(RingChangeState wanted, RingDrive drive) throws StoreException {
        int seconds = 0;
        while (state(broker) != wanted && seconds < 1000) {
            broker.pass(Duration.ofSeconds(1));
            broker.allBeat();
            broker.round(drive);
            seconds++;
        }
        return seconds;
    }

    @Test
    void clientsAreNotRefusedAnythingWhileAServerCannotBeAsked() throws StoreException {
        RingDrive drive = broker.drive();
        while (state(broker) == RingChangeState.PREPARE) {
            broker.pass(Duration.ofMillis(100));
            broker.round(drive);
        }
        broker.failure = "10.0.0.5:1 refused the connection";

        broker.round(drive);
        broker.round(drive);

        assertThat(state(broker)).isEqualTo(RingChangeState.PREPARE);
        assertThat(status(drive).lastError()).contains("refused the connection");
        broker.failure = null;
        step(drive, 10);
        assertThat(state(broker)).isEqualTo(RingChangeState.DRAINING);
    }

    @Test
    void nothingIsFoundForGoodBeforeEveryProxyHasSealedIt() throws StoreException {
        broker.beat("p1", 1);
        broker.beat("p2", 1);
        RingDrive drive = broker.drive();
        while (state(broker) == RingChangeState.PREPARE) {
            broker.pass(Duration.ofMillis(100));
            broker.round(drive);
        }
        broker.beat("p1", broker.epoch());
        broker.holdings = RingPlane.holdings(0, 1, 0); // by p2, which may still do that

        for (int second = 0; second < 10; second++) {
            broker.pass(Duration.ofSeconds(1));
            broker.round(drive);
        }

        assertThat(state(broker)).isEqualTo(RingChangeState.SEALED);
        assertThat(status(drive).waitsFor()).singleElement().asString().contains("proxy p2 serves epoch 1");
    }

    @Test
    void aKeyThatIsNoListKeepsADrainFromItsEndAndNotFromGoingBack() throws StoreException {
        broker.beat("p1", 1);
        RingDrive drive = broker.drive();
        step(drive, 6);
        assertThat(state(broker)).isEqualTo(RingChangeState.DRAINING);
        broker.holdings = RingPlane.holdings(2, 1, 0); // written past the proxies
        step(drive, 40);
        assertThat(state(broker)).isEqualTo(RingChangeState.DRAINING);
        assertThat(status(drive).waitsFor())
                .containsExactly(
                        "2 queues at their old servers have elements that nobody has taken (a list on 10.0.0.5:1)",
                        "1 key at the old server is no list (a hash on 10.0.0.5:1), and nobody moves it; delete it"
                                + " (DEL is served), or abort: then it stays where it was");
        broker.write(broker.ring().withChange(broker.change().orElseThrow().asTurning()));
        broker.holdings = RingPlane.holdings(0, 1, 0);

        step(drive, 40);

        assertThat(broker.change().orElseThrow().back()).isTrue();
        broker.holdings = RingPlane.holdings(0, 0, 1); // the same key: it is to be where it is
        step(broker.drive(), 60);
        assertThat(broker.change()).isEmpty();
        assertThat(servers(broker)).containsExactly("a", "b");
    }

    @Test
    void queuesThatTurnAreEmptiedThenBegunInTheOtherDirection() throws StoreException {
        broker.beat("p1", 1);
        broker.holdings = RingPlane.holdings(1, 0, 0);
        RingDrive drive = broker.drive();
        step(drive, 6);
        assertThat(state(broker)).isEqualTo(RingChangeState.DRAINING);
        broker.write(broker.ring().withChange(broker.change().orElseThrow().asTurning()));
        step(drive, 40);
        assertThat(broker.change().orElseThrow().back())
                .as("old has messages older than those on new")
                .isFalse();
        broker.holdings = RingPlane.holdings(0, 0, 0);
        step(drive, 33);

        assertThat(broker.change().orElseThrow().back()).isTrue();
        assertThat(state(broker)).as("nothing else can arrive").isEqualTo(RingChangeState.SEALED);
        assertThat(broker.change().orElseThrow().next())
                .extracting(Server::name)
                .containsExactly("a", "b");
        RingDrive other = broker.drive();
        step(other, 40);
        assertThat(broker.change()).isEmpty();
        assertThat(servers(broker)).containsExactly("a", "b");
    }

    @Test
    void aServerThatCannotBeAskedCountsAsNotEmpty() throws StoreException {
        RingDrive drive = broker.drive();
        step(drive, 6);
        assertThat(state(broker)).isEqualTo(RingChangeState.DRAINING);
        step(drive, 20);
        broker.failure = "10.0.0.5:1 refused the connection";
        step(drive, 40);
        assertThat(state(broker)).isEqualTo(RingChangeState.DRAINING);
        assertThat(status(drive).lastError()).contains("refused the connection");
        broker.failure = null;
        step(drive, 30);
        assertThat(state(broker)).as("the while begins anew").isEqualTo(RingChangeState.DRAINING);

        step(drive, 10);

        assertThat(broker.change()).isEmpty();
    }
}
