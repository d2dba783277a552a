package io.sluice.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HealthBoardTest {

    private static final Duration RETRY = Duration.ofSeconds(30);
    private static final Duration PROBE_INTERVAL = Duration.ofMillis(500);
    private static final int PROBES = 3;

    private final VirtualTime time = new VirtualTime();
    private final Probes probes = new Probes();
    private final List<String> changes = new ArrayList<>();

    // ---- states

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
        HealthBoard board = board(rule(2).slowStart(Duration.ofSeconds(16)).build());
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
        HealthBoard board = board(rule(3).build());

        board.server(0).failed(Signal.DEADLINE, 1);
        time.pass(Duration.ofSeconds(10));
        assertThat(board.server(0).state()).isEqualTo(HealthState.SUSPECT); // the window had a failure
        time.pass(Duration.ofSeconds(10));

        assertThat(board.server(0).state()).isEqualTo(HealthState.UP);
        assertThat(changes).isEmpty();
    }

    // ---- failures in a row

    @Test
    void ejectsAtTheLimit() {
        HealthBoard board = board(rule(3).build());

        fail(board, 1, 2);
        assertThat(changes).isEmpty();
        fail(board, 1, 1);

        assertThat(changes).containsExactly("[256, 0, 256]");
        assertThat(board.inUse()).isEqualTo(2);
    }

    @Test
    void aLimitOfOneEjectsAtOnce() {
        HealthBoard board = board(rule(1).build());

        fail(board, 0, 1);

        assertThat(changes).containsExactly("[0, 256, 256]");
    }

    @Test
    void successInBetweenBeginsTheCountAnew() {
        HealthBoard board = board(rule(3).build());
        fail(board, 1, 2);

        board.server(1).succeeded();
        fail(board, 1, 2);
        assertThat(changes).isEmpty();
        fail(board, 1, 1);

        assertThat(changes).hasSize(1);
    }

    @Test
    void serversAreCountedApart() {
        HealthBoard board = board(rule(2).build());

        fail(board, 0, 1);
        fail(board, 1, 1);
        fail(board, 2, 1);
        board.server(0).succeeded();
        fail(board, 1, 1);

        assertThat(changes).containsExactly("[256, 0, 256]");
    }

    @Test
    void manyRequestsLostAtOnceAreOneFailureInARow() {
        HealthBoard board = board(rule(2).build());

        board.server(0).failed(Signal.CLOSED, 5_000);

        assertThat(board.server(0).state()).isEqualTo(HealthState.SUSPECT);
    }

    @Test
    void aServerThatFailsOnManyThreadsIsEjectedOnce() throws InterruptedException {
        HealthBoard board = board(rule(1_000).build());
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
        HealthBoard board = board(HealthRule.NONE);

        fail(board, 0, 1_000);

        assertThat(changes).isEmpty();
        assertThat(time.tasks).isEmpty();
        assertThat(board.server(0).state()).isEqualTo(HealthState.UP);
    }

    @Test
    void aServerThatSaysItIsInTroubleCountsOnlyWhereTheRuleSaysSo() {
        HealthBoard counted = board(rule(1).build());
        HealthBoard spared = board(rule(1).troubleReplies(false).build());

        counted.server(0).failed(Signal.TROUBLE_REPLY, 1);
        spared.server(0).failed(Signal.TROUBLE_REPLY, 1);

        assertThat(counted.server(0).state()).isEqualTo(HealthState.EJECTED);
        assertThat(spared.server(0).state()).isEqualTo(HealthState.UP);
    }

    // ---- a share of failures

    @Test
    void aShareOfFailuresEjectsThoughThereAreNeverTwoInARow() {
        HealthBoard board = board(rule(5).percent(20).build());

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
        HealthBoard board = board(rule(5).percent(20).build());

        for (int i = 0; i < 1_000; i++) {
            fail(board, 1, 1);
            succeed(board, 1, 6);
        }

        assertThat(changes).isEmpty();
    }

    @Test
    void requestsLostAtOnceCountEachForTheShare() {
        HealthBoard board = board(rule(5).percent(20).build());
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
        HealthBoard board = board(rule(5).percent(20).build());

        board.server(1).failed(Signal.CLOSED, 1_000);
        board.server(1).failed(Signal.CLOSED, 1_000); // and the one of another event loop

        assertThat(board.server(1).state()).isEqualTo(HealthState.SUSPECT);
        assertThat(changes).isEmpty();
    }

    @Test
    void failuresOfAnEarlierWindowDoNotCount() {
        HealthBoard board = board(rule(5).percent(20).build());

        for (int i = 0; i < 20; i++) {
            fail(board, 1, 1);
            succeed(board, 1, 1);
            time.pass(Duration.ofSeconds(2)); // five failures in each window of ten seconds
        }

        assertThat(changes).isEmpty();
    }

    // ---- time out

    @Test
    void theTimeDoublesAndIsBounded() {
        HealthBoard board = board(rule(1).build());
        List<Long> seconds = new ArrayList<>();

        for (int i = 0; i < 6; i++) {
            fail(board, 0, 1);
            Instant from = board.server(0).probedFrom().orElseThrow();
            seconds.add(Duration.between(time.now, from).toSeconds());
            takeBack(board.server(0));
        }

        // up to a tenth is added; 300 s is the bound
        long[] least = {30, 60, 120, 240, 300, 300};
        for (int i = 0; i < least.length; i++) {
            assertThat(seconds.get(i)).isBetween(least[i], least[i] * 11 / 10);
        }
    }

    @Test
    void aHealthyPeriodTakesADoublingBack() {
        HealthBoard board = board(rule(1).build());
        fail(board, 0, 1);
        takeBack(board.server(0));
        fail(board, 0, 1);
        takeBack(board.server(0)); // it was out for 60 s

        time.pass(Duration.ofMinutes(4));
        fail(board, 0, 1);

        assertThat(Duration.between(time.now, board.server(0).probedFrom().orElseThrow()))
                .isBetween(RETRY, RETRY.multipliedBy(11).dividedBy(10));
    }

    @Test
    void aServerIsNotTakenBackByTimeAlone() {
        HealthBoard board = board(rule(1).build());
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
        HealthBoard board = board(rule(1).build());
        fail(board, 0, 1);

        time.pass(Duration.ofMinutes(10));

        assertThat(probes.waiting).hasSize(1);
    }

    @Test
    void onlyGoodProbesInARowCount() {
        HealthBoard board = board(rule(1).build());
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
        HealthBoard board = board(rule(2).build());
        fail(board, 1, 2);

        fail(board, 1, 10);
        takeBack(board.server(1));

        assertThat(board.server(1).ejections()).isEqualTo(1);
        time.pass(Duration.ofSeconds(10));
        assertThat(board.server(1).state()).isEqualTo(HealthState.UP);
        fail(board, 1, 1); // and the count begins anew
        assertThat(board.server(1).state()).isEqualTo(HealthState.SUSPECT);
    }

    // ---- return

    @Test
    void theShareOfAReturningServerGrowsUntilItIsWhole() {
        HealthBoard board = board(rule(1).slowStart(Duration.ofSeconds(16)).build());
        fail(board, 0, 1);
        changes.clear();

        takeBack(board.server(0));
        time.pass(Duration.ofSeconds(16));

        assertThat(changes).hasSize(HealthBoard.SLOW_START_STEPS);
        assertThat(changes.get(0)).isEqualTo("[16, 256, 256]");
        assertThat(changes.get(7)).isEqualTo("[128, 256, 256]");
        assertThat(changes.get(15)).isEqualTo("[256, 256, 256]");
    }

    @Test
    void aReturningServerThatFailsOnceIsOutAgain() {
        HealthBoard board = board(rule(5).slowStart(Duration.ofSeconds(16)).build());
        fail(board, 0, 5);
        takeBack(board.server(0));
        time.pass(Duration.ofSeconds(3));

        fail(board, 0, 1);
        time.pass(Duration.ofSeconds(16));

        assertThat(board.server(0).state()).isEqualTo(HealthState.EJECTED);
        assertThat(board.shares()).hasToString("[0, 256, 256]");
    }

    @Test
    void aServerThatServesAllItsKeysAtOnceIsOnTrialAllTheSame() {
        HealthBoard board = board(rule(5).build());
        fail(board, 0, 5);
        takeBack(board.server(0));
        assertThat(board.shares()).hasToString("[256, 256, 256]");

        time.pass(Duration.ofSeconds(9));
        fail(board, 0, 1);

        assertThat(board.server(0).state()).isEqualTo(HealthState.EJECTED);
    }

    // ---- too many

    @Test
    void pastTheBoundNothingMoreIsEjected() {
        HealthBoard board = board(rule(1).mostEjected(50).build());

        fail(board, 0, 1);
        fail(board, 1, 7);
        fail(board, 2, 7);

        assertThat(changes).containsExactly("[0, 256, 256]"); // one of three is less than half
        assertThat(board.failedOpen()).isEqualTo(14);
        assertThat(board.server(1).state()).isEqualTo(HealthState.SUSPECT);
        takeBack(board.server(0));
        fail(board, 1, 1);
        assertThat(board.shares()).hasToString("[256, 0, 256]");
    }

    @Test
    void aPoolTooSmallToDoWithoutOneMakesNoFussOfIt() {
        HealthBoard board = board(rule(1).mostEjected(33).build());

        fail(board, 0, 3);

        assertThat(changes).isEmpty();
        assertThat(board.failedOpen()).isZero();
    }

    @Test
    void allServersCanBeEjectedIfTheBoundAllowsIt() {
        HealthBoard board = board(rule(1).build());

        fail(board, 0, 1);
        fail(board, 1, 1);
        fail(board, 2, 1);

        assertThat(board.inUse()).isZero();
        assertThat(board.shares()).hasToString("[0, 0, 0]");
    }

    // ---- other servers

    @Test
    void serversThatStayKeepTheirStateOnTheNextBoard() {
        HealthBoard board = board(rule(1).build());
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
        takeBack(next.server(1));
        fail(next, 0, 1);
        assertThat(later).containsExactly("[256, 0, 256]", "[256, 256, 256]", "[0, 256, 256]");
        assertThat(changes).hasSize(1); // the old board is silent
    }

    @Test
    void aRuleThatEjectsNobodyTakesAllBackAtOnce() {
        HealthBoard board = board(rule(1).build());
        fail(board, 1, 1);
        List<String> later = new ArrayList<>();

        HealthBoard next = board.next(
                List.of(server("a"), server("b")), HealthRule.NONE, probes, shares -> later.add(shares.toString()));
        time.pass(Duration.ofHours(1));

        assertThat(later).containsExactly("[256, 256]");
        assertThat(next.server(1).state()).isEqualTo(HealthState.UP);
        assertThat(probes.waiting).isEmpty();
    }

    @Test
    void aClosedBoardSchedulesNothing() {
        HealthBoard board = board(rule(1).build());
        fail(board, 0, 1);

        board.close();
        time.pass(Duration.ofHours(1));
        fail(board, 1, 1);

        assertThat(probes.waiting).isEmpty();
        assertThat(changes).hasSize(1);
    }

    // ---- what the tests have in common

    private static void fail(HealthBoard board, int server, int times) {
        for (int i = 0; i < times; i++) {
            board.server(server).failed(Signal.CONNECT_FAILED, 1);
        }
    }

    private static void succeed(HealthBoard board, int server, int times) {
        for (int i = 0; i < times; i++) {
            board.server(server).succeeded();
        }
    }

    private void takeBack(ServerHealth server) {
        Duration wait = Duration.between(time.now, server.probedFrom().orElseThrow());
        time.pass(wait);
        while (server.state() == HealthState.PROBING) {
            probes.answer(null);
            if (server.state() == HealthState.PROBING) {
                time.pass(PROBE_INTERVAL.multipliedBy(2));
            }
        }
    }

    private HealthBoard board(HealthRule rule) {
        return new HealthBoard(
                "alpha",
                List.of(server("a"), server("b"), server("c")),
                rule,
                new HealthBoard.Surroundings(time::after, () -> time.now, time::nanos, new SplittableRandom(5)),
                probes,
                shares -> changes.add(shares.toString()));
    }

    private static Server server(String name) {
        return new Server(name, ServerAddress.tcp(name, 6379), 1);
    }

    private static RuleBuilder rule(int failureLimit) {
        return new RuleBuilder(failureLimit);
    }

    private static final class RuleBuilder {
        private final int failureLimit;
        private int percent;
        private int mostEjected = 100;
        private boolean troubleReplies = true;
        private Duration slowStart = Duration.ZERO;

        RuleBuilder(int failureLimit) {
            this.failureLimit = failureLimit;
        }

        RuleBuilder percent(int value) {
            percent = value;
            return this;
        }

        RuleBuilder mostEjected(int value) {
            mostEjected = value;
            return this;
        }

        RuleBuilder troubleReplies(boolean value) {
            troubleReplies = value;
            return this;
        }

        RuleBuilder slowStart(Duration value) {
            slowStart = value;
            return this;
        }

        HealthRule build() {
            return new HealthRule(
                    true,
                    troubleReplies,
                    failureLimit,
                    percent,
                    Duration.ofSeconds(10),
                    RETRY,
                    Duration.ofMinutes(5),
                    PROBE_INTERVAL,
                    PROBES,
                    mostEjected,
                    slowStart);
        }
    }

    /** Time that passes when told to. */
    private static final class VirtualTime {
        private record Task(Instant due, int number, Runnable what) {}

        private final PriorityQueue<Task> tasks =
                new PriorityQueue<>(Comparator.comparing(Task::due).thenComparing(Task::number));
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");
        private int number;

        synchronized void after(Duration delay, Runnable what) {
            tasks.add(new Task(now.plus(delay), number++, what));
        }

        long nanos() {
            return Duration.between(Instant.EPOCH, now).toNanos();
        }

        void pass(Duration duration) {
            Instant end = now.plus(duration);
            for (Task next = tasks.peek(); next != null && !next.due().isAfter(end); next = tasks.peek()) {
                tasks.remove();
                now = next.due();
                next.what().run();
            }
            now = end;
        }
    }

    /** Probes that wait for their answers. */
    private static final class Probes implements Prober {
        private final List<Consumer<@Nullable String>> waiting = new ArrayList<>();

        @Override
        public void probe(Server server, Consumer<@Nullable String> done) {
            waiting.add(done);
        }

        void answer(@Nullable String problem) {
            waiting.remove(0).accept(problem);
        }
    }
}
