package io.sluice.proxy.admin;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import io.sluice.proxy.metrics.Latencies;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Makes families of metrics out of things that each have a set of labels. Names are given without {@code _total}. */
final class Family {

    /** Upper ends of the histograms' buckets; the same everywhere, so that instances can be added up. */
    private static final List<Duration> BOUNDS = List.of(
            Duration.ofNanos(100_000),
            Duration.ofNanos(250_000),
            Duration.ofNanos(500_000),
            Duration.ofMillis(1),
            Duration.ofNanos(2_500_000),
            Duration.ofMillis(5),
            Duration.ofMillis(10),
            Duration.ofMillis(25),
            Duration.ofMillis(50),
            Duration.ofMillis(100),
            Duration.ofMillis(250),
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            Duration.ofMillis(2_500),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10));

    private static final double[] QUANTILES = {0.5, 0.9, 0.99, 0.999};
    private static final double NANOS_PER_SECOND = 1e9;

    private Family() {}

    static <T> MetricSnapshot counter(
            String name, String help, List<T> things, Function<T, Labels> labels, ToDoubleFunction<T> value) {
        CounterSnapshot.Builder family = CounterSnapshot.builder().name(name).help(help);
        for (T thing : things) {
            family.dataPoint(CounterDataPointSnapshot.builder()
                    .labels(labels.apply(thing))
                    .value(value.applyAsDouble(thing))
                    .build());
        }
        return family.build();
    }

    static <T> MetricSnapshot gauge(
            String name, String help, List<T> things, Function<T, Labels> labels, ToDoubleFunction<T> value) {
        GaugeSnapshot.Builder family = GaugeSnapshot.builder().name(name).help(help);
        for (T thing : things) {
            family.dataPoint(GaugeDataPointSnapshot.builder()
                    .labels(labels.apply(thing))
                    .value(value.applyAsDouble(thing))
                    .build());
        }
        return family.build();
    }

    static <T> MetricSnapshot histogram(
            String name, String help, List<T> things, Function<T, Labels> labels, Function<T, Latencies> value) {
        HistogramSnapshot.Builder family =
                HistogramSnapshot.builder().name(name).help(help);
        for (T thing : things) {
            Latencies latencies = value.apply(thing);
            family.dataPoint(HistogramDataPointSnapshot.builder()
                    .labels(labels.apply(thing))
                    .classicHistogramBuckets(buckets(latencies))
                    .sum(seconds(latencies.sum()))
                    .build());
        }
        return family.build();
    }

    private static ClassicHistogramBuckets buckets(Latencies latencies) {
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        long below = 0;
        for (Duration bound : BOUNDS) {
            long upToBound = latencies.countBelow(bound);
            buckets.bucket(seconds(bound), upToBound - below);
            below = upToBound;
        }
        return buckets.bucket(Double.POSITIVE_INFINITY, latencies.count() - below)
                .build();
    }

    /** Quantiles that nothing is known of are not a number, as is the custom. */
    static <T> MetricSnapshot summary(
            String name, String help, List<T> things, Function<T, Labels> labels, Function<T, Latencies> recent) {
        SummarySnapshot.Builder family = SummarySnapshot.builder().name(name).help(help);
        for (T thing : things) {
            Latencies latencies = recent.apply(thing);
            Quantiles.Builder quantiles = Quantiles.builder();
            for (double share : QUANTILES) {
                double value = latencies.count() == 0 ? Double.NaN : seconds(latencies.quantile(share));
                quantiles.quantile(new Quantile(share, value));
            }
            family.dataPoint(SummaryDataPointSnapshot.builder()
                    .labels(labels.apply(thing))
                    .quantiles(quantiles.build())
                    .build());
        }
        return family.build();
    }

    static double seconds(Duration duration) {
        return duration.toNanos() / NANOS_PER_SECOND;
    }
}
