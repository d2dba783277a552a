package io.sluice.proxy.testing;

import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Producers and consumers of queues behind several proxies, who notice what is lost, comes twice or in the wrong order.
 * Each queue has a producer at each proxy, who numbers what it adds.
 *
 * <pre>
 *   queues   2 of 5   one consumer, who asks now one proxy and now another: numbers rise by one
 *            1 of 5   one consumer, who waits: numbers rise by one
 *            2 of 5   many consumers of both sorts: each number once, and rising for each consumer
 * </pre>
 */
public final class QueueLoad implements AutoCloseable {

    private static final int KINDS = 5;
    private static final int PLAIN_KINDS = 2;
    private static final int PLAIN_CONSUMERS = 4;
    private static final int SHARED_CONSUMERS = 4; // of each sort
    private static final int MOST_WAITING = 60; // elements of one queue; then its producers wait
    private static final int AT_FIRST = 20; // elements of each queue and producer, before anybody takes one
    private static final String WAIT_ALONE = "1";
    private static final String WAIT_SHARED = "0.02";

    /** One queue and all that is known of it. */
    private static final class Line {
        private final String name;
        private final boolean leftToRight; // added on the right, taken off the left
        private final int[] pushed;
        private final BitSet[] popped;
        private final int[] last; // number, by producer, for the one consumer
        private final boolean oneConsumer;

        Line(String name, int index, int producers) {
            this.name = name;
            this.leftToRight = index % 2 == 0;
            this.pushed = new int[producers];
            this.popped = new BitSet[producers];
            this.last = new int[producers];
            this.oneConsumer = index % KINDS <= PLAIN_KINDS;
            for (int i = 0; i < producers; i++) {
                popped[i] = new BitSet();
            }
        }

        synchronized int next(int producer) {
            return ++pushed[producer];
        }

        synchronized int waiting() {
            int waiting = 0;
            for (int i = 0; i < pushed.length; i++) {
                waiting += pushed[i] - popped[i].cardinality();
            }
            return waiting;
        }

        /** What is wrong with that, if anything is; the last argument is what this consumer got before, and is updated. */
        synchronized String pop(int producer, int number, int[] before) {
            String wrong = "";
            if (popped[producer].get(number)) {
                wrong = "came twice";
            } else if (number > pushed[producer]) {
                wrong = "was never added";
            } else if (oneConsumer && number != before[producer] + 1) {
                wrong = "came after number " + before[producer];
            } else if (number <= before[producer]) {
                wrong = "came late, after number " + before[producer];
            }
            popped[producer].set(number);
            before[producer] = number;
            return wrong;
        }
    }

    /** What one thread does over and over. */
    private interface Step {
        void run(RespClient[] proxies, SplittableRandom random) throws IOException;
    }

    private final BrokerRing ring;
    private final int proxies;
    private final List<Line> lines = new ArrayList<>();
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final AtomicLong pushes = new AtomicLong();
    private final AtomicLong pops = new AtomicLong();
    private final List<Thread> producers = new ArrayList<>();
    private final List<Thread> consumers = new ArrayList<>();
    private final SplittableRandom random;
    private volatile boolean producing = true;
    private volatile boolean consuming = true;

    public QueueLoad(BrokerRing ring, int proxies, List<String> queues, SplittableRandom random) {
        this.ring = ring;
        this.proxies = proxies;
        this.random = random;
        for (String queue : queues) {
            lines.add(new Line(queue, lines.size(), proxies));
        }
    }

    /** Begins with some elements in each queue. */
    public void start() throws IOException {
        for (int proxy = 0; proxy < proxies; proxy++) {
            try (RespClient client = ring.client(proxy)) {
                for (Line line : lines) {
                    for (int i = 0; i < AT_FIRST; i++) {
                        push(line, proxy, client);
                    }
                }
            }
        }
        for (int proxy = 0; proxy < proxies; proxy++) {
            int producer = proxy;
            begin(producers, (clients, random) -> produce(producer, clients[producer], random));
        }
        startConsumers();
        producers.forEach(Thread::start);
        consumers.forEach(Thread::start);
    }

