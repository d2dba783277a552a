package io.sluice.proxy.testing;

import io.sluice.testing.RespClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A Redis client that knows what each of its keys holds. Every value is unique and names its owner, so a reply that was
 * somebody else's, or somewhere else in the order, is noticed.
 */
public final class CheckingClient implements Crowd.Round {

    /** In every value; whoever finds it in a reply to another client has found a leak. */
    public static final String MARK = "owner=";

    private static final int DEEPEST_PIPELINE = 40;
    private static final int LARGEST_VALUE = 100_000;
    private static final int SHOWN = 200;

    private final String name;
    private final RespClient client;
    private final List<String> keys;
    private final AtomicLong checked;
    private final Map<String, String> held = new HashMap<>();
    private final List<List<String>> requests = new ArrayList<>();
    private final List<@Nullable Object> expected = new ArrayList<>();
    private long values;
    private volatile long slowestNanos;

    /**
     * @param keys which nobody else writes
     * @param checked counts right replies
     */
    public CheckingClient(String name, int port, List<String> keys, AtomicLong checked) throws IOException {
        this.name = name;
        this.client = new RespClient(port);
        this.keys = List.copyOf(keys);
        this.checked = checked;
    }

    @Override
    public void go(SplittableRandom random) throws IOException {
        requests.clear();
        expected.clear();
        for (int i = random.nextInt(1, DEEPEST_PIPELINE + 1); i > 0; i--) {
            addRequest(random);
        }
        for (List<String> request : requests) {
            client.send(request.toArray(String[]::new));
        }
        client.flush();
        long start = System.nanoTime();
        for (int i = 0; i < expected.size(); i++) {
            Object reply = client.receive();
            if (!Objects.equals(reply, expected.get(i))) {
                throw new AssertionError("%s: %s%n brought:  %s%n expected: %s"
                        .formatted(name, shown(requests.get(i)), shown(reply), shown(expected.get(i))));
            }
        }
        slowestNanos = Math.max(slowestNanos, System.nanoTime() - start);
        checked.addAndGet(expected.size());
    }

    /** The longest it ever waited for all replies to one pipeline. */
    public Duration slowest() {
        return Duration.ofNanos(slowestNanos);
    }

    private void addRequest(SplittableRandom random) {
        String key = key(random);
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> add("OK", "SET", key, put(key, random));
            case 3, 4, 5 -> add(held.get(key), "GET", key);
            case 6 -> addMget(random);
            case 7 -> addMset(random);
            case 8 -> add(held.remove(key) == null ? 0L : 1L, "DEL", key);
            default -> add(name + values, "ECHO", name + values);
        }
    }

    private void addMget(SplittableRandom random) {
        List<String> request = new ArrayList<>(List.of("MGET"));
        List<@Nullable Object> values = new ArrayList<>();
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            String key = key(random);
            request.add(key);
            values.add(held.get(key));
        }
        add(values, request.toArray(String[]::new));
    }

    private void addMset(SplittableRandom random) {
        List<String> request = new ArrayList<>(List.of("MSET"));
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            String key = key(random);
            request.add(key);
            request.add(put(key, random));
        }
        add("OK", request.toArray(String[]::new));
    }

    private void add(@Nullable Object reply, String... request) {
        requests.add(List.of(request));
        expected.add(reply);
    }

    private String key(SplittableRandom random) {
        return keys.get(random.nextInt(keys.size()));
    }

    private String put(String key, SplittableRandom random) {
        int filler = random.nextInt(100) == 0 ? random.nextInt(LARGEST_VALUE) : random.nextInt(30);
        String value = MARK + name + " key=" + key + " number=" + values++ + "\r\n" + "x".repeat(filler);
        held.put(key, value);
        return value;
    }

    private static String shown(@Nullable Object value) {
        String text = String.valueOf(value).replace("\r\n", "\\r\\n");
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "... (" + text.length() + ")";
    }

    @Override
    public void leave() throws IOException {
        client.close();
    }
}
