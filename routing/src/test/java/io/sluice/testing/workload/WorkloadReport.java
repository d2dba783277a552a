package io.sluice.testing.workload;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a workload has seen.
 *
 * @param violations how often the store did what it must not do; {@code examples} has the first of them
 * @param errors error replies and lost connections, by their text
 * @param p50 milliseconds from sending a request to its reply
 * @param slowest milliseconds
 */
public record WorkloadReport(
        long seed,
        double seconds,
        long answers,
        long violations,
        List<String> examples,
        Map<String, Long> errors,
        long lostConnections,
        double p50,
        double p99,
        double p999,
        double slowest) {

    public long errorCount() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "seed=%d seconds=%.1f answers=%d violations=%d errors=%d lost_connections=%d"
                        + " p50=%.1fms p99=%.1fms p999=%.1fms slowest=%.1fms%s%s",
                seed,
                seconds,
                answers,
                violations,
                errorCount(),
                lostConnections,
                p50,
                p99,
                p999,
                slowest,
                examples.isEmpty() ? "" : "\n  " + String.join("\n  ", examples),
                errors.isEmpty() ? "" : "\n  " + errors);
    }
}
