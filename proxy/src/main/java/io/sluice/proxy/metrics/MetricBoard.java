package io.sluice.proxy.metrics;

import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
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
 * Pools and servers come and go with the configuration. Thread-safe. Values read one after the other belong to
 * slightly different moments.
 */
public final class MetricBoard {

    private static final int MOST_READINGS = 10;

    /**
     * The names of one pool and of its servers.
     *
     * @param name of the pool
     * @param servers of its servers
     */
    public record PoolNames(String name, List<String> servers) {
        public PoolNames {
            servers = List.copyOf(servers);
        }
    }

    private final List<String> errorKinds;
    private final int loops;
    private final List<AtomicLongArray> closed; // by event loop, what pools counted that are gone
    private volatile List<PoolTotals> pools = List.of();

    /** @param errorKinds names of errors, by ordinal */
    public MetricBoard(List<String> errorKinds, int loops) {
        this.errorKinds = List.copyOf(errorKinds);
        this.loops = loops;
        this.closed = Stream.generate(() -> new AtomicLongArray(PoolMetric.values().length))
                .limit(loops)
                .toList();
    }

    /** With these pools on it. */
    public MetricBoard(List<PoolNames> pools, List<String> errorKinds, int loops) {
        this(errorKinds, loops);
        pools.forEach(names -> names.servers().forEach(open(names.name())::open));
    }

    /** The counters of the pool of this name, which are made if there are none. */
    public synchronized PoolTotals open(String pool) {
        return pools.stream()
                .filter(totals -> totals.name().equals(pool))
                .findFirst()
                .orElseGet(() -> {
                    PoolTotals added = new PoolTotals(pool);
                    pools = Stream.concat(pools.stream(), Stream.of(added)).toList();
                    return added;
                });
    }

    /** Forgets what was counted of the pool of this name, which nobody counts any more. */
    public synchronized void close(String pool) {
        pools.stream().filter(totals -> totals.name().equals(pool)).forEach(this::keepSums);
        pools = pools.stream().filter(totals -> !totals.name().equals(pool)).toList();
    }

    @SuppressWarnings("EnumOrdinal") // an index that no one keeps
    private void keepSums(PoolTotals pool) {
        for (int loop = 0; loop < loops; loop++) {
            for (PoolMetric metric : PoolMetric.values()) {
                closed.get(loop).addAndGet(metric.ordinal(), pool.counters(loop).get(metric));
            }
        }
    }

    /** Where this event loop counts what happens in the pool at this place. */
    public PoolCounters counters(int loop, int pool) {
        return pools.get(pool).counters(loop);
    }

    // ---- for readers

    public List<PoolTotals> pools() {
        return pools;
    }

    public List<String> errorKinds() {
        return errorKinds;
    }

    public int loops() {
        return loops;
    }

    public PoolTotals pool(int pool) {
        return pools.get(pool);
    }

    /** What this event loop has counted in all pools, those that are gone included. */
    @SuppressWarnings("EnumOrdinal") // an index that no one keeps
    public synchronized long ofLoop(int loop, PoolMetric metric) {
        return pools.stream().mapToLong(pool -> pool.counters(loop).get(metric)).sum()
                + closed.get(loop).get(metric.ordinal());
    }

    /** One pool on all event loops. */
    public final class PoolTotals {
        private final String name;
        private final List<PoolCounters> columns; // by event loop
        private volatile List<ServerTotals> servers = List.of();

        private PoolTotals(String name) {
            this.name = name;
            this.columns = Stream.generate(() -> new PoolCounters(errorKinds.size()))
                    .limit(loops)
                    .toList();
        }

        public String name() {
            return name;
        }

        /** Where this event loop counts what happens in the pool. */
        public PoolCounters counters(int loop) {
            return columns.get(loop);
        }

        /** The counters of the server of this name, which are made if there are none. */
        public ServerTotals open(String server) {
            synchronized (MetricBoard.this) {
                return servers.stream()
                        .filter(totals -> totals.name().equals(server))
                        .findFirst()
                        .orElseGet(() -> {
                            ServerTotals added = new ServerTotals(server, columns);
                            servers = Stream.concat(servers.stream(), Stream.of(added))
                                    .toList();
                            return added;
                        });
            }
        }

