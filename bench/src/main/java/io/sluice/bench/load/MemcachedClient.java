package io.sluice.bench.load;

import io.sluice.bench.proxies.BenchException;
import io.sluice.bench.proxies.Target;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A client for memcached's text protocol, since redis-benchmark does not speak it: one thread, many connections, gets
 * of random keys, every reply compared with what was set.
 */
public final class MemcachedClient implements LoadClient {

    private static final long SEED = 20_261_121;
    private static final int SELECT_MILLIS = 20_000;

    @Override
    public void fill(Target target, Workload workload) {
        new MemcachedFill(new MemcachedKeys(workload)).run(target.port());
    }

    @Override
    public Load run(Target target, Workload workload, long requests) {
        LatencyHistogram latencies = new LatencyHistogram();
        List<MemcachedConnection> connections = new ArrayList<>();
        try (Selector selector = Selector.open()) {
            try {
                open(selector, target, workload, requests, latencies, connections);
                long start = System.nanoTime();
                serve(selector, connections, target);
                double seconds = (System.nanoTime() - start) / 1e9;
                long answered = connections.stream()
                        .mapToLong(MemcachedConnection::answered)
                        .sum();
                return new Load(answered, seconds, latencies.latencies());
            } finally {
                for (MemcachedConnection connection : connections) {
                    connection.close();
                }
            }
        } catch (IOException e) {
            throw new BenchException("memcached load against " + target.name() + " failed: " + e.getMessage(), e);
        }
    }

    private static void open(
            Selector selector,
            Target target,
            Workload workload,
            long requests,
            LatencyHistogram latencies,
            List<MemcachedConnection> connections)
            throws IOException {
        MemcachedKeys keys = new MemcachedKeys(workload);
        Random random = new Random(SEED);
        long each = Math.max(1, requests / workload.clients());
        for (int i = 0; i < workload.clients(); i++) {
            SocketChannel channel =
                    SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), target.port()));
            MemcachedConnection connection =
                    new MemcachedConnection(channel, keys, workload, each, new Random(random.nextLong()), latencies);
            connections.add(connection);
            channel.register(selector, SelectionKey.OP_READ, connection);
        }
    }

    private static void serve(Selector selector, List<MemcachedConnection> connections, Target target)
            throws IOException {
        for (MemcachedConnection connection : connections) {
            connection.sendBatch();
        }
        int busy = connections.size();
        while (busy > 0) {
            if (selector.select(SELECT_MILLIS) == 0) {
                throw new IOException("no reply for " + SELECT_MILLIS + " ms from " + target.name());
            }
            for (SelectionKey key : selector.selectedKeys()) {
                MemcachedConnection connection = (MemcachedConnection) key.attachment();
                connection.read();
                if (connection.isDone()) {
                    key.cancel();
                    busy--;
                }
            }
            selector.selectedKeys().clear();
        }
    }

    @Override
    public String operations(Workload workload) {
        return workload.keysPerRequest() == 1 ? "get" : "get of " + workload.keysPerRequest() + " keys";
    }

    @Override
    public String describe() {
        return "the bench's own memcached client, one thread, replies checked";
    }
}
