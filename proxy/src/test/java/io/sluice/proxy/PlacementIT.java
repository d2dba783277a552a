package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.hash.HashTag;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.FreePorts;
import io.sluice.testing.NutcrackerServer;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.ServerStyle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The same pools in the real twemproxy and in the proxy, over the same servers: what is written through one must be
 * found through the other. All pools are in one process of each; keys begin with the number of their pool.
 */
class PlacementIT {

    private static final int KEYS = 400;
    private static final int PIPELINE = 200;

    @RegisterExtension
    static final RedisServer one = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer two = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer three = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer four = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer five = RedisServer.onFreePort().withUnixSocket();

    private static final List<RedisServer> all = List.of(one, two, three, four, five);

    /** One pool, in both proxies. */
    private record Pair(
            int number, int theirPort, int ourPort, ServerStyle style, HashAlgorithm hash, DistributionKind kind) {

        private String yaml() {
            String head = """
                    pool%d:
                      listen: 127.0.0.1:%d
                      redis: true
                      hash: %s
                      hash_tag: "%s"
                      distribution: %s
                      servers:
                    """.formatted(number, theirPort, hash.configName(), style.hashTag(), kind.configName());
            return style.servers(all).stream()
                    .map(server -> "   - " + style.line(server) + "\n")
                    .collect(Collectors.joining("", head, ""));
        }

        private ProxyConfig config() {
            return RunningProxy.over(style.servers(all))
                    .listen(ServerAddress.tcp("127.0.0.1", ourPort))
                    .routing(hash, kind, HashTag.of(style.hashTag()))
                    .config();
        }

        /** Names, tags and bytes of all kinds; none is in two sets. */
        private Set<String> keys(String writer) {
            Random random = new Random(number);
            Set<String> keys = new LinkedHashSet<>();
            while (keys.size() < KEYS) {
                String start = number + writer + bytes(random, 4);
                keys.add(
                        switch (random.nextInt(4)) {
                            case 0 -> start + random.nextInt(1_000_000);
                            case 1 -> start + "{" + bytes(random, 8) + "}" + bytes(random, 4);
                            case 2 -> start + "$" + bytes(random, 8) + "$" + bytes(random, 4);
                            default -> start + bytes(random, 60);
                        });
            }
            return keys;
        }

        private static String bytes(Random random, int most) {
            byte[] bytes = new byte[random.nextInt(most + 1)];
            random.nextBytes(bytes);
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }

    private static final List<Pair> pairs = new ArrayList<>();

    @BeforeAll
    static void makePools() {
        for (ServerStyle style : ServerStyle.values()) {
            for (HashAlgorithm hash : HashAlgorithm.values()) {
                for (DistributionKind kind : List.of(DistributionKind.KETAMA, DistributionKind.MODULA)) {
                    pairs.add(new Pair(pairs.size(), FreePorts.next(), FreePorts.next(), style, hash, kind));
                }
            }
        }
    }

    @Test
    void whatOneProxyWritesTheOtherFinds() throws Exception {
        assertThat(pairs).hasSize(72);
        try (NutcrackerServer nutcracker = startNutcracker();
                Proxy ours = Proxy.start(config())) {
            assertThat(nutcracker.ports()).hasSize(72);
            assertThat(ours.clients()).isZero();

            for (Pair pair : pairs) {
                assertTaken(pair, pair.theirPort(), pair.ourPort(), pair.keys("theirs"));
                assertTaken(pair, pair.ourPort(), pair.theirPort(), pair.keys("ours"));
            }
        }
        assertThat(keysStored()).isEqualTo(72L * 2 * KEYS);
    }

    private static NutcrackerServer startNutcracker() {
        NutcrackerServer nutcracker =
                NutcrackerServer.withConfig(pairs.stream().map(Pair::yaml).collect(Collectors.joining("\n")));
        nutcracker.start();
        return nutcracker;
    }

    private static ProxyConfig config() {
        return pairs.get(0)
                .config()
                .withPools(pairs.stream()
                        .flatMap(pair -> pair.config().pools().stream())
                        .toList());
    }

    private static void assertTaken(Pair pair, int writer, int reader, Set<String> keys) throws IOException {
        List<String> missing = new ArrayList<>();
        try (RespClient writing = new RespClient(writer);
                RespClient reading = new RespClient(reader)) {
            for (List<String> batch : batches(keys)) {
                for (String key : batch) {
                    writing.send("SET", key, "of " + key);
                }
                for (int i = 0; i < batch.size(); i++) {
                    assertThat(writing.receive()).isEqualTo("OK");
                }
                for (String key : batch) {
                    reading.send("GET", key);
                }
                for (String key : batch) {
                    if (!("of " + key).equals(reading.receive())) {
                        missing.add(key);
                    }
                }
            }
        }
        assertThat(missing)
                .as("keys of %s written on port %d and not found on %d", pair, writer, reader)
                .isEmpty();
    }

    private static List<List<String>> batches(Set<String> keys) {
        List<String> list = List.copyOf(keys);
        return IntStream.range(0, (list.size() + PIPELINE - 1) / PIPELINE)
                .mapToObj(i -> list.subList(i * PIPELINE, Math.min(list.size(), (i + 1) * PIPELINE)))
                .toList();
    }

    /** Each key must be stored once: a second copy would lie where one of the two has put it wrongly. */
    private static long keysStored() throws IOException {
        long keys = 0;
        for (RedisServer redis : all) {
            try (RespClient client = redis.connect()) {
                keys += client.call("DBSIZE") instanceof Long size ? size : 0;
            }
        }
        return keys;
    }
}
