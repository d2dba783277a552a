package io.sluice.proxy.testing;

import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A client that pipelines reads and writes of keys of its own while their servers fail. It knows of each key what it may
 * hold, of each error what it must say, and its connection must outlive everything.
 */
public final class ChaosClient implements Crowd.Round {

    /** Where a client's keys lie: {@code home} is the index of a server, or {@link #EVERYWHERE}. */
    public static final int EVERYWHERE = -1;

    private static final int VALUES = 8;
    private static final int COUNTERS = 2;
    private static final int DEEPEST_PIPELINE = 12;
    private static final int MOST_KEYS = 5;
    private static final long LONGEST_THOUGHT_NANOS = 100_000_000;

    /** What is done with the reply to one request. */
    private interface Expectation {
        /** Fails if it is wrong. */
        void answered(@Nullable Object reply);

        /** An error came, and it leaves open whether the request was carried out. */
        default void perhapsCarriedOut() {}
    }

    private record Request(List<String> words, Set<String> owners, Expectation expectation) {
        /** One error stands for all its parts, of which others may have been carried out, whatever the error says. */
        boolean isSplit() {
            return owners.size() > 1;
        }
    }

    private final String name;
    private final RespClient client;
    private final Shards shards;
    private final int home;
    private final Troubles troubles;
    private final ChaosTally tally;
    private final Map<String, KeptValue> values = new LinkedHashMap<>();
    private final Map<String, KeptCounter> counters = new LinkedHashMap<>();
    private final List<Request> requests = new ArrayList<>();
    private final Set<String> errors = new TreeSet<>();
    private long echoes;

    public ChaosClient(String name, RespClient client, Shards shards, int home, Troubles troubles, ChaosTally tally) {
        this.name = name;
        this.client = client;
        this.shards = shards;
        this.home = home;
        this.troubles = troubles;
        this.tally = tally;
        for (int i = 0; values.size() < VALUES || counters.size() < COUNTERS; i++) {
            addKey("chaos:" + name + ":" + i);
        }
    }

    private void addKey(String key) {
        if (home != EVERYWHERE && home != shards.owner(key)) {
            return;
        }
        if (values.size() < VALUES) {
            values.put(key, new KeptValue(name, key));
        } else {
            counters.put(key, new KeptCounter(key));
        }
    }

    @Override
    public void go(SplittableRandom random) throws IOException {
        requests.clear();
        errors.clear();
        for (int i = random.nextInt(1, DEEPEST_PIPELINE + 1); i > 0; i--) {
            addRequest(random);
        }
        for (Request request : requests) {
            client.send(request.words().toArray(String[]::new));
        }
        long calmSince = home == EVERYWHERE ? 0 : troubles.calmSince(home);
        boolean recovered = home != EVERYWHERE && troubles.isRecovered(calmSince);
        long start = System.nanoTime();
        for (Request request : requests) {
            take(request, client.receive());
        }
        long waited = System.nanoTime() - start;
        boolean wellServed = recovered && troubles.calmSince(home) == calmSince;
        tally.countReplies(requests.size(), waited, wellServed);
        if (wellServed && !errors.isEmpty()) {
            throw new AssertionError(name + " has keys on server" + home + " only, which is all right: " + errors);
        }
        LockSupport.parkNanos(random.nextLong(LONGEST_THOUGHT_NANOS));
    }

    private void take(Request request, @Nullable Object reply) {
        if (reply instanceof RespError error) {
            ErrorReason reason = ErrorReason.of(error.message());
            if (reason.server() != null && !request.owners().contains(reason.server())) {
                throw new AssertionError(name + ": keys of " + request.owners() + ", error: " + error.message());
            }
            errors.add(error.message());
            tally.countError(reason.kind());
            if (reason.mayBeCarriedOut() || request.isSplit()) {
                request.expectation().perhapsCarriedOut();
            }
        } else {
            request.expectation().answered(reply);
        }
    }

