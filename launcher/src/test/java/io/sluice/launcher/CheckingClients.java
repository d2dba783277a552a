package io.sluice.launcher;

import io.sluice.testing.RespClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Clients that write values of their own and read them back, sixteen requests at a time on one connection each, and
 * check every reply; and one that connects anew all the time.
 */
final class CheckingClients implements AutoCloseable {

    private static final int PIPELINE = 16;

    private final int port;
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong replies = new AtomicLong();
    private final AtomicLong connects = new AtomicLong();
    private final List<String> troubles = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private CheckingClients(int port, int clients) {
        this.port = port;
        for (int i = 0; i < clients; i++) {
            int number = i;
            threads.add(new Thread(() -> write(number), "client-" + i));
        }
        threads.add(new Thread(this::comeAndGo, "newcomer"));
    }

    static CheckingClients start(int port, int clients) {
        CheckingClients started = new CheckingClients(port, clients);
        started.threads.forEach(Thread::start);
        return started;
    }

    private void write(int number) {
        try (RespClient client = new RespClient(port)) {
            for (long round = 0; !stop.get(); round++) {
                for (int i = 0; i < PIPELINE / 2; i++) {
                    client.send("SET", "client:" + number + ":" + i, number + "-" + round);
                    client.send("GET", "client:" + number + ":" + i);
                }
                client.flush();
                for (int i = 0; i < PIPELINE / 2; i++) {
                    check("OK", client.receive());
                    check(number + "-" + round, client.receive());
                }
                replies.addAndGet(PIPELINE);
            }
        } catch (IOException | RuntimeException e) {
            trouble(e.toString());
        }
    }

    private void comeAndGo() {
        while (!stop.get()) {
            try (RespClient client = new RespClient(port)) {
                check("PONG", client.call("PING"));
                connects.incrementAndGet();
            } catch (IOException | RuntimeException e) {
                trouble(e.toString());
                return;
            }
        }
    }

    private static void check(String expected, @Nullable Object got) {
        if (!expected.equals(got)) {
            throw new IllegalStateException("expected " + expected + ", got " + got);
        }
    }

    private synchronized void trouble(String what) {
        troubles.add(Thread.currentThread().getName() + ": " + what);
    }

    /** What was wrong, by client; a client that met trouble has ended. */
    synchronized List<String> troubles() {
        return List.copyOf(troubles);
    }

    long replies() {
        return replies.get();
    }

    long connects() {
        return connects.get();
    }

    @Override
    public void close() {
        finish();
    }

    /** Lets each finish its round. */
    void finish() {
        stop.set(true);
        for (Thread thread : threads) {
            try {
                thread.join(30_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
