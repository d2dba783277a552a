package io.sluice.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.metrics.MetricBoard;
import io.sluice.proxy.testing.Counting;
import org.junit.jupiter.api.Test;

class LatencyWindowTest {

    private final MetricBoard board = Counting.board(1);
    private final LatencyWindow window = new LatencyWindow();
    private final LatencyWindow.Series series = window.follow(board.pool(0)::latencies);

    @Test
    void showsWhatCameUpToTwoTurnsAgo() {
        record();
        assertThat(series.recent().count()).isEqualTo(1);
        window.turn();
        record();
        assertThat(series.recent().count()).isEqualTo(2);
        window.turn();
        assertThat(series.recent().count()).isEqualTo(1);
        window.turn();
        assertThat(series.recent().count()).isZero();

        assertThat(series.total().count()).isEqualTo(2);
    }

    private void record() {
        board.counters(0, 0).latency(1_000_000);
    }
}
