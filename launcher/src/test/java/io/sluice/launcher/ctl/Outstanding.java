package io.sluice.launcher.ctl;

import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A client with several writes on their way at any time, through one proxy: it counts a key up, and each reply must be the
 * number that comes next, or a higher one after a write of which it does not know.
 */
final class Outstanding implements AutoCloseable {

    /** So many at a time. */
    static final int WINDOW = 8;

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final long PAUSE_NANOS = 1_000_000;

    private final int port;
    private final String key;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::run, "outstanding");
    private volatile boolean stopped;
    private volatile long lastReplyNanos = System.nanoTime();

    private Outstanding(int port, String key) {
        this.port = port;
        this.key = key;
        thread.setDaemon(true);
    }

    static Outstanding start(int port, String key) {
        Outstanding client = new Outstanding(port, key);
        client.thread.start();
        return client;
    }

    private void run() {
        while (!stopped) {
            try (RespClient client = new RespClient("127.0.0.1", port, PATIENCE)) {
                long last = acknowledged.get();
                while (!stopped) {
                    last = round(client, last);
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (IOException e) {
                LockSupport.parkNanos(PAUSE_NANOS * 20);
            }
        }
    }

    private long round(RespClient client, long before) throws IOException {
        for (int i = 0; i < WINDOW; i++) {
            client.send("INCR", key);
        }
        sent.addAndGet(WINDOW);
        client.flush();
        long last = before;
        for (int i = 0; i < WINDOW; i++) {
            Object reply = client.receive();
            if (reply instanceof Long number) {
                if (number <= last || number > sent.get()) {
                    wrong.add("counted to " + number + " after " + last + ", sent " + sent.get());
                }
                last = number;
                acknowledged.accumulateAndGet(number, Math::max);
                lastReplyNanos = System.nanoTime();
            } else {
                errors.add(reply instanceof RespError error ? error.message() : String.valueOf(reply));
            }
        }
        return last;
    }

    String key() {
        return key;
    }

    /** Of the last number that came. */
    long lastReplyNanos() {
        return lastReplyNanos;
    }

    long acknowledged() {
        return acknowledged.get();
    }

    /** Error replies so far. */
    Queue<String> errors() {
        return errors;
    }

    /** What is wrong, looked at through another proxy; empty if nothing is. */
    Queue<String> stopAndCheck(int otherPort) throws Exception {
        stopped = true;
        thread.join(PATIENCE.toMillis());
        try (RespClient client = new RespClient(otherPort)) {
            long found = Long.parseLong(String.valueOf(client.call("GET", key)));
            if (found < acknowledged.get() || found > sent.get()) {
                wrong.add(key + " is " + found + " in the end, acknowledged " + acknowledged + ", sent " + sent);
            }
        }
        return wrong;
    }

    @Override
    public void close() {
        stopped = true;
    }
}
