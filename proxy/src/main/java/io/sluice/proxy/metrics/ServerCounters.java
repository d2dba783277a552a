package io.sluice.proxy.metrics;

/** What one event loop counts of one server. Written by that loop only. */
public final class ServerCounters {

    private final PoolCounters pool;
    private final Cells cells = new Cells(ServerMetric.values().length);
    private final Cells errors;
    private final LatencyRecorder latency = new LatencyRecorder();

    ServerCounters(PoolCounters pool, int errorKinds) {
        this.pool = pool;
        this.errors = new Cells(errorKinds);
    }

    public void count(ServerMetric metric) {
        cells.add(metric, 1);
    }

    public void add(ServerMetric metric, long amount) {
        cells.add(metric, amount);
    }

    /** An error that the proxy answered with because of this server; counts for its pool as well. */
    public void error(Enum<?> kind) {
        errors.add(kind, 1);
        pool.error(kind);
    }

    /** From putting a request into the out buffer to its reply. */
    public void latency(long nanos) {
        latency.record(nanos);
    }

    long get(ServerMetric metric) {
        return cells.get(metric);
    }

    long errors(int kind) {
        return errors.get(kind);
    }

    LatencyRecorder latencies() {
        return latency;
    }
}
