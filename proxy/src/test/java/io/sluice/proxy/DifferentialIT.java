package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.testing.RandomCommands;
import io.sluice.proxy.testing.RawClient;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Shards;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.hash.HashTag;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The same random requests to the proxy over three servers and to one plain server: every reply must be the same, byte
 * for byte. {@code -Dsluice.seed=N} repeats a run, {@code -Dsluice.seconds=N} makes it longer.
 */
class DifferentialIT {

    private static final Logger log = LoggerFactory.getLogger(DifferentialIT.class);
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());
    private static final Duration TIME = Duration.ofSeconds(Long.getLong("sluice.seconds", 5));

    /** Where the machine is so slow that the time does not do. */
    private static final long FEWEST_REQUESTS = 4_000;

    private static final int LARGEST_BATCH = 300;
    private static final int BATCHES_BETWEEN_FLUSHES = 40;
    private static final int SHOWN = 300;

    @RegisterExtension
    static final Shards shards = Shards.three();

    @RegisterExtension
    static final RedisServer plain = RedisServer.onFreePort();

    @AutoClose
    static final RunningProxy proxy =
            shards.proxy().routing(HashAlgorithm.FNV1A_64, DistributionKind.KETAMA, HashTag.of("{}"));

    private final Random random = new Random(SEED);
    private final RandomCommands commands = new RandomCommands(random);
    private final Set<String> kindsSeen = new HashSet<>();

    @BeforeAll
    static void start() throws ProxyStartException {
        proxy.start();
    }

    @Test
    void everyReplyIsThatOfAPlainServer() throws IOException {
        log.warn("Random requests: seed={} (repeat with -Dsluice.seed)", SEED);
        long end = System.nanoTime() + TIME.toNanos();
        long requests = 0;
        try (RawClient sharded = new RawClient(proxy.port());
                RawClient single = new RawClient(plain.port())) {
            for (int batch = 1; System.nanoTime() - end < 0 || requests < FEWEST_REQUESTS; batch++) {
                requests += compareBatch(batch, sharded, single);
                if (batch % BATCHES_BETWEEN_FLUSHES == 0) {
                    flush();
                }
            }
        }

        log.warn("Random requests, all answered alike: requests={} commands={}", requests, kindsSeen.size());
        assertThat(requests).isGreaterThanOrEqualTo(FEWEST_REQUESTS);
        assertThat(kindsSeen).hasSizeGreaterThan(130);
    }

    private int compareBatch(int batch, RawClient sharded, RawClient single) throws IOException {
        List<List<String>> requests = new ArrayList<>();
        for (int i = random.nextInt(1, LARGEST_BATCH); i > 0; i--) {
            if (random.nextInt(20) == 0) {
                requests.addAll(commands.nextTransaction());
            } else {
                requests.add(commands.next());
            }
        }
        byte[] bytes = bytes(requests);
        sendInChunks(bytes, sharded);
        single.send(bytes);
        for (int i = 0; i < requests.size(); i++) {
            Optional<String> ours = sharded.nextReply();
            Optional<String> theirs = single.nextReply();
            if (!ours.equals(theirs)) {
                throw new AssertionError(difference(batch, i, requests, ours, theirs));
            }
            kindsSeen.add(requests.get(i).get(0));
        }
        return requests.size();
    }

    private static byte[] bytes(List<List<String>> requests) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        requests.forEach(request -> bytes.writeBytes(RawClient.request(request)));
        return bytes.toByteArray();
    }

    private void sendInChunks(byte[] bytes, RawClient client) throws IOException {
        int largest = random.nextInt(1, bytes.length + 1);
        for (int sent = 0; sent < bytes.length; ) {
            int chunk = Math.min(bytes.length - sent, random.nextInt(1, largest + 1));
            client.send(bytes, sent, chunk);
            sent += chunk;
        }
    }

    private static String difference(
            int batch, int index, List<List<String>> requests, Optional<String> ours, Optional<String> theirs) {
        return "seed=%d batch=%d request=%d: %s%nthrough the proxy: %s%nfrom the server:   %s%nbefore it: %s"
                .formatted(
                        SEED,
                        batch,
                        index,
                        shown(requests.get(index).toString()),
                        shown(ours.orElse("closed")),
                        shown(theirs.orElse("closed")),
                        shown(requests.subList(Math.max(0, index - 5), index).toString()));
    }

    private static String shown(String text) {
        String printable = text.replace("\r\n", "\\r\\n");
        return printable.length() <= SHOWN ? printable : printable.substring(0, SHOWN) + "...";
    }

    private static void flush() throws IOException {
        shards.flush();
        try (RespClient client = plain.connect()) {
            client.call("FLUSHALL");
        }
    }
}
