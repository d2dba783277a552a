package io.sluice.launcher.ctl;

import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Clients that wait for elements with every command that can, and producers that bring some at random moments. Each
 * element must come out once; each wait must end in its time.
 */
final class BlockedClients implements AutoCloseable {

    /** Ways to wait; a client keeps to one, and each has places of its own. */
    private enum Way {
        BLPOP,
        BRPOP,
        BLMOVE,
        BZPOPMIN,
        XREADGROUP
    }

    private static final int FIRST_STAYING = 8192; // slot, where the lower half moves
    private static final int CLIENTS_PER_PLACE = 3; // of one way, so that each place is visited all the time
    private static final long PRODUCER_PAUSE_NANOS = 3_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<Integer> ports;
    private final int places; // of each way
    private final List<Thread> consumers = new ArrayList<>();
    private final List<Thread> producers = new ArrayList<>();
    private final AtomicBoolean producing = new AtomicBoolean(true);
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<String, Element> delivered = new ConcurrentHashMap<>(); // by name, from its push on
    private final Queue<String> problems = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waits = new AtomicInteger();
    private final AtomicLong latestMillis = new AtomicLong();
    private final AtomicLong earliestMillis = new AtomicLong();
    private final AtomicLong latestElsewhereMillis = new AtomicLong();

    private BlockedClients(List<Integer> ports, int places) {
        this.ports = ports;
        this.places = places;
    }

    /**
     * What they have seen. {@code latest} and {@code earliest} are the worst differences between a wait and its time; {@code
     * latestElsewhere} is that of waits in the upper half of all slots: where only the lower half moves, it tells what the machine
     * and the servers are good for.
     */
    record Report(
            int pushed,
            int waits,
            List<String> problems,
            Duration latest,
            Duration earliest,
            Duration latestElsewhere) {}

    /** Starts so many, spread over the proxies. */
    static BlockedClients start(List<Integer> ports, int clients, int producers, long seed) throws IOException {
        BlockedClients all = new BlockedClients(ports, Math.max(1, clients / Way.values().length / CLIENTS_PER_PLACE));
        all.makeGroups();
        for (int i = 0; i < clients; i++) {
            all.add(all.consumers, "waits-" + i, i, seed, all::consume);
        }
        for (int i = 0; i < producers; i++) {
            all.add(all.producers, "pushes-" + i, i, seed - 1, all::produce);
        }
        return all;
    }

    /** Once each of them has had an answer, so that what the first ones cost is over; their delays do not count. */
    BlockedClients warm() {
        Awaitility.await("all clients are served").atMost(PATIENCE).until(() -> waits.get() >= 2 * consumers.size());
        latestMillis.set(0);
        earliestMillis.set(0);
        latestElsewhereMillis.set(0);
        return this;
    }

    /** How often it came out of the place where it was pushed. */
    private record Element(String place, AtomicInteger count) {

        Element(String place) {
            this(place, new AtomicInteger());
        }
    }

    private interface Actor {
        void run(RespClient client, int number, Random random) throws IOException;
    }

