package io.sluice.proxy.metrics;

/**
 * The buckets of a latency: sixteen to each power of two, so that a bucket is never wider than a sixteenth of what it
 * holds. Units of 1024 ns, up to two minutes.
 *
 * <pre>
 *   units     0  1  2 ... 31 | 32-33  34-35 ... 62-63 | 64-67 ...
 *   bucket    0  1  2 ... 31 |  32     33   ...   47  |  48   ...
 * </pre>
 */
final class LatencyScale {

    private static final int UNIT_SHIFT = 10;
    private static final int SUB_BITS = 4;
    private static final int SUB_BUCKETS = 1 << SUB_BITS;
    private static final int HIGHEST_BIT = 26;
    private static final long MOST_UNITS = (1L << (HIGHEST_BIT + 1)) - 1;

    static final int BUCKETS = (HIGHEST_BIT - SUB_BITS + 2) * SUB_BUCKETS;

    private LatencyScale() {}

    static int bucket(long nanos) {
        long units = Math.min(Math.max(nanos, 0) >>> UNIT_SHIFT, MOST_UNITS);
        if (units < SUB_BUCKETS) {
            return (int) units;
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(units) - SUB_BITS;
        return shift * SUB_BUCKETS + (int) (units >>> shift);
    }

    /** What every latency of the bucket is below, in nanoseconds. */
    static long upperBound(int bucket) {
        if (bucket < SUB_BUCKETS) {
            return (bucket + 1L) << UNIT_SHIFT;
        }
        int shift = bucket / SUB_BUCKETS - 1;
        long units = SUB_BUCKETS + bucket % SUB_BUCKETS + 1L;
        return units << shift << UNIT_SHIFT;
    }
}
