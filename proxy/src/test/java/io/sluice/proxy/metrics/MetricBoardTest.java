package io.sluice.proxy.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.metrics.MetricBoard.PoolNames;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.testing.Counting;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MetricBoardTest {

    private final MetricBoard board =
            Counting.board(2, new PoolNames("alpha", List.of("a", "b")), new PoolNames("beta", List.of("c")));

    @Test
    void addsUpWhatTheLoopsCount() {
        board.counters(0, 0).count(PoolMetric.REQUESTS);
        board.counters(1, 0).add(PoolMetric.REQUESTS, 41);

        assertThat(board.pool(0).get(PoolMetric.REQUESTS)).isEqualTo(42);
        assertThat(board.pool(1).get(PoolMetric.REQUESTS)).isZero();
        assertThat(board.ofLoop(1, PoolMetric.REQUESTS)).isEqualTo(41);
    }

    @Test
    void keepsServersApart() {
        board.counters(0, 0).server("b").count(ServerMetric.REPLIES);

        assertThat(board.pool(0).server(1).get(ServerMetric.REPLIES)).isEqualTo(1);
        assertThat(board.pool(0).server(0).get(ServerMetric.REPLIES)).isZero();
        assertThat(board.pool(1).server(0).get(ServerMetric.REPLIES)).isZero();
    }

    @Test
    void countsOfWhatIsGoneAreForgottenButNotThoseOfTheLoops() {
        board.counters(0, 0).add(PoolMetric.REQUESTS, 5);
        board.counters(0, 1).add(PoolMetric.REQUESTS, 7);
        board.counters(0, 0).server("b").count(ServerMetric.REPLIES);

        board.pool(0).close("b");
        board.close("beta");

        assertThat(board.pool(0).servers())
                .extracting(MetricBoard.ServerTotals::name)
                .containsExactly("a");
        assertThat(board.pools()).extracting(MetricBoard.PoolTotals::name).containsExactly("alpha");
        assertThat(board.ofLoop(0, PoolMetric.REQUESTS)).isEqualTo(12);
        assertThat(board.pool(0).open("b").get(ServerMetric.REPLIES)).isZero();
    }

    @Test
    void whatComesTwiceByTheSameNameGoesOnCounting() {
        board.counters(0, 0).server("b").count(ServerMetric.REPLIES);

        assertThat(board.open("alpha")).isSameAs(board.pool(0));
        assertThat(board.pool(0).open("b").get(ServerMetric.REPLIES)).isEqualTo(1);
    }

    @Test
    void anErrorBecauseOfAServerCountsForItsPoolAsWell() {
        int timedOut = board.errorKinds().indexOf("TIMED_OUT");
        board.counters(0, 0).server("a").error(ErrorKind.TIMED_OUT);
        board.counters(0, 0).error(ErrorKind.NO_SERVER);

        assertThat(board.pool(0).server(0).errors(timedOut)).isEqualTo(1);
        assertThat(board.pool(0).server(0).errors()).isEqualTo(1);
        assertThat(board.pool(0).errors(timedOut)).isEqualTo(1);
        assertThat(board.pool(0).errors()).isEqualTo(2);
    }

    /** Both counters rise all the time; whoever reads the later one first sees a gauge that could not be. */
    @Test
    void gaugesAreNeverNegativeWhileTheyAreWritten() throws InterruptedException {
        PoolCounters counters = board.counters(0, 0);
        AtomicBoolean stop = new AtomicBoolean();
        Thread writer = new Thread(() -> {
            while (!stop.get()) {
                counters.count(PoolMetric.REQUESTS);
                counters.count(PoolMetric.REPLIES);
            }
        });
        writer.start();

        long least = Long.MAX_VALUE;
        for (int i = 0; i < 200_000; i++) {
            least = Math.min(least, board.pool(0).inFlight());
        }
        stop.set(true);
        writer.join();

        assertThat(least).isNotNegative();
        assertThat(board.pool(0).inFlight()).isZero();
    }

    @Test
    void whatPassesBetweenTwoReadingsDoesNotCountAsStanding() {
        Iterator<Long> gone = List.of(100L, 168L, 168L, 168L).iterator(); // held up while 68 came and went
        Iterator<Long> come = List.of(168L, 169L).iterator();

        assertThat(MetricBoard.standing(gone::next, come::next)).isEqualTo(1);
    }

    @Test
    void theLeastReadingIsTakenWhereTheyNeverRest() {
        AtomicLong passed = new AtomicLong();

        long standing = MetricBoard.standing(passed::getAndIncrement, () -> passed.get() + 3);

        assertThat(standing).isEqualTo(4);
    }
}
