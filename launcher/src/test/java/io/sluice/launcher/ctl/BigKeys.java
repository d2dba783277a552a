package io.sluice.launcher.ctl;

import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One huge key of each type, all with one tag, and clients that write to them all the time. */
final class BigKeys implements AutoCloseable {

    private static final int AT_ONCE = 100_000;
    private static final int CHUNK = 1 << 20;
    private static final long PAUSE_NANOS = 1_000_000;

    private final String tag;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final List<Thread> writers = new ArrayList<>();
    private final Queue<String> problems = new ConcurrentLinkedQueue<>();
    private final LongAdder writes = new LongAdder();

    BigKeys(String tag) {
        this.tag = tag;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    String key(String name) {
        return "{" + tag + "}:" + name;
    }

    /** Straight at the server that owns them. */
    void fill(RespClient server, int thousands, int megabytes) throws IOException {
        fill(server, "hash", "redis.call('HSET', KEYS[1], 'field:' .. i, i)", 5 * thousands);
        fill(server, "zset", "redis.call('ZADD', KEYS[1], i, 'member:' .. i)", thousands);
        fill(server, "list", "redis.call('RPUSH', KEYS[1], 'element:' .. i)", 5 * thousands);
        fill(server, "stream", "redis.call('XADD', KEYS[1], '*', 'n', i)", thousands);
        server.call("XGROUP", "CREATE", key("stream"), "group", "0");
        server.call("XREADGROUP", "GROUP", "group", "first", "COUNT", "10000", "STREAMS", key("stream"), ">");
        byte[] chunk = new byte[CHUNK];
        Random random = new Random(1);
        byte[] name = bytes(key("string"));
        for (int i = 0; i < megabytes; i++) {
            random.nextBytes(chunk);
            server.call(bytes("APPEND"), name, chunk);
        }
    }

    private void fill(RespClient server, String name, String command, int thousands) throws IOException {
        String script = "for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do " + command + " end";
        long size = 1000L * thousands;
        for (long from = 1; from <= size; from += AT_ONCE) {
            long to = Math.min(size, from + AT_ONCE - 1);
            Object reply = server.call("EVAL", script, "1", key(name), String.valueOf(from), String.valueOf(to));
            if (reply instanceof RespError error) {
                throw new IOException(error.message());
            }
        }
    }

    // ---- writers

    private interface Write {
        @Nullable Object to(RespClient client, long number) throws IOException;
    }

    void startWriting(List<Integer> ports, int thousands, int megabytes) {
        long size = 1000L * thousands;
        start(ports, 0, (c, i) -> c.call("HINCRBY", key("hash"), "field:" + (1 + i * 7919 % (5 * size)), "1"));
        start(ports, 1, (c, i) -> c.call("ZINCRBY", key("zset"), "1", "member:" + (1 + i * 7919 % size)));
        start(ports, 2, (c, i) -> i % 2 == 0 ? c.call("RPUSH", key("list"), "more:" + i) : c.call("LPOP", key("list")));
        start(ports, 0, (c, i) -> c.call("XADD", key("stream"), "*", "n", "more:" + i));
        start(
                ports,
                1,
                (c, i) -> c.call(
                        "XREADGROUP", "GROUP", "group", "c" + i % 5, "COUNT", "1", "STREAMS", key("stream"), ">"));
        start(
                ports,
                2,
                (c, i) -> c.call(
                        "SETRANGE",
                        key("string"),
                        String.valueOf(i * 65_537 % ((long) megabytes * CHUNK)),
                        "written " + i));
    }

    private void start(List<Integer> ports, int number, Write write) {
        int port = ports.get(number % ports.size());
        Thread thread = new Thread(
                () -> {
                    try (RespClient client = new RespClient(port)) {
                        for (long i = 0; !stopped.get(); i++) {
                            if (write.to(client, i) instanceof RespError error) {
                                problems.add(error.message());
                            }
                            writes.increment();
                            LockSupport.parkNanos(PAUSE_NANOS);
                        }
                    } catch (IOException e) {
                        problems.add(e.toString());
                    }
                },
                "writes-" + writers.size());
        thread.setDaemon(true);
        writers.add(thread);
        thread.start();
    }

    /** What went wrong. */
    List<String> stopWriting() throws InterruptedException {
        stopped.set(true);
        for (Thread writer : writers) {
            writer.join();
        }
        return List.copyOf(problems);
    }

    long writes() {
        return writes.sum();
    }

    /** Sizes, and of the group what is pending: what can be told without keeping the server busy. */
    List<Object> sizes(RespClient client) throws IOException {
        List<Object> sizes = new ArrayList<>();
        sizes.add(client.call("HLEN", key("hash")));
        sizes.add(client.call("ZCARD", key("zset")));
        sizes.add(client.call("LLEN", key("list")));
        sizes.add(client.call("XLEN", key("stream")));
        sizes.add(client.call("STRLEN", key("string")));
        if (client.call("XPENDING", key("stream"), "group") instanceof List<?> pending) {
            sizes.add(pending.get(0));
        }
        return sizes;
    }

    @Override
    public void close() {
        stopped.set(true);
    }
}
