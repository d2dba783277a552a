package io.sluice.proxy.metrics;

import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * All that is counted, by event loop, pool and server. Each event loop writes its own column; a reader adds them up.
 *
 * <pre>
 *               loop 0     loop 1
 *   alpha       counters   counters   ─▶ sum
 *     shard-a   counters   counters   ─▶ sum
 *   beta        ...
 * </pre>
 *
 * Thread-safe. Values read one after the other belong to slightly different moments.
 */
public final class MetricBoard {

    /**
     * The names of one pool and of its servers, by index.
     *
     * @param name of the pool
     * @param servers of its servers
     */
    public record PoolNames(String name, List<String> servers) {
        public PoolNames {
            servers = List.copyOf(servers);
        }
    }

    private final List<PoolNames> pools;
    private final List<String> errorKinds;
    private final List<List<PoolCounters>> columns; // by event loop, then by pool

    /** @param errorKinds names of errors, by ordinal */
    public MetricBoard(List<PoolNames> pools, List<String> errorKinds, int loops) {
        this.pools = List.copyOf(pools);
        this.errorKinds = List.copyOf(errorKinds);
        this.columns = Stream.generate(this::newColumn).limit(loops).toList();
    }

    private List<PoolCounters> newColumn() {
        return pools.stream()
                .map(pool -> new PoolCounters(pool.servers().size(), errorKinds.size()))
                .toList();
    }

    /** Where this event loop counts what happens in this pool. */
    public PoolCounters counters(int loop, int pool) {
        return columns.get(loop).get(pool);
    }

    // ---- for readers

    public List<PoolNames> pools() {
        return pools;
    }

    public List<String> errorKinds() {
        return errorKinds;
    }

    public int loops() {
        return columns.size();
    }

    public PoolTotals pool(int pool) {
        return new PoolTotals(pool);
    }

    /** What this event loop has counted in all pools. */
    public long ofLoop(int loop, PoolMetric metric) {
        return columns.get(loop).stream()
                .mapToLong(counters -> counters.get(metric))
                .sum();
    }

    /** One pool on all event loops. */
    public final class PoolTotals {
        private final int pool;

        private PoolTotals(int pool) {
            this.pool = pool;
        }

        public PoolNames names() {
            return pools.get(pool);
        }

        public ServerTotals server(int server) {
            return new ServerTotals(pool, server);
        }

        public long get(PoolMetric metric) {
            return sum(counters -> counters.get(metric));
        }

        public long errors(int kind) {
            return sum(counters -> counters.errors(kind));
        }

        public long errors() {
            return IntStream.range(0, errorKinds.size()).mapToLong(this::errors).sum();
        }

        /**
         * Requests that await their replies. What leaves is read before what comes; where a reply is counted just before
         * its request, 0 is as good as -1.
         */
        public long inFlight() {
            return sum(counters -> {
                long gone = counters.get(PoolMetric.ABANDONED) + counters.get(PoolMetric.REPLIES);
                return Math.max(0, counters.get(PoolMetric.REQUESTS) - gone);
            });
        }

        /** Reply bytes that clients have not taken. */
        public long queuedBytes() {
            return sum(counters -> {
                long settled = counters.get(PoolMetric.REPLY_BYTES_SETTLED);
                return counters.get(PoolMetric.REPLY_BYTES) - settled;
            });
        }

        public long clients() {
            return sum(counters -> {
                long closed = counters.get(PoolMetric.CLIENTS_CLOSED);
                return counters.get(PoolMetric.CLIENTS_ACCEPTED) - closed;
            });
        }

        public Latencies latencies() {
            Latencies total = new Latencies();
            columns.forEach(column -> column.get(pool).latencies().addTo(total));
            return total;
        }

        private long sum(ToLongFunction<PoolCounters> value) {
            return columns.stream()
                    .mapToLong(column -> value.applyAsLong(column.get(pool)))
                    .sum();
        }
    }

    /** One server on all event loops. */
    public final class ServerTotals {
        private final int pool;
        private final int server;

        private ServerTotals(int pool, int server) {
            this.pool = pool;
            this.server = server;
        }

        public String name() {
            return pools.get(pool).servers().get(server);
        }

        public long get(ServerMetric metric) {
            return sum(counters -> counters.get(metric));
        }

        public long errors(int kind) {
            return sum(counters -> counters.errors(kind));
        }

        public long errors() {
            return IntStream.range(0, errorKinds.size()).mapToLong(this::errors).sum();
        }

        /** Requests that await their replies, sent or not. */
        public long inFlight() {
            return sum(counters -> {
                long gone = counters.get(ServerMetric.LOST) + counters.get(ServerMetric.REPLIES);
                return Math.max(0, counters.get(ServerMetric.REQUESTS) - gone);
            });
        }

        /** Those of them that no socket has taken. */
        public long unsent() {
            return sum(counters -> {
                long settled = counters.get(ServerMetric.REQUESTS_SETTLED);
                return Math.max(0, counters.get(ServerMetric.REQUESTS) - settled);
            });
        }

        /** Bytes of requests that no socket has taken. */
        public long queuedBytes() {
            return sum(counters -> {
                long settled = counters.get(ServerMetric.REQUEST_BYTES_SETTLED);
                return Math.max(0, counters.get(ServerMetric.REQUEST_BYTES) - settled);
            });
        }

        /** Bytes of requests that were sent and await their replies. */
        public long awaitedBytes() {
            return sum(counters -> {
                long answered = counters.get(ServerMetric.REQUEST_BYTES_ANSWERED);
                return Math.max(0, counters.get(ServerMetric.REQUEST_BYTES_SETTLED) - answered);
            });
        }

        public long connections() {
            return sum(counters -> {
                long closed = counters.get(ServerMetric.CONNECTIONS_CLOSED);
                return counters.get(ServerMetric.CONNECTIONS_OPENED) - closed;
            });
        }

        /** Connections that could not be had when last tried, and not since. */
        public long unreachable() {
            return sum(counters -> {
                long ended = counters.get(ServerMetric.UNREACHABLE_ENDED);
                return counters.get(ServerMetric.UNREACHABLE_BEGUN) - ended;
            });
        }

        public Latencies latencies() {
            Latencies total = new Latencies();
            columns.forEach(
                    column -> column.get(pool).server(server).latencies().addTo(total));
            return total;
        }

        private long sum(ToLongFunction<ServerCounters> value) {
            return columns.stream()
                    .mapToLong(column -> value.applyAsLong(column.get(pool).server(server)))
                    .sum();
        }
    }
}