        /** Forgets what was counted of the server of this name, which nobody counts any more. */
        public void close(String server) {
            synchronized (MetricBoard.this) {
                servers = servers.stream()
                        .filter(totals -> !totals.name().equals(server))
                        .toList();
                columns.forEach(column -> column.forget(server));
            }
        }

        public List<ServerTotals> servers() {
            return servers;
        }

        public ServerTotals server(int server) {
            return servers.get(server);
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

        /** Requests that await their replies. */
        public long inFlight() {
            return sum(counters -> standing(
                    () -> counters.get(PoolMetric.ABANDONED) + counters.get(PoolMetric.REPLIES),
                    () -> counters.get(PoolMetric.REQUESTS)));
        }

        /** Reply bytes that clients have not taken. */
        public long queuedBytes() {
            return sum(counters -> standing(
                    () -> counters.get(PoolMetric.REPLY_BYTES_SETTLED), () -> counters.get(PoolMetric.REPLY_BYTES)));
        }

        public long clients() {
            return sum(counters -> standing(
                    () -> counters.get(PoolMetric.CLIENTS_CLOSED), () -> counters.get(PoolMetric.CLIENTS_ACCEPTED)));
        }

        public Latencies latencies() {
            Latencies total = new Latencies();
            columns.forEach(column -> column.latencies().addTo(total));
            return total;
        }

        private long sum(ToLongFunction<PoolCounters> value) {
            return columns.stream().mapToLong(value).sum();
        }
    }

    /** One server on all event loops. */
    public final class ServerTotals {
        private final String name;
        private final List<ServerCounters> columns; // by event loop

        private ServerTotals(String name, List<PoolCounters> pools) {
            this.name = name;
            this.columns = pools.stream().map(pool -> pool.server(name)).toList();
        }

        public String name() {
            return name;
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
            return sum(counters -> standing(
                    () -> counters.get(ServerMetric.LOST) + counters.get(ServerMetric.REPLIES),
                    () -> counters.get(ServerMetric.REQUESTS)));
        }

        /** Those of them that no socket has taken. */
        public long unsent() {
            return sum(counters -> standing(
                    () -> counters.get(ServerMetric.REQUESTS_SETTLED), () -> counters.get(ServerMetric.REQUESTS)));
        }

        /** Bytes of requests that no socket has taken. */
        public long queuedBytes() {
            return sum(counters -> standing(
                    () -> counters.get(ServerMetric.REQUEST_BYTES_SETTLED),
                    () -> counters.get(ServerMetric.REQUEST_BYTES)));
        }

        /** Bytes of requests that were sent and await their replies. */
        public long awaitedBytes() {
            return sum(counters -> standing(
                    () -> counters.get(ServerMetric.REQUEST_BYTES_ANSWERED),
                    () -> counters.get(ServerMetric.REQUEST_BYTES_SETTLED)));
        }

        public long connections() {
            return sum(counters -> standing(
                    () -> counters.get(ServerMetric.CONNECTIONS_CLOSED),
                    () -> counters.get(ServerMetric.CONNECTIONS_OPENED)));
        }

        /** Connections that could not be had when last tried, and not since. */
        public long unreachable() {
            return sum(counters -> standing(
                    () -> counters.get(ServerMetric.UNREACHABLE_ENDED),
                    () -> counters.get(ServerMetric.UNREACHABLE_BEGUN)));
        }

        public Latencies latencies() {
            Latencies total = new Latencies();
            columns.forEach(column -> column.latencies().addTo(total));
            return total;
        }

        private long sum(ToLongFunction<ServerCounters> value) {
            return columns.stream().mapToLong(value).sum();
        }
    }

    /**
     * What has come and not left, while both go on rising. Who reads may be held up between the two readings, and then
     * would count all that came meanwhile: so it is read again until nothing has left in between, or the least is taken.
     * Where something is counted as gone just before it is counted as come, 0 is as good as -1.
     */
    static long standing(LongSupplier gone, LongSupplier come) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < MOST_READINGS; i++) {
            long before = gone.getAsLong();
            long standing = Math.max(0, come.getAsLong() - before);
            if (gone.getAsLong() == before) {
                return standing;
            }
            least = Math.min(least, standing);
        }
        return least;
    }
}
