package io.sluice.testing.workload;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients of all kinds at some proxies, from its start until it is told to stop. What random choices they make depends
 * on the seed; in which order they get their turns does not.
 */
public final class Workload implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Journal journal = new Journal();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final List<Thread> threads = new ArrayList<>();
    private final List<Part> parts;
    private final List<Integer> ports;
    private final long seed;
    private final long pauseNanos;
    private final long start = System.nanoTime();

    /** What the proxies must carry beyond commands with keys. */
    public enum Extra {
        /** MULTI, EXEC, WATCH. */
        TRANSACTIONS,
        /** BLPOP. */
        BLOCKING
    }

    private Workload(List<Integer> ports, long seed, Duration pause, Set<Extra> extras) {
        this.ports = List.copyOf(ports);
        this.seed = seed;
        this.pauseNanos = pause.toNanos();
        String prefix = "w" + Long.toHexString(seed) + ":";
        this.parts = new ArrayList<>(List.of(
                new Registers(journal, prefix, 4, 4),
                new Counters(journal, prefix, 4),
                new Queues(journal, prefix, 3, 3, false),
                new Scripts(journal, prefix, 2),
                new Expiries(journal, prefix, 2)));
        if (extras.contains(Extra.TRANSACTIONS)) {
            parts.add(new Accounts(journal, prefix, 3));
        }
        if (extras.contains(Extra.BLOCKING)) {
            parts.add(new Queues(journal, prefix + "blocking:", 2, 4, true));
        }
    }

    /** As fast as the replies come. The seed is printed. */
    public static Workload start(List<Integer> ports, long seed) {
        return start(ports, seed, Duration.ZERO, Set.of());
    }

    /**
     * Starts all clients.
     *
     * @param ports of the proxies at 127.0.0.1
     * @param pause of each client between two requests, so that a small machine has time for something else
     * @param extras what is asked of the proxies beside plain commands
     */
    public static Workload start(List<Integer> ports, long seed, Duration pause, Set<Extra> extras) {
        System.out.println("Workload: sluice.seed=" + seed);
        Workload workload = new Workload(ports, seed, pause, extras);
        int number = 0;
        for (Part part : workload.parts) {
            for (Part.Actor actor : part.actors()) {
                Random random = new Random(seed + number);
                Thread thread = new Thread(() -> workload.run(actor, random), "workload-" + number++);
                thread.setDaemon(true);
                workload.threads.add(thread);
            }
        }
        workload.threads.forEach(Thread::start);
        return workload;
    }

    private void run(Part.Actor actor, Random random) {
        try (Link link = new Link(journal, ports, random, stopped::get)) {
            while (!stopped.get()) {
                actor.step(link, random);
                if (pauseNanos > 0) {
                    LockSupport.parkNanos(pauseNanos);
                }
            }
        } catch (RuntimeException e) {
            journal.violation("a client failed: " + e);
        }
    }

    /** What it has seen so far; it goes on. */
    public WorkloadReport soFar() {
        return journal.report(seed, (System.nanoTime() - start) / 1e9);
    }

    /** Stops the clients, looks at what is there in the end, and says what it has seen. */
    public WorkloadReport stop() throws InterruptedException {
        double seconds = (System.nanoTime() - start) / 1e9;
        stopped.set(true);
        for (Thread thread : threads) {
            thread.join(PATIENCE.toMillis());
            journal.require(!thread.isAlive(), "%s: still waits for a reply", thread.getName());
        }
        try (Link link = new Link(journal, ports, new Random(seed), closed::get)) {
            parts.forEach(part -> part.check(link));
        }
        return journal.report(seed, seconds);
    }

    /** Leaves everything as it is. */
    @Override
    public void close() {
        stopped.set(true);
        closed.set(true);
    }
}
