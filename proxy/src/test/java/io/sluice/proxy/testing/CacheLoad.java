package io.sluice.proxy.testing;

import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.CacheHistory.Change;
import io.sluice.testing.TextClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Clients of a cache, each with a connection to every proxy, who take one of them at random for each request and remember
 * in a {@link CacheHistory} what they did and saw. Some keys are only read, and put back when they are missing: they tell
 * the hit rate.
 */
public final class CacheLoad implements AutoCloseable {

    private static final int CHANGED_KEYS = 40;
    private static final int COUNTERS = 12;
    private static final int GROWN_KEYS = 12;
    private static final int SELDOM_CHANGED_KEYS =
            2_000; // most of them are still where they were when the window opens
    private static final int KEPT_KEYS = 300;
    private static final int LARGE_VALUE_BYTES = 70_000; // comes in pieces
    private static final long COUNTER_STEP = 1_000_000_000;
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration PERIOD = Duration.ofMillis(5);
    private static final int FEWEST_READS = 100; // of which a rate is told

    private final CacheHistory history = new CacheHistory();
    private final int[] ports;
    private final Seed seed;
    private final List<Thread> threads = new ArrayList<>();
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicLong hits = new AtomicLong();
    private final AtomicLong misses = new AtomicLong();
    private volatile boolean ended;
    private double worstHitRate = 1;

    public CacheLoad(Seed seed, int... ports) {
        this.seed = seed;
        this.ports = ports.clone();
    }

    /** Stores the keys that are only read and those that are seldom changed, and begins. */
    public CacheLoad start(int clients) throws IOException {
        try (TextClient client = new TextClient(ports[0])) {
            for (int i = 0; i < KEPT_KEYS; i++) {
                client.store("set kept" + i + " 0 0", "value" + i);
            }
            for (int i = 0; i < SELDOM_CHANGED_KEYS; i++) {
                Change change = history.begin("seldom" + i, "first" + i);
                client.store("set seldom" + i + " 7 0", change.value());
                history.acknowledged(change);
            }
        }
        SplittableRandom random = seed.random();
        for (int i = 0; i < clients; i++) {
            SplittableRandom own = random.split();
            Thread thread = new Thread(() -> run(own), "cache client " + i);
            thread.start();
            threads.add(thread);
        }
        return this;
    }

    private void run(SplittableRandom random) {
        List<TextClient> clients = new ArrayList<>();
        try {
            for (int port : ports) {
                clients.add(new TextClient(port));
            }
            while (!ended) {
                request(
                        random,
                        clients.get(random.nextInt(clients.size())),
                        clients.get(random.nextInt(clients.size())));
                requests.incrementAndGet();
            }
            for (TextClient client : clients) {
                client.close();
            }
        } catch (IOException | RuntimeException e) {
            failures.add(e);
        }
    }

    private void request(SplittableRandom random, TextClient client, TextClient other) throws IOException {
        String key = "changed" + random.nextInt(CHANGED_KEYS);
        switch (random.nextInt(20)) {
            case 0, 1, 2 -> write(client, "set", key, random);
            case 3 -> write(client, "add", key, random);
            case 4 -> write(client, "replace", key, random);
            case 5, 6 -> delete(client, key);
            case 7, 8 -> compareAndSet(client, key, random);
            case 9 -> {
                touch(client, key);
                lengthen(client, "grown" + random.nextInt(GROWN_KEYS), random);
            }
            case 10, 11 -> readMany(client, random);
            case 12, 13 -> count(client, "counter" + random.nextInt(COUNTERS));
            case 14, 15 -> readKept(client, random);
            case 16 -> changeAndRead(client, other, random);
            default -> read(client, "get", key);
        }
    }

    private String value(SplittableRandom random) {
        String number = "v" + numbers.incrementAndGet();
        return random.nextInt(100) == 0 ? number + "-" + "x".repeat(LARGE_VALUE_BYTES) : number;
    }

    private boolean isError(String reply) {
        boolean error =
                reply.startsWith("SERVER_ERROR") || reply.startsWith("ERROR") || reply.startsWith("CLIENT_ERROR");
        if (error) {
            errors.add(reply.strip());
        }
        return error;
    }

    private void write(TextClient client, String command, String key, SplittableRandom random) throws IOException {
        Change change = history.begin(key, value(random));
        if (client.store(command + " " + key + " 7 0", change.value()).equals("STORED\r\n")) {
            history.acknowledged(change);
        }
    }

    private void delete(TextClient client, String key) throws IOException {
        Change change = history.begin(key, "");
        String reply = client.ask("delete " + key);
        if (!isError(reply)) {
            history.acknowledged(change);
        }
    }

    /** Whoever reads it next, perhaps through another proxy, must not find what was there before. */
    private void changeAndRead(TextClient client, TextClient other, SplittableRandom random) throws IOException {
        String key = "seldom" + random.nextInt(SELDOM_CHANGED_KEYS);
        if (random.nextBoolean()) {
            write(client, "set", key, random);
        }
        delete(client, key);
        read(other, "get", key);
    }

