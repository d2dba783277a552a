package io.sluice.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What auto_eject_hosts means, as twemproxy's nc_server.c has it. */
class HealthBoardTest {

    private static final Duration RETRY = Duration.ofSeconds(30);

    private final HandDrivenTimer timer = new HandDrivenTimer();
    private final List<String> changes = new ArrayList<>();

    @Test
    void allServersAreInUseAtFirst() {
        assertThat(board(true, 2).inUse()).hasToString("{0, 1, 2}");
        assertThat(changes).isEmpty();
    }

    @Test
    void ejectsAtTheLimit() {
        HealthBoard board = board(true, 3);

        board.failed(1);
        board.failed(1);
        assertThat(changes).isEmpty();
        board.failed(1);

        assertThat(changes).containsExactly("{0, 2}");
        assertThat(board.inUse()).hasToString("{0, 2}");
    }

    @Test
    void aLimitOfOneEjectsAtOnce() {
        HealthBoard board = board(true, 1);

        board.failed(0);

        assertThat(changes).containsExactly("{1, 2}");
    }

    @Test
    void successInBetweenBeginsTheCountAnew() {
        HealthBoard board = board(true, 3);
        board.failed(1);
        board.failed(1);

        board.succeeded(1);
        board.failed(1);
        board.failed(1);
        assertThat(changes).isEmpty();
        board.failed(1);

        assertThat(changes).containsExactly("{0, 2}");
    }

    @Test
    void serversAreCountedApart() {
        HealthBoard board = board(true, 2);

        board.failed(0);
        board.failed(1);
        board.failed(2);
        board.succeeded(0);
        board.failed(1);

        assertThat(changes).containsExactly("{0, 2}");
    }

    @Test
    void comesBackAfterItsTime() {
        HealthBoard board = board(true, 1);
        board.failed(1);
        assertThat(timer.delays).containsExactly(RETRY);

        timer.fire();

        assertThat(changes).containsExactly("{0, 2}", "{0, 1, 2}");
        assertThat(board.inUse()).hasToString("{0, 1, 2}");
    }

    @Test
    void failuresOfAnEjectedServerNeitherEjectItTwiceNorKeepItOut() {
        HealthBoard board = board(true, 2);
        board.failed(1);
        board.failed(1);

        for (int i = 0; i < 10; i++) {
            board.failed(1);
        }
        assertThat(changes).hasSize(1);
        assertThat(timer.delays).hasSize(1);
        timer.fire();

        assertThat(board.inUse()).hasToString("{0, 1, 2}");
    }

    @Test
    void isEjectedAgainWhenItStillFails() {
        HealthBoard board = board(true, 2);
        board.failed(1);
        board.failed(1);
        timer.fire();

        board.failed(1);
        assertThat(changes).hasSize(2);
        board.failed(1);

        assertThat(changes).containsExactly("{0, 2}", "{0, 1, 2}", "{0, 2}");
        assertThat(timer.delays).containsExactly(RETRY, RETRY);
    }

    @Test
    void allServersCanBeEjected() {
        HealthBoard board = board(true, 1);

        board.failed(0);
        board.failed(1);
        board.failed(2);
        assertThat(board.inUse().isEmpty()).isTrue();
        timer.fire();

        assertThat(changes).containsExactly("{1, 2}", "{2}", "{}", "{0}");
    }

    @Test
    void withoutEjectionNothingEverChanges() {
        HealthBoard board = board(false, 1);

        for (int i = 0; i < 1000; i++) {
            board.failed(i % 3);
        }

        assertThat(changes).isEmpty();
        assertThat(timer.delays).isEmpty();
        assertThat(board.inUse()).hasToString("{0, 1, 2}");
    }

    @Test
    void whatIsGivenOutIsTheReceivers() {
        List<BitSet> given = new ArrayList<>();
        HealthBoard board =
                new HealthBoard("alpha", List.of("a", "b"), new HealthBoard.Rule(true, 1, RETRY), timer, given::add);
        board.failed(0);

        given.get(0).clear();
        board.inUse().clear();

        assertThat(board.inUse()).hasToString("{1}");
    }

    @Test
    void aServerThatFailsOnManyThreadsIsEjectedOnce() throws InterruptedException {
        HealthBoard board = board(true, 1_000);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(new Thread(() -> {
                for (int j = 0; j < 250; j++) {
                    board.failed(1);
                }
            }));
        }

        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(changes).containsExactly("{0, 2}");
        assertThat(timer.delays).hasSize(1);
    }

    private HealthBoard board(boolean enabled, int limit) {
        return new HealthBoard(
                "alpha",
                List.of("a", "b", "c"),
                new HealthBoard.Rule(enabled, limit, RETRY),
                timer,
                servers -> changes.add(servers.toString()));
    }

    private static final class HandDrivenTimer implements HealthBoard.Timer {
        private final List<Duration> delays = new ArrayList<>();
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

        @Override
        public void after(Duration delay, Runnable task) {
            delays.add(delay);
            tasks.add(task);
        }

        void fire() {
            tasks.remove().run();
        }
    }
}
