package io.sluice.proxy.metrics;

import java.util.List;
import java.util.stream.Stream;

/** What one event loop counts of one pool. Written by that loop only. */
public final class PoolCounters {

    private final Cells cells = new Cells(PoolMetric.values().length);
    private final Cells errors;
    private final LatencyRecorder latency = new LatencyRecorder();
    private final List<ServerCounters> servers;

    PoolCounters(int servers, int errorKinds) {
        this.errors = new Cells(errorKinds);
        this.servers = Stream.generate(() -> new ServerCounters(this, errorKinds))
                .limit(servers)
                .toList();
    }

    /** Those of the server at its index in the pool. */
    public ServerCounters server(int index) {
        return servers.get(index);
    }

    public void count(PoolMetric metric) {
        cells.add(metric, 1);
    }

    public void add(PoolMetric metric, long amount) {
        cells.add(metric, amount);
    }

    /** An error that the proxy itself answered with, to a request or to a part of one. */
    public void error(Enum<?> kind) {
        errors.add(kind, 1);
    }

    /** From a request's arrival until its reply was in the client's out buffer. */
    public void latency(long nanos) {
        latency.record(nanos);
    }

    long get(PoolMetric metric) {
        return cells.get(metric);
    }

    long errors(int kind) {
        return errors.get(kind);
    }

    LatencyRecorder latencies() {
        return latency;
    }
}