    private void addRequest(SplittableRandom random) {
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> addSet(any(values, random));
            case 3, 4 -> addGet(any(values, random));
            case 5, 6 -> addIncr(any(counters, random));
            case 7 -> addMget(random);
            case 8 -> addMset(random);
            default -> addEcho();
        }
    }

    private void addSet(String key) {
        KeptValue value = kept(key);
        long number = value.next();
        add(List.of("SET", key, value.text(number)), Set.of(key), new Expectation() {
            @Override
            public void answered(@Nullable Object reply) {
                expectOk(reply);
                value.written(number);
            }

            @Override
            public void perhapsCarriedOut() {
                value.perhapsWritten(number);
            }
        });
    }

    private void addGet(String key) {
        add(List.of("GET", key), Set.of(key), kept(key)::found);
    }

    private void addIncr(String key) {
        KeptCounter counter = counter(key);
        add(List.of("INCR", key), Set.of(key), new Expectation() {
            @Override
            public void answered(@Nullable Object reply) {
                counter.raised(reply);
            }

            @Override
            public void perhapsCarriedOut() {
                counter.perhapsRaised();
            }
        });
    }

    private void addMget(SplittableRandom random) {
        Set<String> keys = some(random);
        List<String> words = new ArrayList<>(List.of("MGET"));
        words.addAll(keys);
        add(words, keys, reply -> {
            if (!(reply instanceof List<?> list) || list.size() != keys.size()) {
                throw new AssertionError(name + ": MGET of " + keys.size() + " keys brought " + reply);
            }
            int i = 0;
            for (String key : keys) {
                kept(key).found(list.get(i++));
            }
        });
    }

    private void addMset(SplittableRandom random) {
        Map<String, Long> numbers = new LinkedHashMap<>();
        List<String> words = new ArrayList<>(List.of("MSET"));
        for (String key : some(random)) {
            long number = kept(key).next();
            numbers.put(key, number);
            words.addAll(List.of(key, kept(key).text(number)));
        }
        add(words, numbers.keySet(), new Expectation() {
            @Override
            public void answered(@Nullable Object reply) {
                expectOk(reply);
                numbers.forEach((key, number) -> kept(key).written(number));
            }

            @Override
            public void perhapsCarriedOut() {
                numbers.forEach((key, number) -> kept(key).perhapsWritten(number));
            }
        });
    }

    /** Comes from the proxy itself, so it may not be overtaken by what servers say, nor fail. */
    private void addEcho() {
        String text = name + " " + echoes++;
        add(List.of("ECHO", text), Set.of(), reply -> {
            if (!text.equals(reply)) {
                throw new AssertionError(name + ": ECHO of " + text + " brought " + reply);
            }
        });
    }

    private void add(List<String> words, Set<String> keys, Expectation expectation) {
        Set<String> owners = new TreeSet<>();
        keys.forEach(key -> owners.add("server" + shards.owner(key)));
        requests.add(new Request(words, owners, expectation));
    }

    private void expectOk(@Nullable Object reply) {
        if (!"OK".equals(reply)) {
            throw new AssertionError(name + ": a write brought " + reply);
        }
    }

    private Set<String> some(SplittableRandom random) {
        Set<String> keys = new LinkedHashSet<>();
        for (int i = random.nextInt(1, MOST_KEYS + 1); i > 0; i--) {
            keys.add(any(values, random));
        }
        return keys;
    }

    private static String any(Map<String, ?> kept, SplittableRandom random) {
        return List.copyOf(kept.keySet()).get(random.nextInt(kept.size()));
    }

    private KeptValue kept(String key) {
        return Objects.requireNonNull(values.get(key));
    }

    private KeptCounter counter(String key) {
        return Objects.requireNonNull(counters.get(key));
    }

    /** Reads all its keys over that connection and compares; returns how many hold something. Once its rounds are over. */
    public int readBack(RespClient other) throws IOException {
        int held = 0;
        for (Map.Entry<String, KeptValue> value : values.entrySet()) {
            value.getValue().found(other.call("GET", value.getKey()));
            held += value.getValue().wasWritten() ? 1 : 0;
        }
        for (Map.Entry<String, KeptCounter> counter : counters.entrySet()) {
            counter.getValue().found(other.call("GET", counter.getKey()));
            held += counter.getValue().wasRaised() ? 1 : 0;
        }
        return held;
    }

    @Override
    public void leave() throws IOException {
        client.close();
    }
}
