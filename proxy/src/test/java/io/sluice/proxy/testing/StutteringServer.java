package io.sluice.proxy.testing;

import io.sluice.testing.RedisServer;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Makes a real server slow: stops it (SIGSTOP) and lets it go on for a moment, in turn. */
public final class StutteringServer implements AutoCloseable {

    private final RedisServer server;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private volatile int stops;

    private StutteringServer(RedisServer server) {
        this.server = server;
    }

    public static StutteringServer of(RedisServer server, Duration stopped, Duration running) {
        StutteringServer slow = new StutteringServer(server);
        slow.stop(stopped, running);
        return slow;
    }

    private synchronized void stop(Duration stopped, Duration running) {
        server.pause();
        stops++;
        later(() -> goOn(stopped, running), stopped);
    }

    private void goOn(Duration stopped, Duration running) {
        server.resume();
        later(() -> stop(stopped, running), running);
    }

    private void later(Runnable task, Duration delay) {
        if (!timer.isShutdown()) {
            timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    public int stops() {
        return stops;
    }

    @Override
    public void close() {
        timer.shutdownNow();
        try {
            timer.awaitTermination(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.resume();
    }
}
