package io.sluice.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.bench.load.Latencies.Point;
import java.util.List;
import org.junit.jupiter.api.Test;

class LatenciesTest {

    @Test
    void readsBetweenTwoPointsFromAStraightLine() {
        Latencies latencies = new Latencies(List.of(new Point(1, 100), new Point(2, 200)));

        assertThat(latencies.millis(0.5)).isEqualTo(1.0);
        assertThat(latencies.millis(0.75)).isEqualTo(1.5);
        assertThat(latencies.millis(1)).isEqualTo(2.0);
    }

    @Test
    void mergesAsIfAllRequestsHadBeenOfOneRun() {
        Latencies fast = new Latencies(List.of(new Point(1, 900)));
        Latencies slow = new Latencies(List.of(new Point(10, 0), new Point(20, 100)));

        Latencies both = fast.with(slow);

        assertThat(both.count()).isEqualTo(1_000);
        assertThat(both.millis(0.9)).isCloseTo(1.0, within(1e-9));
        assertThat(both.millis(0.95)).isCloseTo(15.0, within(0.1));
    }

    @Test
    void histogramIsRightWithinItsSteps() {
        LatencyHistogram histogram = new LatencyHistogram();
        for (int micros = 1; micros <= 10_000; micros++) {
            histogram.record(micros * 1_000L);
        }

        Latencies latencies = histogram.latencies();

        assertThat(latencies.count()).isEqualTo(10_000);
        assertThat(latencies.millis(0.5)).isCloseTo(5.0, within(0.16));
        assertThat(latencies.millis(0.999)).isCloseTo(9.99, within(0.32));
    }
}
