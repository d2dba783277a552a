package io.sluice.launcher.faults;

import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A client that counts one key up all the time, and knows how long it had to wait at most, and what went wrong. */
final class Pulse implements AutoCloseable {

    private static final long PAUSE_NANOS = 5_000_000;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final int port;
    private final String key;
    private final Thread thread = new Thread(this::run, "pulse");
    private volatile boolean stopped;
    private volatile long longestNanos;
    private final AtomicLong beats = new AtomicLong();
    private volatile String trouble = "";

    private Pulse(int port, String key) {
        this.port = port;
        this.key = key;
    }

    static Pulse start(int port, String key) {
        Pulse pulse = new Pulse(port, key);
        pulse.thread.setDaemon(true);
        pulse.thread.start();
        return pulse;
    }

    private void run() {
        try (RespClient client = new RespClient("127.0.0.1", port, LIMIT)) {
            long last = -1;
            while (!stopped) {
                long begin = System.nanoTime();
                Object reply = client.call("INCR", key);
                longestNanos = Math.max(longestNanos, System.nanoTime() - begin);
                if (reply instanceof RespError error) {
                    trouble = error.message();
                } else if (last >= 0 && !Long.valueOf(last + 1).equals(reply)) {
                    trouble = "after " + last + " came " + reply;
                }
                last = reply instanceof Long number ? number : -1;
                beats.incrementAndGet();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (IOException e) {
            trouble = String.valueOf(e.getMessage());
        }
    }

    Duration longest() {
        return Duration.ofNanos(longestNanos);
    }

    long beats() {
        return beats.get();
    }

    /** Empty if every reply was one more than the one before. */
    String trouble() {
        return trouble;
    }

    /** Returns when its last reply is there. */
    void stop() throws InterruptedException {
        stopped = true;
        thread.join(LIMIT.toMillis());
    }

    @Override
    public void close() {
        stopped = true;
    }
}