    private void compareAndSet(TextClient client, String key, SplittableRandom random) throws IOException {
        String found = read(client, "gets", key);
        if (!found.startsWith("VALUE ")) {
            return;
        }
        String version = found.substring(0, found.indexOf('\r')).split(" ", -1)[4];
        long readAt = System.nanoTime();
        Change change = history.begin(key, value(random));
        long newest = history.newest(key);
        String line = "cas " + key + " 7 0 " + change.value().length() + " " + version;
        String reply = client.ask(line + "\r\n" + change.value());
        if (!isError(reply) && reply.equals("STORED\r\n")) {
            history.acknowledged(change);
            history.conditionHeld(key, readAt, newest);
        }
    }

    private void touch(TextClient client, String key) throws IOException {
        isError(client.ask("touch " + key + " 0"));
        long newest = history.newest(key);
        check(client.ask("gat 0 " + key), key, newest);
    }

    /** There may be more before and behind what somebody has set, but never without that. */
    private void lengthen(TextClient client, String key, SplittableRandom random) throws IOException {
        String reply = switch (random.nextInt(8)) {
            case 0 -> client.store("set " + key + " 7 0", "set");
            case 1 -> client.ask("delete " + key);
            case 2, 3 -> client.store("append " + key + " 7 0", ">");
            case 4 -> client.store("prepend " + key + " 7 0", "<");
            case 5 -> client.ask("gats 0 " + key);
            case 6 -> client.ask("gets " + key);
            default -> client.ask("gat 0 " + key);
        };
        if (!isError(reply) && reply.startsWith("VALUE ") && !reply.contains("set")) {
            failures.add(new AssertionError("a value that nobody has set: " + reply));
        }
    }

    private void count(TextClient client, String key) throws IOException {
        Change change = history.begin(key, "");
        String reply = client.ask("incr " + key + " 1");
        if (isError(reply)) {
            return;
        }
        if (reply.equals("NOT_FOUND\r\n")) {
            Change first = history.begin(key, String.valueOf(numbers.incrementAndGet() * COUNTER_STEP));
            if (client.store("add " + key + " 0 0", first.value()).equals("STORED\r\n")) {
                history.acknowledged(first);
            }
        } else {
            history.acknowledged(change, reply.strip());
        }
    }

    private String read(TextClient client, String command, String key) throws IOException {
        long newest = history.newest(key);
        String reply = client.ask(command + " " + key);
        check(reply, key, newest);
        return reply;
    }

    private void check(String reply, String key, long newest) {
        if (!isError(reply) && reply.startsWith("VALUE ")) {
            int value = reply.indexOf('\n') + 1;
            history.read(key, reply.substring(value, reply.length() - "\r\nEND\r\n".length()), newest);
        }
    }

    private void readMany(TextClient client, SplittableRandom random) throws IOException {
        List<String> keys = IntStream.range(0, 6)
                .mapToObj(i -> i < 4 ? "changed" + random.nextInt(CHANGED_KEYS) : "counter" + random.nextInt(COUNTERS))
                .distinct()
                .toList();
        List<Long> newest = keys.stream().map(history::newest).toList();
        String reply = client.ask("get " + String.join(" ", keys));
        if (isError(reply)) {
            return;
        }
        int at = 0;
        while (reply.startsWith("VALUE ", at)) {
            int lineEnd = reply.indexOf('\r', at);
            String[] words = reply.substring(at, lineEnd).split(" ", -1);
            int end = lineEnd + 2 + Integer.parseInt(words[3]);
            history.read(words[1], reply.substring(lineEnd + 2, end), newest.get(keys.indexOf(words[1])));
            at = end + 2;
        }
    }

    private void readKept(TextClient client, SplittableRandom random) throws IOException {
        int number = random.nextInt(KEPT_KEYS);
        String command = random.nextInt(8) == 0 ? "gets" : "get";
        String reply = client.ask(command + " kept" + number);
        if (isError(reply)) {
            return;
        }
        if (reply.startsWith("VALUE ")) {
            hits.incrementAndGet();
            if (!reply.contains("\r\nvalue" + number + "\r\n")) {
                failures.add(new AssertionError("another value: " + reply));
            }
        } else {
            misses.incrementAndGet();
            client.store("add kept" + number + " 0 0", "value" + number);
        }
    }

    /** Lets so many requests pass, and takes note of the hit rate meanwhile. */
    public void letPass(long count) {
        long target = requests.get() + count;
        long hitsBefore = hits.get();
        long missesBefore = misses.get();
        await().atMost(LIMIT).pollInterval(PERIOD).until(() -> requests.get() >= target || !failures.isEmpty());
        long hit = hits.get() - hitsBefore;
        long all = hit + misses.get() - missesBefore;
        if (all >= FEWEST_READS) {
            worstHitRate = Math.min(worstHitRate, (double) hit / all);
        }
    }

    /** The same for so long. */
    public void letPass(Duration time) {
        await().pollDelay(time).atMost(LIMIT).until(() -> true);
    }

    public double worstHitRate() {
        return worstHitRate;
    }

    public long requests() {
        return requests.get();
    }

    public Queue<String> errors() {
        return errors;
    }

    public CacheHistory history() {
        return history;
    }

    public Queue<Throwable> failures() {
        return failures;
    }

    /** Returns once no client asks any more. */
    public void end() {
        ended = true;
        await().atMost(LIMIT).pollInterval(PERIOD).until(() -> threads.stream().noneMatch(Thread::isAlive));
    }

    @Override
    public void close() {
        end();
    }
}