    private void add(List<Thread> threads, String name, int number, long seed, Actor actor) {
        int port = ports.get(number % ports.size());
        Thread thread = new Thread(
                () -> {
                    try (RespClient client = new RespClient("127.0.0.1", port, PATIENCE)) {
                        actor.run(client, number, new Random(seed + number));
                    } catch (IOException | RuntimeException e) {
                        problems.add(name + ": " + e);
                    }
                },
                name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private static String place(Way way, int number) {
        return way + ":" + number;
    }

    private void makeGroups() throws IOException {
        try (RespClient client = new RespClient(ports.get(0))) {
            for (int i = 0; i < places; i++) {
                client.call("XGROUP", "CREATE", place(Way.XREADGROUP, i), "all", "$", "MKSTREAM");
            }
        }
    }

    // ---- producers

    private void produce(RespClient client, int producer, Random random) throws IOException {
        while (producing.get()) {
            Way way = Way.values()[random.nextInt(Way.values().length)];
            String place = place(way, random.nextInt(places));
            String element = producer + "/" + numbers.incrementAndGet();
            delivered.put(element, new Element(place)); // before: it may be there before the reply is
            Object reply = switch (way) {
                case BLPOP, BLMOVE -> client.call("RPUSH", place, element);
                case BRPOP -> client.call("LPUSH", place, element);
                case BZPOPMIN -> client.call("ZADD", place, "1", element);
                case XREADGROUP -> client.call("XADD", place, "*", "element", element);
            };
            if (reply instanceof RespError error) {
                problems.add(way + " push: " + error.message());
            }
            LockSupport.parkNanos((long) (random.nextDouble() * 2 * PRODUCER_PAUSE_NANOS));
        }
    }

    // ---- consumers

    private void consume(RespClient client, int number, Random random) throws IOException {
        Way way = Way.values()[number % Way.values().length];
        while (!stopped.get()) {
            String place = place(way, random.nextInt(places));
            int millis = producing.get() ? 500 + random.nextInt(3_000) : 100 + random.nextInt(100); // all that is left
            String seconds = String.valueOf(millis / 1000.0);
            long begin = System.nanoTime();
            Object reply = switch (way) {
                case BLPOP -> client.call("BLPOP", place, seconds);
                case BRPOP -> client.call("BRPOP", place, seconds);
                case BLMOVE -> client.call("BLMOVE", place, "{" + place + "}:done", "LEFT", "RIGHT", seconds);
                case BZPOPMIN -> client.call("BZPOPMIN", place, seconds);
                case XREADGROUP ->
                    client.call(
                            "XREADGROUP",
                            "GROUP",
                            "all",
                            "c" + number,
                            "COUNT",
                            "1",
                            "BLOCK",
                            "" + millis,
                            "NOACK",
                            "STREAMS",
                            place,
                            ">");
            };
            waits.incrementAndGet();
            long late = Duration.ofNanos(System.nanoTime() - begin).toMillis() - millis;
            take(way, reply, late, MovingSlots.slotOf(place) < FIRST_STAYING);
        }
    }

    private void take(Way way, @Nullable Object reply, long lateMillis, boolean moves) {
        if (reply == null) {
            if (!moves) {
                latestElsewhereMillis.accumulateAndGet(lateMillis, Math::max);
            }
            latestMillis.accumulateAndGet(lateMillis, Math::max);
            earliestMillis.accumulateAndGet(lateMillis, Math::min);
        } else if (reply instanceof RespError error) {
            problems.add(way + ": " + error.message());
        } else {
            String element = element(way, reply);
            Element pushed = delivered.get(element);
            if (pushed == null) {
                problems.add(way + ": an element that nobody has pushed");
            } else if (pushed.count().incrementAndGet() > 1) {
                problems.add(way + ": " + element + " came out twice");
            }
        }
    }

    private static String element(Way way, Object reply) {
        return switch (way) {
            case BLMOVE -> String.valueOf(reply);
            case BLPOP, BRPOP, BZPOPMIN -> String.valueOf(((List<?>) reply).get(1));
            case XREADGROUP -> fields(reply);
        };
    }

    /** {@code [[stream, [[id, [field, element]]]]]}. */
    private static String fields(Object reply) {
        List<?> stream = (List<?>) ((List<?>) reply).get(0);
        List<?> entry = (List<?>) ((List<?>) stream.get(1)).get(0);
        return String.valueOf(((List<?>) entry.get(1)).get(1));
    }

    // ---- the end

    /** Lets the consumers have what is there, then says what was wrong. */
    Report stop() throws InterruptedException {
        producing.set(false);
        join(producers);
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!missing().isEmpty() && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(10_000_000);
        }
        stopped.set(true);
        join(consumers);
        missing().forEach((place, elements) -> problems.add("pushed to " + place + " and never came out: " + elements));
        return new Report(
                delivered.size(),
                waits.get(),
                List.copyOf(problems),
                Duration.ofMillis(latestMillis.get()),
                Duration.ofMillis(-earliestMillis.get()),
                Duration.ofMillis(latestElsewhereMillis.get()));
    }

    /** By place. */
    private Map<String, List<String>> missing() {
        Map<String, List<String>> missing = new TreeMap<>();
        delivered.forEach((name, element) -> {
            if (element.count().get() == 0) {
                missing.computeIfAbsent(element.place(), place -> new ArrayList<>())
                        .add(name);
            }
        });
        return missing;
    }

    private void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(PATIENCE.toMillis());
            if (thread.isAlive()) {
                problems.add(thread.getName() + " still waits for a reply");
            }
        }
    }

    @Override
    public void close() {
        producing.set(false);
        stopped.set(true);
    }
}
