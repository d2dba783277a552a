package io.sluice.bench.report;

import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** A column of the results: what it is called, where it comes from, how it is printed. */
enum Figure {
    PER_SECOND("ops/s", "perSecond", 0, Sample::perSecond),
    P50("p50 ms", "p50Millis", 3, Sample::p50),
    P99("p99 ms", "p99Millis", 3, Sample::p99),
    P999("p999 ms", "p999Millis", 3, Sample::p999),
    CPU("CPU s/M", "cpuSecondsPerMillion", 2, Sample::cpuPerMillion),
    USER("user", "userSecondsPerMillion", 2, Sample::userPerMillion),
    SYSTEM("system", "systemSecondsPerMillion", 2, Sample::systemPerMillion),
    RSS("RSS MB", "rssMegabytes", 1, Sample::rssMegabytes),
    PEAK("peak MB", "peakRssMegabytes", 1, Sample::peakRssMegabytes);

    private final String title;
    private final String jsonKey;
    private final int digits;

    @SuppressWarnings("ImmutableEnumChecker") // a method reference
    private final ToDoubleFunction<Sample> source;

    Figure(String title, String jsonKey, int digits, ToDoubleFunction<Sample> source) {
        this.title = title;
        this.jsonKey = jsonKey;
        this.digits = digits;
        this.source = source;
    }

    String title() {
        return title;
    }

    String jsonKey() {
        return jsonKey;
    }

    double of(Sample sample) {
        return source.applyAsDouble(sample);
    }

    String print(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
