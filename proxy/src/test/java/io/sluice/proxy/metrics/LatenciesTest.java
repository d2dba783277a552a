package io.sluice.proxy.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatenciesTest {

    private static final int UNIT_NANOS = 1024;

    @Test
    void bucketsFollowEachOtherWithoutGapOrOverlap() {
        for (int bucket = 0; bucket < LatencyScale.BUCKETS - 1; bucket++) {
            long end = LatencyScale.upperBound(bucket);

            assertThat(LatencyScale.bucket(end - 1)).isEqualTo(bucket);
            assertThat(LatencyScale.bucket(end)).isEqualTo(bucket + 1);
        }
    }

    @Test
    void noBucketIsWiderThanASixteenthOfWhatItHolds() {
        for (int bucket = 32; bucket < LatencyScale.BUCKETS; bucket++) {
            long begin = LatencyScale.upperBound(bucket - 1);
            long width = LatencyScale.upperBound(bucket) - begin;

            assertThat(width * 16).isLessThanOrEqualTo(begin);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, 0, UNIT_NANOS - 1})
    void whatIsTooShortIsInTheFirstBucket(long nanos) {
        assertThat(LatencyScale.bucket(nanos)).isZero();
    }

    @Test
    void whatIsTooLongIsInTheLastBucket() {
        assertThat(LatencyScale.bucket(Duration.ofHours(5).toNanos())).isEqualTo(LatencyScale.BUCKETS - 1);
        assertThat(LatencyScale.bucket(Long.MAX_VALUE)).isEqualTo(LatencyScale.BUCKETS - 1);
    }

    /** Quantiles of random latencies, most of them short, as another implementation sees them. */
    @Test
    void quantilesAgreeWithHdrHistogram() {
        SplittableRandom random = new SplittableRandom(42);
        Histogram exact = new Histogram(Duration.ofMinutes(2).toNanos(), 3);
        LatencyRecorder recorder = new LatencyRecorder();
        for (int i = 0; i < 100_000; i++) {
            long nanos = (long) (50_000 * Math.exp(random.nextDouble() * 8));
            exact.recordValue(nanos);
            recorder.record(nanos);
        }

        Latencies ours = totalOf(recorder);

        assertThat(ours.count()).isEqualTo(exact.getTotalCount());
        for (double share : new double[] {0.01, 0.5, 0.9, 0.99, 0.999, 1}) {
            double expected = exact.getValueAtPercentile(share * 100);
            assertThat(ours.quantile(share).toNanos() / expected).isBetween(0.998, 1.0646);
        }
    }

    @Test
    void sumAndCountAreExact() {
        LatencyRecorder recorder = new LatencyRecorder();
        recorder.record(1_000_001);
        recorder.record(2_000_003);

        Latencies total = totalOf(recorder);

        assertThat(total.count()).isEqualTo(2);
        assertThat(total.sum()).isEqualTo(Duration.ofNanos(3_000_004));
    }

    @Test
    void countBelowLeavesOutAtMostASixteenth() {
        LatencyRecorder recorder = new LatencyRecorder();
        recorder.record(Duration.ofMillis(1).toNanos() * 15 / 16);
        recorder.record(Duration.ofMillis(1).toNanos() + 1);

        assertThat(totalOf(recorder).countBelow(Duration.ofMillis(1))).isEqualTo(1);
    }

    @Test
    void differenceIsWhatCameLater() {
        LatencyRecorder recorder = new LatencyRecorder();
        recorder.record(5_000_000);
        Latencies before = totalOf(recorder);
        recorder.record(70_000_000);

        Latencies later = totalOf(recorder).since(before);

        assertThat(later.count()).isEqualTo(1);
        assertThat(later.sum()).isEqualTo(Duration.ofMillis(70));
        assertThat(later.quantile(0.5)).isBetween(Duration.ofMillis(70), Duration.ofMillis(75));
    }

    @Test
    void ofNothingEveryQuantileIsZero() {
        assertThat(new Latencies().quantile(0.99)).isZero();
    }

    private static Latencies totalOf(LatencyRecorder recorder) {
        Latencies total = new Latencies();
        recorder.addTo(total);
        return total;
    }
}
