package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.testing.CacheShards;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.testing.MemcachedServer;
import io.sluice.testing.TextClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The same random memcached requests to the proxy over three servers and to one plain server: every reply must be the
 * same, but for the unique numbers of gets. {@code -Dsluice.seed=N} repeats a run, {@code -Dsluice.seconds=N} makes it
 * longer.
 */
class MemcacheDifferentialIT {

    private static final Logger log = LoggerFactory.getLogger(MemcacheDifferentialIT.class);
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());
    private static final Duration TIME = Duration.ofSeconds(Long.getLong("sluice.seconds", 5));

    /** Where the machine is so slow that the time does not do. */
    private static final long FEWEST_REQUESTS = 3_000;

    private static final int LARGEST_BATCH = 200;
    private static final int KEYS = 40;
    private static final Pattern LONG_RUN = Pattern.compile("v{20,}");

    /** After decr memcached pads a counter with spaces, but not while the old value is still being sent. */
    private static final Pattern PADDED = Pattern.compile("VALUE (c\\d+ \\d+) \\d+(?: -)?\r\n(\\d+) *\r\n");

    private static final List<String> NO_COMMANDS =
            List.of("", "get", "gets", "gat", "set_", "GET k0", "incr k0", "touch k0", "nosuch noreply", "decr");

    @RegisterExtension
    static final CacheShards shards = CacheShards.three();

    @RegisterExtension
    static final MemcachedServer plain = MemcachedServer.onFreePort();

    @AutoClose
    static final RunningProxy proxy = shards.proxy();

    private final Random random = new Random(SEED);
    private final Set<String> kindsSeen = new HashSet<>();
    private final ArrayDeque<String> counterRequests =
            new ArrayDeque<>(); // the newest, with what the plain server said

    /** A request and whether it brings a reply. */
    private record Sent(String text, boolean replied) {}

    @BeforeAll
    static void start() throws ProxyStartException {
        proxy.start();
    }

    @Test
    void everyReplyIsThatOfAPlainServer() throws IOException {
        log.warn("Random requests: seed={} (repeat with -Dsluice.seed)", SEED);
        long end = System.nanoTime() + TIME.toNanos();
        long requests = 0;
        try (TextClient sharded = new TextClient(proxy.port());
                TextClient single = plain.connect()) {
            for (int batch = 1; System.nanoTime() - end < 0 || requests < FEWEST_REQUESTS; batch++) {
                requests += compareBatch(batch, sharded, single);
                compareUniqueNumber(batch, sharded, single);
            }
        }

        log.warn("Random requests, all answered alike: requests={} kinds={}", requests, kindsSeen.size());
        assertThat(requests).isGreaterThanOrEqualTo(FEWEST_REQUESTS);
        assertThat(kindsSeen).contains("STORED", "NOT_STORED", "EXISTS", "NOT_FOUND", "VALUE", "END", "ERROR");
        assertThat(kindsSeen).contains("DELETED", "TOUCHED", "CLIENT_ERROR");
    }

    private int compareBatch(int batch, TextClient sharded, TextClient single) throws IOException {
        List<Sent> requests = IntStream.rangeClosed(0, random.nextInt(LARGEST_BATCH))
                .mapToObj(i -> next())
                .collect(Collectors.toCollection(ArrayList::new));
        requests.add(new Sent("get " + key() + "\r\n", true)); // so that the last noreply is known to be silent
        String bytes = requests.stream().map(Sent::text).collect(Collectors.joining());
        single.send(bytes);
        for (int sent = 0; sent < bytes.length(); ) {
            int chunk = Math.min(bytes.length() - sent, 1 + random.nextInt(bytes.length()));
            sharded.send(bytes.substring(sent, sent + chunk));
            sent += chunk;
        }
        for (Sent request : requests) {
            if (!request.replied()) {
                remember(request, "(silent)");
            } else {
                String theirs = comparable(single.reply());
                remember(request, theirs);
                assertThat(comparable(sharded.reply()))
                        .as("seed=%s batch=%s request=%s counters=%s", SEED, batch, request.text(), counterRequests)
                        .isEqualTo(theirs);
                kindsSeen.add(theirs.split("[ \r]", -1)[0]);
            }
        }
        return requests.size();
    }

    /** A counter that went another way is only noticed later: what led there is told with the failure. */
    private void remember(Sent request, String reply) {
        if (request.text().matches("(?s)(incr|decr|set|gat|gats) .*\\bc\\d.*")
                && request.text().length() < 200) {
            if (counterRequests.size() == 60) {
                counterRequests.removeFirst();
            }
            counterRequests.addLast("\n" + request.text().strip() + " -> " + reply.strip());
        }
    }

    /** With the number that each of the two has told, a cas succeeds, or fails, at both. */
    private void compareUniqueNumber(int batch, TextClient sharded, TextClient single) throws IOException {
        String key = key();
        long wrong = random.nextInt(2);
        String line = " 0 0 1";
        String ours = sharded.ask("cas " + key + line + " " + (unique(sharded.ask("gets " + key)) + wrong) + "\r\n1");
        String theirs = single.ask("cas " + key + line + " " + (unique(single.ask("gets " + key)) + wrong) + "\r\n1");

        assertThat(ours).as("seed=%s batch=%s cas of %s", SEED, batch, key).isEqualTo(theirs);
        kindsSeen.add(theirs.strip());
    }

    private static long unique(String reply) {
        return reply.startsWith("END")
                ? 1
                : Long.parseLong(reply.substring(0, reply.indexOf('\r')).split(" ", -1)[4]);
    }

    /** Without the unique numbers, which each server counts by itself; and with long runs of v counted, not shown. */
    private static String comparable(String reply) {
        String withoutNumbers = reply.replaceAll("(VALUE \\S+ \\d+ \\d+) \\d+\r\n", "$1 -\r\n");
        String withoutPadding = PADDED.matcher(withoutNumbers).replaceAll("VALUE $1 ? $2\r\n");
        return LONG_RUN.matcher(withoutPadding)
                .replaceAll(run -> "{" + run.group().length() + " v}");
    }

    private Sent next() {
        return switch (random.nextInt(12)) {
            case 0, 1 -> new Sent(pick("get ", "gets ", "gat 0 ", "gats 100 ") + keys() + "\r\n", true);
            case 2 -> new Sent("get " + key() + pick("\n", "\r\n", "  \r\n"), true);
            case 3, 4, 5 -> store(pick("set", "set", "add", "replace", "append", "prepend"), "");
            case 6 -> store("cas", " 18446744073709551615");
            case 7 -> quiet("delete " + key() + pick("", " 0"));
            case 8 ->
                random.nextBoolean()
                        ? quiet("incr " + counter() + " " + pick("1", "20", "x"))
                        : quiet("decr " + counter() + " " + pick("1", "20", "18446744073709551615", "x"));
            case 9 -> quiet("touch " + key() + pick(" 0", " 1000", " x"));
            case 10 ->
                new Sent("set " + counter() + pick(" 0 0 2\r\n10\r\n", " 0 0 2\r\n0x\r\n", " 7 0 4\r\n9999\r\n"), true);
            default -> new Sent(NO_COMMANDS.get(random.nextInt(NO_COMMANDS.size())) + "\r\n", true);
        };
    }

    private Sent store(String command, String more) {
        String value = value();
        String line =
                command + " " + key() + " " + random.nextInt(100) + pick(" 0 ", " 0 ", " 0 ", " -1 ") + value.length();
        boolean silent = random.nextInt(3) == 0;
        return new Sent(line + more + (silent ? " noreply" : "") + "\r\n" + value + "\r\n", !silent);
    }

    /** With or without a reply. */
    private Sent quiet(String line) {
        boolean silent = random.nextInt(3) == 0;
        return new Sent(line + (silent ? " noreply" : "") + "\r\n", !silent);
    }

    private String value() {
        return switch (random.nextInt(6)) {
            case 0, 1 -> String.valueOf(random.nextInt(1000));
            case 2 -> "END\r\nVALUE k1 0 1\r\nx\r\n";
            case 3 -> "";
            case 4 -> "v".repeat(random.nextInt(200_000));
            default -> "quit\r\nset k0 0 0 1 noreply\r\nx\r\n";
        };
    }

    private String keys() {
        return IntStream.rangeClosed(0, random.nextInt(12))
                .mapToObj(i -> random.nextInt(5) == 0 ? counter() : key())
                .collect(Collectors.joining(" "));
    }

    private String key() {
        return "k" + random.nextInt(KEYS);
    }

    /**
     * Nothing is appended to a counter, and none reaches 2^63: memcached 1.6.18 looks for a '-' behind such a number, and
     * beyond its end in whatever memory follows, and where it finds one it says that the value is no number.
     */
    private String counter() {
        return "c" + random.nextInt(KEYS / 4);
    }

    private String pick(String... some) {
        return some[random.nextInt(some.length)];
    }
}
