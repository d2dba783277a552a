package io.sluice.manager.migration.engine;

import io.sluice.testing.RespClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Writes to keys of all slots as fast as it can, until it is stopped: every reply has come back then. */
final class WriteLoad implements AutoCloseable {

    private static final int TAGS = 300;

    private final RespClient client;
    private final Random random;
    private final Thread thread = new Thread(this::run, "write-load");
    private final AtomicLong written = new AtomicLong();
    private volatile boolean stopped;
    private volatile @Nullable IOException failure;

    private WriteLoad(RespClient client, long seed) {
        this.client = client;
        this.random = new Random(seed);
    }

    static WriteLoad start(RespClient client, long seed) {
        WriteLoad load = new WriteLoad(client, seed);
        load.thread.start();
        return load;
    }

    private void run() {
        try {
            while (!stopped) {
                step("{" + random.nextInt(TAGS) + "}");
                written.incrementAndGet();
            }
        } catch (IOException e) {
            failure = e;
        }
    }

    private void step(String tag) throws IOException {
        String element = String.valueOf(random.nextInt(1000));
        switch (random.nextInt(24)) {
            case 0, 1, 2 -> client.call("INCR", tag + "counter");
            case 3 -> client.call("HSET", tag + "hash", element, "v" + random.nextInt());
            case 4 -> client.call("HINCRBY", tag + "hash", "n", "1");
            case 5 -> client.call("RPUSH", tag + "list", element);
            case 6 -> client.call("LPOP", tag + "list");
            case 7 -> client.call("LMOVE", tag + "list", tag + "other", "LEFT", "RIGHT");
            case 8 -> client.call("SADD", tag + "set", element);
            case 9 -> client.call("SPOP", tag + "set");
            case 10 -> client.call("SUNIONSTORE", tag + "union", tag + "set", tag + "union2");
            case 11 -> client.call("ZADD", tag + "zset", element, "m" + element);
            case 12 -> client.call("ZUNIONSTORE", tag + "sum", "2", tag + "zset", tag + "sum");
            case 13 -> client.call("XADD", tag + "stream", "*", "f", element);
            case 14 -> client.call("SET", tag + "short", element, "PX", String.valueOf(1 + random.nextInt(300)));
            case 15 -> client.call("PEXPIRE", tag + "counter", String.valueOf(50 + random.nextInt(5000)));
            case 16 -> client.call("PERSIST", tag + "counter");
            case 17 -> client.call("DEL", tag + "hash", tag + "nothing");
            case 18 -> client.call("RENAME", tag + "short", tag + "renamed");
            case 19 -> transaction(tag, element);
            case 20 ->
                client.call(
                        "EVAL",
                        "redis.call('SET',KEYS[1],ARGV[1]);redis.call('INCRBY',KEYS[2],ARGV[1])",
                        "2",
                        tag + "e1",
                        tag + "e2",
                        element);
            case 21 -> client.call("GETEX", tag + "e1", "PX", "100000");
            case 22 -> client.call("SORT", tag + "set", "STORE", tag + "sorted");
            default -> client.call("PUBLISH", tag + "channel", element);
        }
    }

    private void transaction(String tag, String element) throws IOException {
        client.call("MULTI");
        client.call("SET", tag + "a", element, "EX", "1000");
        client.call("SET", tag + "b", element);
        client.call("EXEC");
    }

    long written() {
        return written.get();
    }

    /** Returns when the last write was answered. */
    @Override
    public void close() {
        stopped = true;
        try {
            thread.join();
            client.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (failure != null) {
            throw new UncheckedIOException(failure);
        }
    }
}
