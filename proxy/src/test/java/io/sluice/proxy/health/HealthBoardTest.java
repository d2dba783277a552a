package io.sluice.proxy.health;

import static io.sluice.proxy.health.HealthTrial.PROBES;
import static io.sluice.proxy.health.HealthTrial.PROBE_INTERVAL;
import static io.sluice.proxy.health.HealthTrial.RETRY;
import static io.sluice.proxy.health.HealthTrial.fail;
import static io.sluice.proxy.health.HealthTrial.rule;
import static io.sluice.proxy.health.HealthTrial.server;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Servers from state to state, and from board to board. */
class HealthBoardTest {

    private final HealthTrial trial = new HealthTrial();
    private final HealthTrial.VirtualTime time = trial.time;
    private final HealthTrial.Probes probes = trial.probes;
    private final List<String> changes = trial.changes;

    @Test
    void theseAreAllTheWaysFromStateToState() {
        Map<HealthState, Set<HealthState>> allowed = Map.of(
                HealthState.UP, EnumSet.of(HealthState.SUSPECT),
                HealthState.SUSPECT, EnumSet.of(HealthState.UP, HealthState.EJECTED),
                HealthState.EJECTED, EnumSet.of(HealthState.PROBING),
                HealthState.PROBING, EnumSet.of(HealthState.RETURNING),
                HealthState.RETURNING, EnumSet.of(HealthState.UP, HealthState.EJECTED));

        for (HealthState from : HealthState.values()) {
            for (HealthState next : HealthState.values()) {
                if (allowed.getOrDefault(from, Set.of()).contains(next)) {
                    assertThat(from.to(next)).isEqualTo(next);
                } else {
                    assertThatThrownBy(() -> from.to(next)).isInstanceOf(IllegalStateException.class);
                }
            }
        }
    }

    @Test
    void aServerGoesThroughAllStatesAndBack() {
        HealthBoard board =
                trial.board(rule(2).slowStart(Duration.ofSeconds(16)).build());
        ServerHealth server = board.server(1);
        List<HealthState> seen = new ArrayList<>(List.of(server.state()));

        server.failed(Signal.DEADLINE, 1);
        seen.add(server.state());
        server.failed(Signal.DEADLINE, 1);
        seen.add(server.state());
        time.pass(RETRY.multipliedBy(2));
        seen.add(server.state());
        probes.answer(null);
        time.pass(PROBE_INTERVAL.multipliedBy(2));
        probes.answer(null);
        time.pass(PROBE_INTERVAL.multipliedBy(2));
        probes.answer(null);
        seen.add(server.state());
        time.pass(Duration.ofSeconds(16));
        seen.add(server.state());

        assertThat(seen)
                .containsExactly(
                        HealthState.UP,
                        HealthState.SUSPECT,
                        HealthState.EJECTED,
                        HealthState.PROBING,
                        HealthState.RETURNING,
                        HealthState.UP);
        assertThat(server.ejections()).isEqualTo(1);
        assertThat(server.returns()).isEqualTo(1);
        assertThat(server.goodProbes()).isEqualTo(PROBES);
    }

    @Test
    void aSuspectThatFailsNoMoreIsForgiven() {
        HealthBoard board = trial.board(rule(3).build());

        board.server(0).failed(Signal.DEADLINE, 1);
        time.pass(Duration.ofSeconds(10));
        assertThat(board.server(0).state()).isEqualTo(HealthState.SUSPECT); // the window had a failure
        time.pass(Duration.ofSeconds(10));

        assertThat(board.server(0).state()).isEqualTo(HealthState.UP);
        assertThat(changes).isEmpty();
    }

    // ---- too many

    @Test
    void pastTheBoundNothingMoreIsEjected() {
        HealthBoard board = trial.board(rule(1).mostEjected(50).build());

        fail(board, 0, 1);
        fail(board, 1, 7);
        fail(board, 2, 7);

        assertThat(changes).containsExactly("[0, 256, 256]"); // one of three is less than half
        assertThat(board.failedOpen()).isEqualTo(14);
        assertThat(board.server(1).state()).isEqualTo(HealthState.SUSPECT);
        trial.takeBack(board.server(0));
        fail(board, 1, 1);
        assertThat(board.shares()).hasToString("[256, 0, 256]");
    }

    @Test
    void aPoolTooSmallToDoWithoutOneMakesNoFussOfIt() {
        HealthBoard board = trial.board(rule(1).mostEjected(33).build());

        fail(board, 0, 3);

        assertThat(changes).isEmpty();
        assertThat(board.failedOpen()).isZero();
    }

    @Test
    void allServersCanBeEjectedIfTheBoundAllowsIt() {
        HealthBoard board = trial.board(rule(1).build());

        fail(board, 0, 1);
        fail(board, 1, 1);
        fail(board, 2, 1);

        assertThat(board.inUse()).isZero();
        assertThat(board.shares()).hasToString("[0, 0, 0]");
    }

    // ---- other servers

    @Test
    void serversThatStayKeepTheirStateOnTheNextBoard() {
        HealthBoard board = trial.board(rule(1).build());
        fail(board, 1, 1);
        List<String> later = new ArrayList<>();

        HealthBoard next = board.next(
                List.of(server("d"), server("b"), server("a")),
                rule(1).build(),
                probes,
                shares -> later.add(shares.toString()));

        assertThat(later).containsExactly("[256, 0, 256]");
        assertThat(next.server(1)).isSameAs(board.server(1));
        ServerHealth gone = board.server(2);
        gone.failed(Signal.DEADLINE, 100);
        assertThat(gone.state()).isEqualTo(HealthState.UP);
        trial.takeBack(next.server(1));
        fail(next, 0, 1);
        assertThat(later).containsExactly("[256, 0, 256]", "[256, 256, 256]", "[0, 256, 256]");
        assertThat(changes).hasSize(1); // the old board is silent
    }

    @Test
    void aRuleThatEjectsNobodyTakesAllBackAtOnce() {
        HealthBoard board = trial.board(rule(1).build());
        fail(board, 1, 1);
        List<String> later = new ArrayList<>();

        HealthBoard next = board.next(
                List.of(server("a"), server("b")), HealthRule.NONE, probes, shares -> later.add(shares.toString()));
        time.pass(Duration.ofHours(1));

        assertThat(later).containsExactly("[256, 256]");
        assertThat(next.server(1).state()).isEqualTo(HealthState.UP);
        assertThat(probes.waiting()).isEmpty();
    }

    @Test
    void aClosedBoardSchedulesNothing() {
        HealthBoard board = trial.board(rule(1).build());
        fail(board, 0, 1);

        board.close();
        time.pass(Duration.ofHours(1));
        fail(board, 1, 1);

        assertThat(probes.waiting()).isEmpty();
        assertThat(changes).hasSize(1);
    }
}
