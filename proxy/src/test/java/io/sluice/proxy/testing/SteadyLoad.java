package io.sluice.proxy.testing;

import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Clients that ask the same again and again without a pause, and remember every reply that they did not expect. */
public final class SteadyLoad implements AutoCloseable {

    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int MAX_TROUBLES = 20;
    private static final long END_MILLIS = 15_000;

    private final List<Thread> clients = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> troubles = new ConcurrentLinkedQueue<>();
    private final AtomicLong replies = new AtomicLong();
    private final AtomicLong longestNanos = new AtomicLong();
    private volatile boolean stopped;

    /** Begins to ask at this port. */
    public SteadyLoad client(int port, Predicate<@Nullable Object> expected, String... request) {
        Thread client = new Thread(() -> ask(port, expected, request), "load-" + port);
        client.setDaemon(true);
        client.start();
        clients.add(client);
        return this;
    }

    private void ask(int port, Predicate<@Nullable Object> expected, String... request) {
        try (RespClient client = new RespClient(port)) {
            while (!stopped) {
                long begin = System.nanoTime();
                Object reply = client.call(request);
                longestNanos.accumulateAndGet(System.nanoTime() - begin, Math::max);
                replies.incrementAndGet();
                if (reply instanceof RespError || !expected.test(reply)) {
                    note(port + ": " + reply);
                }
            }
        } catch (IOException e) {
            note(port + ": " + e);
        }
    }

    private void note(String trouble) {
        if (troubles.size() < MAX_TROUBLES) {
            troubles.add(trouble);
        }
    }

    public long replies() {
        return replies.get();
    }

    public long longestMillis() {
        return longestNanos.get() / NANOS_PER_MILLI;
    }

    /** Requests that failed, or had a reply that nobody expected; the first of them. */
    public List<String> troubles() {
        return List.copyOf(troubles);
    }

    /** Lets the clients end. */
    public SteadyLoad stop() throws InterruptedException {
        stopped = true;
        for (Thread client : clients) {
            client.join(END_MILLIS);
            if (client.isAlive()) {
                note("a client got no reply");
            }
        }
        return this;
    }

    @Override
    public void close() {
        stopped = true;
    }
}
