package io.sluice.testing.workload;

import com.google.errorprone.annotations.FormatMethod;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** What a workload has seen. Thread-safe. */
final class Journal {

    private static final int MOST_VIOLATIONS_KEPT = 50;
    private static final int BUCKET_MICROS = 100;
    private static final int BUCKETS = 100_000; // up to ten seconds

    private final LongAdder answers = new LongAdder();
    private final LongAdder lostConnections = new LongAdder();
    private final AtomicLong violations = new AtomicLong();
    private final Queue<String> examples = new ConcurrentLinkedQueue<>();
    private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();
    private final AtomicLongArray latencies = new AtomicLongArray(BUCKETS);
    private final AtomicLong slowest = new AtomicLong();

    void answered(long nanos) {
        answers.increment();
        latencies.incrementAndGet((int) Math.min(BUCKETS - 1, nanos / 1000 / BUCKET_MICROS));
        slowest.accumulateAndGet(nanos, Math::max);
    }

    void lost(Exception cause) {
        lostConnections.increment();
        errors.computeIfAbsent("connection: " + cause.getMessage(), name -> new LongAdder())
                .increment();
    }

    /** An error reply. Numbers in it are left out, so that alike ones are counted together. */
    void error(String command, String message) {
        errors.computeIfAbsent(command + ": " + message.replaceAll("[0-9]+", "N"), name -> new LongAdder())
                .increment();
    }

    void violation(String what) {
        if (violations.incrementAndGet() <= MOST_VIOLATIONS_KEPT) {
            examples.add(what);
        }
    }

    /** Adds a violation unless {@code holds}. */
    @FormatMethod
    void require(boolean holds, String otherwise, Object... values) {
        if (!holds) {
            violation(String.format(otherwise, values));
        }
    }

    WorkloadReport report(long seed, double seconds) {
        Map<String, Long> counted = new TreeMap<>();
        errors.forEach((text, count) -> counted.put(text, count.sum()));
        return new WorkloadReport(
                seed,
                seconds,
                answers.sum(),
                violations.get(),
                List.copyOf(examples),
                counted,
                lostConnections.sum(),
                percentile(0.5),
                percentile(0.99),
                percentile(0.999),
                slowest.get() / 1e6);
    }

    private double percentile(double share) {
        long total = 0;
        for (int i = 0; i < BUCKETS; i++) {
            total += latencies.get(i);
        }
        long left = (long) Math.ceil(total * share);
        for (int i = 0; i < BUCKETS; i++) {
            left -= latencies.get(i);
            if (left <= 0) {
                return (i + 1) * BUCKET_MICROS / 1000.0;
            }
        }
        return BUCKETS * BUCKET_MICROS / 1000.0;
    }
}