    private void startConsumers() {
        List<Line> shared = lines.stream().filter(line -> !line.oneConsumer).toList();
        for (int i = 0; i < PLAIN_CONSUMERS; i++) {
            List<Line> mine = new ArrayList<>();
            for (int line = i; line < lines.size(); line += PLAIN_CONSUMERS) {
                if (line % KINDS < PLAIN_KINDS) {
                    mine.add(lines.get(line));
                }
            }
            begin(consumers, (clients, random) -> {
                Line line = mine.get(random.nextInt(mine.size()));
                pop(line, clients[random.nextInt(proxies)], random.nextBoolean(), line.last);
            });
        }
        for (int line = PLAIN_KINDS; line < lines.size(); line += KINDS) {
            Line mine = lines.get(line);
            int proxy = line % proxies;
            begin(consumers, (clients, random) -> await(mine, clients[proxy], WAIT_ALONE, mine.last));
        }
        for (int i = 0; i < SHARED_CONSUMERS; i++) {
            int proxy = i % proxies;
            int[][] before = new int[shared.size()][proxies];
            int[][] beforeWaiting = new int[shared.size()][proxies];
            begin(consumers, (clients, random) -> {
                int line = random.nextInt(shared.size());
                pop(shared.get(line), clients[proxy], false, before[line]);
            });
            begin(consumers, (clients, random) -> {
                int line = random.nextInt(shared.size());
                await(shared.get(line), clients[proxy], WAIT_SHARED, beforeWaiting[line]);
            });
        }
    }

    private void begin(List<Thread> threads, Step step) {
        SplittableRandom own = random.split();
        boolean produces = threads == producers;
        threads.add(new Thread(() -> run(step, produces, own), "queues"));
    }

    private void run(Step step, boolean produces, SplittableRandom own) {
        RespClient[] clients = new RespClient[proxies];
        try {
            for (int i = 0; i < proxies; i++) {
                clients[i] = ring.client(i);
            }
            while (produces ? producing : consuming) {
                step.run(clients, own);
            }
        } catch (IOException | RuntimeException e) {
            violations.add("a client failed: " + e);
        } finally {
            for (RespClient client : clients) {
                close(client);
            }
        }
    }

    private static void close(@Nullable RespClient client) {
        try {
            if (client != null) {
                client.close();
            }
        } catch (IOException e) {
            // it is gone
        }
    }

    // ---- what they do

    private void produce(int producer, RespClient client, SplittableRandom random) throws IOException {
        Line line = lines.get(random.nextInt(lines.size()));
        if (line.waiting() < MOST_WAITING) {
            push(line, producer, client);
        } else if (client.call("LLEN", line.name) instanceof RespError error) {
            violations.add(line.name + ": LLEN: " + error);
        }
    }

    private void push(Line line, int producer, RespClient client) throws IOException {
        Object reply =
                client.call(line.leftToRight ? "RPUSH" : "LPUSH", line.name, producer + "/" + line.next(producer));
        if (!(reply instanceof Long)) {
            violations.add(line.name + ": push: " + reply);
        }
        pushes.incrementAndGet();
    }

    private void pop(Line line, RespClient client, boolean several, int[] before) throws IOException {
        String name = line.leftToRight ? "LPOP" : "RPOP";
        take(line, several ? client.call(name, line.name, "3") : client.call(name, line.name), before);
    }

    private void await(Line line, RespClient client, String seconds, int[] before) throws IOException {
        Object reply = client.call(line.leftToRight ? "BLPOP" : "BRPOP", line.name, seconds);
        take(line, reply instanceof List<?> pair ? pair.get(1) : reply, before);
    }

    private void take(Line line, @Nullable Object reply, int[] before) {
        if (reply instanceof List<?> several) {
            several.forEach(one -> take(line, one, before));
        } else if (reply instanceof String element) {
            int slash = element.indexOf('/');
            int producer = Integer.parseInt(element.substring(0, slash));
            String wrong = line.pop(producer, Integer.parseInt(element.substring(slash + 1)), before);
            if (!wrong.isEmpty()) {
                violations.add(line.name + ": " + element + " " + wrong);
            }
            pops.incrementAndGet();
        } else if (reply != null) {
            violations.add(line.name + ": pop: " + reply);
        }
    }

    // ---- for the test

    public long pushes() {
        return pushes.get();
    }

    public long pops() {
        return pops.get();
    }

    /** What went wrong, or is missing now that all is taken. */
    public List<String> finish() throws Exception {
        producing = false;
        for (Thread thread : producers) {
            thread.join();
        }
        consuming = false;
        for (Thread thread : consumers) {
            thread.join();
        }
        try (RespClient client = ring.client(0)) {
            for (Line line : lines) {
                int left = line.waiting();
                int[] before = line.oneConsumer ? line.last : new int[proxies];
                for (int i = 0; i <= left; i++) {
                    pop(line, client, false, before);
                }
                if (line.waiting() > 0) {
                    violations.add(line.name + ": " + line.waiting() + " elements are lost");
                }
            }
        }
        return List.copyOf(violations);
    }

    public List<String> violations() {
        return List.copyOf(violations);
    }

    @Override
    public void close() {
        producing = false;
        consuming = false;
    }
}
