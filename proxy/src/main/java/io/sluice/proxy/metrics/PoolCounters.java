package io.sluice.proxy.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What one event loop counts of one pool. Written by that loop only. */
public final class PoolCounters {

    private final Cells cells = new Cells(PoolMetric.values().length);
    private final Cells errors;
    private final LatencyRecorder latency = new LatencyRecorder();
    private final int errorKinds;
    private final Map<String, ServerCounters> servers = new ConcurrentHashMap<>();

    PoolCounters(int errorKinds) {
        this.errors = new Cells(errorKinds);
        this.errorKinds = errorKinds;
    }

    /** Those of the server of this name. To be kept by whoever counts: it is looked up. From any thread. */
    public ServerCounters server(String name) {
        return servers.computeIfAbsent(name, added -> new ServerCounters(this, errorKinds));
    }

    /** From any thread. */
    void forget(String server) {
        servers.remove(server);
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
