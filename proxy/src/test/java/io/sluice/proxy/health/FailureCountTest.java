package io.sluice.proxy.health;

import static io.sluice.proxy.health.HealthTrial.fail;
import static io.sluice.proxy.health.HealthTrial.rule;
import static io.sluice.proxy.health.HealthTrial.succeed;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which failures leave a server out, and which do not. */
class FailureCountTest {

    private final HealthTrial trial = new HealthTrial();
    private final HealthTrial.VirtualTime time = trial.time;
    private final List<String> changes = trial.changes;

    // ---- failures in a row

    @Test
    void ejectsAtTheLimit() {
        HealthBoard board = trial.board(rule(3).build());

        fail(board, 1, 2);
        assertThat(changes).isEmpty();
        fail(board, 1, 1);

        assertThat(changes).containsExactly("[256, 0, 256]");
        assertThat(board.inUse()).isEqualTo(2);
    }

    @Test
    void aLimitOfOneEjectsAtOnce() {
        HealthBoard board = trial.board(rule(1).build());

        fail(board, 0, 1);

        assertThat(changes).containsExactly("[0, 256, 256]");
    }

    @Test
    void successInBetweenBeginsTheCountAnew() {
        HealthBoard board = trial.board(rule(3).build());
        fail(board, 1, 2);

        board.server(1).succeeded();
        fail(board, 1, 2);
        assertThat(changes).isEmpty();
        fail(board, 1, 1);

        assertThat(changes).hasSize(1);
    }

    @Test
    void serversAreCountedApart() {
        HealthBoard board = trial.board(rule(2).build());

        fail(board, 0, 1);
        fail(board, 1, 1);
        fail(board, 2, 1);
        board.server(0).succeeded();
        fail(board, 1, 1);

        assertThat(changes).containsExactly("[256, 0, 256]");
    }

    @Test
    void manyRequestsLostAtOnceAreOneFailureInARow() {
        HealthBoard board = trial.board(rule(2).build());

        board.server(0).failed(Signal.CLOSED, 5_000);

        assertThat(board.server(0).state()).isEqualTo(HealthState.SUSPECT);
    }

    @Test
    void aServerThatFailsOnManyThreadsIsEjectedOnce() throws InterruptedException {
        HealthBoard board = trial.board(rule(1_000).build());
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(new Thread(() -> fail(board, 1, 250)));
        }

        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(changes).containsExactly("[256, 0, 256]");
    }

    @Test
    void withoutEjectionNothingEverChanges() {
        HealthBoard board = trial.board(HealthRule.NONE);

        fail(board, 0, 1_000);

        assertThat(changes).isEmpty();
        assertThat(time.scheduled()).isZero();
        assertThat(board.server(0).state()).isEqualTo(HealthState.UP);
    }

    @Test
    void aServerThatSaysItIsInTroubleCountsOnlyWhereTheRuleSaysSo() {
        HealthBoard counted = trial.board(rule(1).build());
        HealthBoard spared = trial.board(rule(1).troubleReplies(false).build());

        counted.server(0).failed(Signal.TROUBLE_REPLY, 1);
        spared.server(0).failed(Signal.TROUBLE_REPLY, 1);

        assertThat(counted.server(0).state()).isEqualTo(HealthState.EJECTED);
        assertThat(spared.server(0).state()).isEqualTo(HealthState.UP);
    }

    // ---- a share of failures

    @Test
    void aShareOfFailuresEjectsThoughThereAreNeverTwoInARow() {
        HealthBoard board = trial.board(rule(5).percent(20).build());

        for (int i = 0; i < 9; i++) {
            fail(board, 1, 1);
            succeed(board, 1, 2);
        }
        assertThat(changes).isEmpty();
        fail(board, 1, 1);

        assertThat(changes).containsExactly("[256, 0, 256]");
    }

    @Test
    void aSmallerShareDoesNot() {
        HealthBoard board = trial.board(rule(5).percent(20).build());

        for (int i = 0; i < 1_000; i++) {
            fail(board, 1, 1);
            succeed(board, 1, 6);
        }

        assertThat(changes).isEmpty();
    }

    @Test
    void requestsLostAtOnceCountEachForTheShare() {
        HealthBoard board = trial.board(rule(5).percent(20).build());
        for (int i = 0; i < 9; i++) {
            board.server(1).failed(Signal.DEADLINE, 5);
            succeed(board, 1, 20);
        }
        succeed(board, 1, 20);
        assertThat(changes).isEmpty();

        board.server(1).failed(Signal.DEADLINE, 10); // the tenth time, and 55 of 255 requests

        assertThat(changes).containsExactly("[256, 0, 256]");
    }

    @Test
    void oneLostConnectionIsNoShareHoweverManyRequestsWereOnIt() {
        HealthBoard board = trial.board(rule(5).percent(20).build());

        board.server(1).failed(Signal.CLOSED, 1_000);
        board.server(1).failed(Signal.CLOSED, 1_000); // and the one of another event loop

        assertThat(board.server(1).state()).isEqualTo(HealthState.SUSPECT);
        assertThat(changes).isEmpty();
    }

    @Test
    void failuresOfAnEarlierWindowDoNotCount() {
        HealthBoard board = trial.board(rule(5).percent(20).build());

        for (int i = 0; i < 20; i++) {
            fail(board, 1, 1);
            succeed(board, 1, 1);
            time.pass(Duration.ofSeconds(2)); // five failures in each window of ten seconds
        }

        assertThat(changes).isEmpty();
    }
}
