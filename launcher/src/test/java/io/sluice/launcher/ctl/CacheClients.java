package io.sluice.launcher.ctl;

import io.sluice.testing.TextClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Clients of a cache behind several proxies, who notice a value that is older than the last acknowledged write or delete.
 * Each key has one writer, who takes another proxy for each request, and numbers what he does: a value is the number of the
 * request that wrote it. Readers remember the last acknowledged number before they ask.
 *
 * <pre>
 *   v:N   set, delete, cas       what is read is not older than the last acknowledged of them
 *   c:N   set once, then incr    an answer is one more than the one before, or the counter is gone
 *   s:N   set at first           hits are counted
 * </pre>
 */
final class CacheClients implements AutoCloseable {

    private static final int WRITERS = 3;
    private static final int READERS = 2;
    private static final int KEYS = 120; // of each sort and writer
    private static final int STILL = 2_000;

    private final List<Integer> ports;
    private final AtomicLongArray values = new AtomicLongArray(WRITERS * KEYS);
    private final AtomicLongArray counters = new AtomicLongArray(WRITERS * KEYS);
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong stillReads = new AtomicLong();
    private final AtomicLong stillHits = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean running = true;

    private interface Loop {
        void step(TextClient[] proxies, SplittableRandom random) throws IOException;
    }

    private CacheClients(List<Integer> ports) {
        this.ports = ports;
    }

    static CacheClients start(List<Integer> ports, long seed) throws IOException {
        CacheClients clients = new CacheClients(ports);
        SplittableRandom random = new SplittableRandom(seed);
        System.out.println("seed " + seed);
        try (TextClient client = new TextClient(ports.get(0))) {
            for (int i = 0; i < STILL; i++) {
                client.store("set s:" + i + " 0 0", "still");
            }
        }
        for (int writer = 0; writer < WRITERS; writer++) {
            int first = writer * KEYS;
            long[] sequence = {0};
            clients.begin(random.split(), (proxies, own) -> clients.write(first, sequence, proxies, own));
        }
        for (int reader = 0; reader < READERS; reader++) {
            clients.begin(random.split(), clients::read);
        }
        clients.threads.forEach(Thread::start);
        return clients;
    }

    private void begin(SplittableRandom own, Loop loop) {
        threads.add(new Thread(() -> run(own, loop), "cache-clients"));
    }

    private void run(SplittableRandom own, Loop loop) {
        TextClient[] proxies = new TextClient[ports.size()];
        try {
            for (int i = 0; i < proxies.length; i++) {
                proxies[i] = new TextClient(ports.get(i));
            }
            while (running) {
                loop.step(proxies, own);
                answers.incrementAndGet();
            }
            for (TextClient proxy : proxies) {
                proxy.close();
            }
        } catch (IOException | RuntimeException e) {
            violations.add("a client failed: " + e);
        }
    }

    // ---- writers

    private void write(int first, long[] sequence, TextClient[] proxies, SplittableRandom random) throws IOException {
        int key = first + random.nextInt(KEYS);
        TextClient proxy = proxies[random.nextInt(proxies.length)];
        int what = random.nextInt(10);
        if (what < 4) {
            long number = ++sequence[0];
            expect("STORED", proxy.store("set v:" + key + " 0 0", Long.toString(number)));
            values.set(key, number);
        } else if (what < 6) {
            long number = ++sequence[0];
            expect("DELETED|NOT_FOUND", proxy.ask("delete v:" + key));
            values.set(key, number);
        } else if (what < 7) {
            compareAndSet(key, sequence, proxies, random);
        } else {
            count(key, proxy);
        }
    }

    private void compareAndSet(int key, long[] sequence, TextClient[] proxies, SplittableRandom random)
            throws IOException {
        String got = proxies[random.nextInt(proxies.length)].ask("gets v:" + key);
        if (!got.startsWith("VALUE")) {
            return;
        }
        String token = got.lines().findFirst().orElseThrow().split(" ", -1)[4];
        long number = ++sequence[0];
        String value = Long.toString(number);
        String answer = proxies[random.nextInt(proxies.length)].ask(
                "cas v:" + key + " 0 0 " + value.length() + " " + token + "\r\n" + value);
        expect("STORED|NOT_FOUND|EXISTS", answer);
        if (answer.strip().equals("STORED")) {
            values.set(key, number);
        }
    }

    private void count(int key, TextClient proxy) throws IOException {
        String answer = proxy.ask("incr c:" + key + " 1").strip();
        if (answer.equals("NOT_FOUND")) { // a cache may lose it; it goes on where it was
            long next = counters.get(key) + 1;
            expect("STORED", proxy.store("set c:" + key + " 0 0", Long.toString(next)));
            counters.set(key, next);
        } else if (answer.matches("[0-9]+")) {
            long number = Long.parseLong(answer);
            if (number != counters.get(key) + 1) {
                violations.add("c:" + key + " was " + counters.get(key) + ", and is " + number + " after one more");
            }
            counters.set(key, number);
        } else {
            violations.add("incr: " + answer);
        }
    }

    private void expect(String pattern, String answer) {
        if (!answer.strip().matches(pattern)) {
            violations.add("expected " + pattern + ", got " + answer.strip());
        }
    }

    // ---- readers

    private void read(TextClient[] proxies, SplittableRandom random) throws IOException {
        TextClient proxy = proxies[random.nextInt(proxies.length)];
        switch (random.nextInt(3)) {
            case 0 -> check("v:", random.nextInt(values.length()), values, proxy);
            case 1 -> check("c:", random.nextInt(counters.length()), counters, proxy);
            default -> {
                stillReads.incrementAndGet();
                if (proxy.ask("get s:" + random.nextInt(STILL)).startsWith("VALUE")) {
                    stillHits.incrementAndGet();
                }
            }
        }
    }

    private void check(String sort, int key, AtomicLongArray acknowledged, TextClient proxy) throws IOException {
        long floor = acknowledged.get(key);
        String answer = proxy.ask("get " + sort + key);
        if (!answer.startsWith("VALUE")) {
            expect("END", answer);
            return;
        }
        String[] lines = answer.split("\r?\n", -1);
        if (lines.length < 2 || !lines[1].matches("[0-9]+")) {
            violations.add(sort + key + " reads " + answer);
        } else if (Long.parseLong(lines[1]) < floor) {
            violations.add(sort + key + " reads " + lines[1] + " after " + floor + " was acknowledged");
        }
    }

    // ---- for the test

    long answers() {
        return answers.get();
    }

    /** Of keys that nobody changes. */
    double hitRate() {
        return stillReads.get() == 0 ? 1 : (double) stillHits.get() / stillReads.get();
    }

    /** What went wrong, once all have stopped. */
    List<String> stop() throws InterruptedException {
        running = false;
        for (Thread thread : threads) {
            thread.join();
        }
        return List.copyOf(violations);
    }

    @Override
    public void close() {
        running = false;
    }
}
