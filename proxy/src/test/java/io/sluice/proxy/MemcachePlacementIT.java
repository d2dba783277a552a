package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.config.ProxyConfig;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.testing.FreePorts;
import io.sluice.testing.MemcachedServer;
import io.sluice.testing.NutcrackerServer;
import io.sluice.testing.TextClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same file in the real twemproxy and in the proxy, but for the ports to listen on, over the same memcached servers:
 * what is written through one must be found through the other. One of the servers listens on memcached's own port, which
 * then is no part of its name.
 */
class MemcachePlacementIT {

    private static final int KEYS = 300;

    @RegisterExtension
    static final MemcachedServer one = MemcachedServer.onFreePort();

    @RegisterExtension
    static final MemcachedServer two = MemcachedServer.onFreePort();

    @RegisterExtension
    static final MemcachedServer three = MemcachedServer.onFreePort();

    @RegisterExtension
    static final MemcachedServer four = MemcachedServer.onItsOwnPort();

    /** One pool, in both proxies. */
    private record Pair(int number, int theirPort, int ourPort, String hash, String distribution, boolean named) {

        private String yaml(int port) {
            return """
                    pool%d:
                      listen: 127.0.0.1:%d
                      hash: %s
                      distribution: %s
                      redis: false
                      servers:
                       - %s:2%s
                       - %s:1%s
                       - %s:3%s
                       - %s:2%s
                    """.formatted(
                            number,
                            port,
                            hash,
                            distribution,
                            one.address(),
                            named ? " gamma" : "",
                            two.address(),
                            named ? " beta" : "",
                            three.address(),
                            named ? " much-longer" : "",
                            four.address(),
                            named ? " a" : "");
        }

        /** Bytes of all kinds that a key may have; none is in two sets. */
        private Set<String> keys(String writer) {
            Random random = new Random(number);
            Set<String> keys = new LinkedHashSet<>();
            while (keys.size() < KEYS) {
                StringBuilder key = new StringBuilder(number + writer);
                for (int i = random.nextInt(random.nextInt(10) == 0 ? 200 : 20); i > 0; i--) {
                    key.append((char) ('!' + random.nextInt(256 - '!')));
                }
                keys.add(key.toString());
            }
            return keys;
        }
    }

    private static final List<Pair> pairs = new ArrayList<>();

    @TempDir
    private Path folder;

    @BeforeAll
    static void makePools() {
        for (boolean named : new boolean[] {true, false}) {
            for (HashAlgorithm hash : HashAlgorithm.values()) {
                for (String distribution : List.of("ketama", "modula")) {
                    pairs.add(new Pair(
                            pairs.size(), FreePorts.next(), FreePorts.next(), hash.configName(), distribution, named));
                }
            }
        }
    }

    @Test
    void whatOneProxyWritesTheOtherFinds() throws Exception {
        assertThat(pairs).hasSize(48);
        Path ourFile = Files.writeString(
                folder.resolve("ours.yml"),
                pairs.stream().map(pair -> pair.yaml(pair.ourPort())).collect(Collectors.joining()));
        try (NutcrackerServer nutcracker = NutcrackerServer.withConfig(
                        pairs.stream().map(pair -> pair.yaml(pair.theirPort())).collect(Collectors.joining()));
                Proxy ours = Proxy.start(ProxyConfig.read(ourFile))) {
            nutcracker.start();
            assertThat(ours.clients()).isZero();

            for (Pair pair : pairs) {
                assertTaken(pair, pair.theirPort(), pair.ourPort(), pair.keys("theirs"));
                assertTaken(pair, pair.ourPort(), pair.theirPort(), pair.keys("ours"));
            }
        }
        assertThat(keysStored()).isEqualTo(48L * 2 * KEYS);
    }

    private static void assertTaken(Pair pair, int writer, int reader, Set<String> keys) throws IOException {
        List<String> missing = new ArrayList<>();
        try (TextClient writing = new TextClient(writer);
                TextClient reading = new TextClient(reader)) {
            StringBuilder sets = new StringBuilder();
            StringBuilder gets = new StringBuilder();
            for (String key : keys) {
                sets.append("set ").append(key).append(" 0 0 1\r\nv\r\n");
                gets.append("get ").append(key).append("\r\n");
            }
            writing.send(sets.toString());
            for (String key : keys) {
                assertThat(writing.reply()).as(key).isEqualTo("STORED\r\n");
            }
            reading.send(gets.toString());
            for (String key : keys) {
                if (!reading.reply().equals("VALUE " + key + " 0 1\r\nv\r\nEND\r\n")) {
                    missing.add(key);
                }
            }
        }
        assertThat(missing)
                .as("keys of %s written on port %d and not found on %d", pair, writer, reader)
                .isEmpty();
    }

    /** Each key must be stored once: a second copy would lie where one of the two has put it wrongly. */
    private static long keysStored() throws IOException {
        return one.items() + two.items() + three.items() + four.items();
    }
}
