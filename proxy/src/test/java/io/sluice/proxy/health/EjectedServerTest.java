package io.sluice.proxy.health;

import static io.sluice.proxy.health.HealthTrial.PROBE_INTERVAL;
import static io.sluice.proxy.health.HealthTrial.RETRY;
import static io.sluice.proxy.health.HealthTrial.fail;
import static io.sluice.proxy.health.HealthTrial.rule;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A server that is left out, and how it comes back. */
class EjectedServerTest {

    private final HealthTrial trial = new HealthTrial();
    private final HealthTrial.VirtualTime time = trial.time;
    private final HealthTrial.Probes probes = trial.probes;
    private final List<String> changes = trial.changes;

    @Test
    void theTimeDoublesAndIsBounded() {
        HealthBoard board = trial.board(rule(1).build());
        List<Long> seconds = new ArrayList<>();

        for (int i = 0; i < 6; i++) {
            fail(board, 0, 1);
            Instant from = board.server(0).probedFrom().orElseThrow();
            seconds.add(Duration.between(time.now(), from).toSeconds());
            trial.takeBack(board.server(0));
        }

        // up to a tenth is added; 300 s is the bound
        long[] least = {30, 60, 120, 240, 300, 300};
        for (int i = 0; i < least.length; i++) {
            assertThat(seconds.get(i)).isBetween(least[i], least[i] * 11 / 10);
        }
    }

    @Test
    void aHealthyPeriodTakesADoublingBack() {
        HealthBoard board = trial.board(rule(1).build());
        fail(board, 0, 1);
        trial.takeBack(board.server(0));
        fail(board, 0, 1);
        trial.takeBack(board.server(0)); // it was out for 60 s

        time.pass(Duration.ofMinutes(4));
        fail(board, 0, 1);

        assertThat(Duration.between(time.now(), board.server(0).probedFrom().orElseThrow()))
                .isBetween(RETRY, RETRY.multipliedBy(11).dividedBy(10));
    }

    @Test
    void aServerIsNotTakenBackByTimeAlone() {
        HealthBoard board = trial.board(rule(1).build());
        fail(board, 0, 1);

        time.pass(RETRY.multipliedBy(2));
        for (int i = 0; i < 100; i++) {
            probes.answer("no answer");
            time.pass(PROBE_INTERVAL.multipliedBy(2));
        }

        assertThat(board.server(0).state()).isEqualTo(HealthState.PROBING);
        assertThat(board.server(0).failedProbes()).isEqualTo(100);
        assertThat(changes).hasSize(1);
    }

    @Test
    void probesAreSentOneAtATime() {
        HealthBoard board = trial.board(rule(1).build());
        fail(board, 0, 1);

        time.pass(Duration.ofMinutes(10));

        assertThat(probes.waiting()).hasSize(1);
    }

    @Test
    void onlyGoodProbesInARowCount() {
        HealthBoard board = trial.board(rule(1).build());
        fail(board, 0, 1);
        time.pass(RETRY.multipliedBy(2));

        for (@Nullable String answer : new @Nullable String[] {null, null, "closed", null, null}) {
            probes.answer(answer);
            time.pass(PROBE_INTERVAL.multipliedBy(2));
        }
        assertThat(board.server(0).state()).isEqualTo(HealthState.PROBING);
        probes.answer(null);

        assertThat(board.server(0).state()).isEqualTo(HealthState.RETURNING);
    }

    @Test
    void failuresOfAnEjectedServerNeitherEjectItTwiceNorKeepItOut() {
        HealthBoard board = trial.board(rule(2).build());
        fail(board, 1, 2);

        fail(board, 1, 10);
        trial.takeBack(board.server(1));

        assertThat(board.server(1).ejections()).isEqualTo(1);
        time.pass(Duration.ofSeconds(10));
        assertThat(board.server(1).state()).isEqualTo(HealthState.UP);
        fail(board, 1, 1); // and the count begins anew
        assertThat(board.server(1).state()).isEqualTo(HealthState.SUSPECT);
    }

    // ---- return

    @Test
    void theShareOfAReturningServerGrowsUntilItIsWhole() {
        HealthBoard board =
                trial.board(rule(1).slowStart(Duration.ofSeconds(16)).build());
        fail(board, 0, 1);
        changes.clear();

        trial.takeBack(board.server(0));
        time.pass(Duration.ofSeconds(16));

        assertThat(changes).hasSize(HealthBoard.SLOW_START_STEPS);
        assertThat(changes.get(0)).isEqualTo("[16, 256, 256]");
        assertThat(changes.get(7)).isEqualTo("[128, 256, 256]");
        assertThat(changes.get(15)).isEqualTo("[256, 256, 256]");
    }

    @Test
    void aReturningServerThatFailsOnceIsOutAgain() {
        HealthBoard board =
                trial.board(rule(5).slowStart(Duration.ofSeconds(16)).build());
        fail(board, 0, 5);
        trial.takeBack(board.server(0));
        time.pass(Duration.ofSeconds(3));

        fail(board, 0, 1);
        time.pass(Duration.ofSeconds(16));

        assertThat(board.server(0).state()).isEqualTo(HealthState.EJECTED);
        assertThat(board.shares()).hasToString("[0, 256, 256]");
    }

    @Test
    void aServerThatServesAllItsKeysAtOnceIsOnTrialAllTheSame() {
        HealthBoard board = trial.board(rule(5).build());
        fail(board, 0, 5);
        trial.takeBack(board.server(0));
        assertThat(board.shares()).hasToString("[256, 256, 256]");

        time.pass(Duration.ofSeconds(9));
        fail(board, 0, 1);

        assertThat(board.server(0).state()).isEqualTo(HealthState.EJECTED);
    }
}
