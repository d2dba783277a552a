package io.sluice.launcher.ctl;

import io.sluice.testing.RespClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Producers and consumers of queues behind two proxies: each queue has one producer, who numbers what he sends through one
 * proxy, and one consumer, who takes through the other, waiting or not. Numbers must rise by one.
 */
final class QueueClients implements AutoCloseable {

    private static final int QUEUES = 40;
    private static final int PAIRS = 2;
    private static final int MOST_WAITING = 50;

    private final long[] taken = new long[QUEUES]; // each by one consumer
    private final AtomicLong[] sent = new AtomicLong[QUEUES];
    private final AtomicLong[] got = new AtomicLong[QUEUES];
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<Integer> ports;
    private volatile boolean producing = true;

    private QueueClients(List<Integer> ports) {
        this.ports = ports;
        for (int i = 0; i < QUEUES; i++) {
            sent[i] = new AtomicLong();
            got[i] = new AtomicLong();
        }
    }

    static QueueClients start(List<Integer> ports, long seed) {
        QueueClients clients = new QueueClients(ports);
        SplittableRandom random = new SplittableRandom(seed);
        System.out.println("seed " + seed);
        for (int pair = 0; pair < PAIRS; pair++) {
            int first = pair;
            SplittableRandom ofProducer = random.split();
            SplittableRandom ofConsumer = random.split();
            clients.threads.add(new Thread(() -> clients.produce(first, ofProducer), "producer"));
            clients.threads.add(new Thread(() -> clients.consume(first, ofConsumer), "consumer"));
        }
        clients.threads.forEach(Thread::start);
        return clients;
    }

    /** Of a pair: every second queue. */
    private static int queue(int first, SplittableRandom random) {
        return first + PAIRS * random.nextInt(QUEUES / PAIRS);
    }

    private void produce(int first, SplittableRandom random) {
        try (RespClient client = new RespClient(ports.get(first))) {
            while (producing) {
                int queue = queue(first, random);
                if (sent[queue].get() - got[queue].get() < MOST_WAITING) {
                    long number = sent[queue].get() + 1;
                    Object reply = client.call("RPUSH", "q:" + queue, Long.toString(number));
                    if (!(reply instanceof Long)) {
                        violations.add("push: " + reply);
                    }
                    sent[queue].set(number);
                }
            }
        } catch (IOException | RuntimeException e) {
            violations.add("a producer failed: " + e);
        }
    }

    private void consume(int first, SplittableRandom random) {
        try (RespClient client = new RespClient(ports.get(1 - first))) {
            while (producing || !isAllTaken(first)) {
                int queue = queue(first, random);
                String name = "q:" + queue;
                Object reply = random.nextBoolean() ? client.call("LPOP", name) : client.call("BLPOP", name, "0.05");
                take(queue, reply instanceof List<?> pair ? pair.get(1) : reply);
                if (violations.size() > 100) {
                    return;
                }
            }
        } catch (IOException | RuntimeException e) {
            violations.add("a consumer failed: " + e);
        }
    }

    private boolean isAllTaken(int first) {
        for (int queue = first; queue < QUEUES; queue += PAIRS) {
            if (got[queue].get() < sent[queue].get()) {
                return false;
            }
        }
        return true;
    }

    private void take(int queue, @Nullable Object reply) {
        if (reply == null) {
            return;
        }
        String text = String.valueOf(reply);
        if (!text.equals(Long.toString(taken[queue] + 1))) {
            violations.add("q:" + queue + ": " + text + " came after " + taken[queue]);
            return;
        }
        taken[queue]++;
        got[queue].set(taken[queue]);
    }

    long delivered() {
        long all = 0;
        for (AtomicLong each : got) {
            all += each.get();
        }
        return all;
    }

    /** What went wrong, once everything that was sent has been taken; a consumer who waits in vain is one of them. */
    List<String> stop() throws InterruptedException {
        producing = false;
        for (Thread thread : threads) {
            thread.join(ChangingRing.LIMIT.toMillis());
            if (thread.isAlive()) {
                violations.add(thread.getName() + " waits in vain");
            }
        }
        return List.copyOf(violations);
    }

    @Override
    public void close() {
        producing = false;
    }
}
