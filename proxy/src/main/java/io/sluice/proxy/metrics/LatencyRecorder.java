package io.sluice.proxy.metrics;

import org.jspecify.annotations.Nullable;

/**
 * The latencies that one thread sees, ever: it records, any thread reads. Three kilobytes, from the first record on.
 *
 * <p>Not HdrHistogram's recorder, which takes two bus-locking instructions for each record, and whose readers get
 * intervals; totals are what a scraper adds up (docs/decisions/0007).
 */
final class LatencyRecorder {

    private static final int SUM = LatencyScale.BUCKETS;

    private volatile @Nullable Cells cells;

    /** By the one writer only. */
    void record(long nanos) {
        Cells to = cells;
        if (to == null) {
            to = new Cells(LatencyScale.BUCKETS + 1);
            cells = to;
        }
        to.add(LatencyScale.bucket(nanos), 1);
        to.add(SUM, nanos);
    }

    void addTo(Latencies total) {
        Cells from = cells;
        if (from != null) {
            for (int bucket = 0; bucket < LatencyScale.BUCKETS; bucket++) {
                total.add(bucket, from.get(bucket));
            }
            total.addSum(from.get(SUM));
        }
    }
}
