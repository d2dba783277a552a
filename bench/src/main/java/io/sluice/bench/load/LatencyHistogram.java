package io.sluice.bench.load;

import java.util.ArrayList;
import java.util.List;

/** Counts durations in steps of about 3 %. One thread. */
final class LatencyHistogram {

    private static final int STEPS_PER_DOUBLING = 32;
    private static final int STEPS_BITS = 5;
    private static final double NANOS_PER_MILLI = 1e6;

    private final long[] counts = new long[Long.SIZE * STEPS_PER_DOUBLING];

    void record(long nanos) {
        counts[index(Math.max(1, nanos))]++;
    }

    /** The position of the highest bit, then the {@value #STEPS_BITS} bits behind it. */
    private static int index(long nanos) {
        int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos);
        int shift = Math.max(0, exponent - STEPS_BITS);
        return (exponent * STEPS_PER_DOUBLING) + (int) ((nanos >>> shift) & (STEPS_PER_DOUBLING - 1));
    }

    private static double upperMillis(int index) {
        int exponent = index / STEPS_PER_DOUBLING;
        double step = (index % STEPS_PER_DOUBLING + 1.0) / STEPS_PER_DOUBLING;
        return Math.scalb(1 + step, exponent) / NANOS_PER_MILLI;
    }

    Latencies latencies() {
        List<Latencies.Point> points = new ArrayList<>();
        long sum = 0;
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                sum += counts[i];
                points.add(new Latencies.Point(upperMillis(i), sum));
            }
        }
        return new Latencies(points);
    }
}
