package io.sluice.proxy.testing;

import io.sluice.testing.TextClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** As {@link CheckingClient}, in memcached text. */
public final class CheckingCacheClient implements Crowd.Round {

    private static final int DEEPEST_PIPELINE = 40;
    private static final int LARGEST_VALUE = 100_000;

    private final String name;
    private final TextClient client;
    private final List<String> keys;
    private final AtomicLong checked;
    private final Map<String, String> held = new HashMap<>();
    private final StringBuilder requests = new StringBuilder();
    private final List<String> expected = new ArrayList<>();
    private long values;

    /**
     * A client of its own keys.
     *
     * @param keys which nobody else writes
     * @param checked counts right replies
     */
    public CheckingCacheClient(String name, int port, List<String> keys, AtomicLong checked) throws IOException {
        this.name = name;
        this.client = new TextClient(port);
        this.keys = List.copyOf(keys);
        this.checked = checked;
    }

    @Override
    public void go(SplittableRandom random) throws IOException {
        requests.setLength(0);
        expected.clear();
        for (int i = random.nextInt(1, DEEPEST_PIPELINE + 1); i > 0; i--) {
            addRequest(random);
        }
        client.send(requests.toString());
        for (String reply : expected) {
            String brought = client.reply();
            if (!brought.equals(reply)) {
                throw new AssertionError("%s:%n brought:  %s%n expected: %s%n requests: %s"
                        .formatted(name, shown(brought), shown(reply), shown(requests.toString())));
            }
        }
        checked.addAndGet(expected.size());
    }

    private void addRequest(SplittableRandom random) {
        String key = key(random);
        switch (random.nextInt(8)) {
            case 0, 1 -> {
                requests.append("set ").append(key).append(put(key, random));
                expected.add("STORED\r\n");
            }
            case 2 -> {
                String value = put(key, random);
                requests.append("set ").append(key).append(value.replaceFirst("\r\n", " noreply\r\n"));
            }
            case 3, 4 -> addGet(Set.of(key));
            case 5 -> {
                Set<String> several = new LinkedHashSet<>();
                for (int i = random.nextInt(2, 6); i > 0; i--) {
                    several.add(key(random));
                }
                addGet(several);
            }
            case 6 -> {
                requests.append("delete ").append(key).append("\r\n");
                expected.add(held.remove(key) == null ? "NOT_FOUND\r\n" : "DELETED\r\n");
            }
            default -> {
                requests.append("nosuch ").append(key).append("\r\n");
                expected.add("ERROR\r\n");
            }
        }
    }

    private void addGet(Set<String> several) {
        StringBuilder reply = new StringBuilder();
        requests.append("get");
        for (String key : several) {
            requests.append(' ').append(key);
            String value = held.get(key);
            if (value != null) {
                reply.append("VALUE ").append(key).append(value.replaceFirst("^ 0 0 ", " 0 "));
            }
        }
        requests.append("\r\n");
        expected.add(reply.append("END\r\n").toString());
    }

    private String key(SplittableRandom random) {
        return keys.get(random.nextInt(keys.size()));
    }

    /** What stands behind the key in the request that stores it. */
    private String put(String key, SplittableRandom random) {
        int filler = random.nextInt(100) == 0 ? random.nextInt(LARGEST_VALUE) : random.nextInt(30);
        String value = CheckingClient.MARK + name + " number=" + values++ + "\r\nEND\r\n" + "x".repeat(filler);
        held.put(key, " 0 0 " + value.length() + "\r\n" + value + "\r\n");
        return held.getOrDefault(key, "");
    }

    private static String shown(String text) {
        String printable = text.replace("\r\n", "\\r\\n");
        return printable.length() <= 400 ? printable : printable.substring(0, 400) + "... (" + text.length() + ")";
    }

    @Override
    public void leave() throws IOException {
        client.close();
    }
}
