package io.sluice.proxy.metrics;

import java.time.Duration;

/** A number of latencies, by size. Each is known to a sixteenth. Not thread-safe. */
public final class Latencies {

    private final long[] counts = new long[LatencyScale.BUCKETS];
    private long count;
    private long sumNanos;

    void add(int bucket, long times) {
        counts[bucket] += times;
        count += times;
    }

    void addSum(long nanos) {
        sumNanos += nanos;
    }

    /** These, without those that were there {@code before}. */
    public Latencies since(Latencies before) {
        Latencies newer = new Latencies();
        for (int bucket = 0; bucket < counts.length; bucket++) {
            newer.add(bucket, counts[bucket] - before.counts[bucket]);
        }
        newer.sumNanos = sumNanos - before.sumNanos;
        return newer;
    }

    public long count() {
        return count;
    }

    public Duration sum() {
        return Duration.ofNanos(sumNanos);
    }

    /** How many are certainly below; one that is up to a sixteenth shorter may be missing. */
    public long countBelow(Duration limit) {
        long below = 0;
        for (int bucket = 0; bucket < counts.length && LatencyScale.upperBound(bucket) <= limit.toNanos(); bucket++) {
            below += counts[bucket];
        }
        return below;
    }

    /** What this share of them did not exceed, at most a sixteenth too long; zero if there are none. */
    public Duration quantile(double share) {
        long rank = Math.max(1, (long) Math.ceil(share * count));
        long seen = 0;
        for (int bucket = 0; bucket < counts.length; bucket++) {
            seen += counts[bucket];
            if (seen >= rank) {
                return Duration.ofNanos(LatencyScale.upperBound(bucket));
            }
        }
        return Duration.ZERO;
    }
}
