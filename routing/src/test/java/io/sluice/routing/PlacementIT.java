package io.sluice.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.hash.HashTag;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.FreePorts;
import io.sluice.testing.NutcrackerServer;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import io.sluice.testing.ServerStyle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Thousands of random keys go through the real twemproxy into real redis-servers; then every redis is asked what it got.
 * Each pool has a database of its own on all of them, so one nutcracker serves them all.
 */
class PlacementIT {

    private static final int KEYS = 2_500;
    private static final int PIPELINE = 250;
    private static final int DATABASES = 128;

    @RegisterExtension
    static final RedisServer one = redis();

    @RegisterExtension
    static final RedisServer two = redis();

    @RegisterExtension
    static final RedisServer three = redis();

    @RegisterExtension
    static final RedisServer four = redis();

    @RegisterExtension
    static final RedisServer five = redis().withUnixSocket();

    private static final List<RedisServer> all = List.of(one, two, three, four, five);

    /** One pool of twemproxy's file. */
    private record Pool(
            int port, int database, ServerStyle style, HashAlgorithm hash, DistributionKind kind, boolean ejects) {

        private String yaml() {
            String head =
                    """
                    pool%d:
                      listen: 127.0.0.1:%d
                      redis: true
                      redis_db: %d
                      hash: %s
                      hash_tag: "%s"
                      distribution: %s
                      auto_eject_hosts: %s
                      server_failure_limit: 1
                      server_retry_timeout: 600000
                      servers:
                    """.formatted(port, port, database, hash.configName(), style.hashTag(), kind.configName(), ejects);
            return style.servers(all).stream()
                    .map(server -> "   - " + style.line(server) + "\n")
                    .collect(Collectors.joining("", head, ""));
        }

        /** twemproxy selects no database on a unix socket (seen with 0.5.0: what connects at once is never told). */
        private int databaseOn(RedisServer redis) {
            return style == ServerStyle.ADDRESSES && redis == five ? 0 : database;
        }

        private Router router() {
            List<Server> sorted =
                    style.servers(all).stream().sorted(Server.RING_ORDER).toList();
            return Router.of(new PoolDefinition("pool", hash, HashTag.of(style.hashTag()), kind, sorted, List.of()));
        }
    }

    @Test
    void everyKeyLiesWhereTwemproxyPutsIt() throws IOException {
        List<Pool> pools = new ArrayList<>();
        for (ServerStyle style : ServerStyle.values()) {
            for (HashAlgorithm hash : HashAlgorithm.values()) {
                for (DistributionKind kind : List.of(DistributionKind.KETAMA, DistributionKind.MODULA)) {
                    pools.add(new Pool(FreePorts.next(), 1 + pools.size(), style, hash, kind, false));
                }
            }
        }

        try (NutcrackerServer nutcracker = start(pools)) {
            assertThat(nutcracker.ports()).hasSize(72);
            for (Pool pool : pools) {
                Set<String> keys = randomKeys(pool.database());
                store(pool, keys);

                assertSamePlaces(pool, pool.router(), keys, all);
            }
        }
    }

    @Test
    void everyKeyLiesWhereTwemproxyPutsItAfterAnEjection() throws IOException {
        List<Pool> pools = List.of(
                new Pool(
                        FreePorts.next(),
                        100,
                        ServerStyle.ALIASES,
                        HashAlgorithm.FNV1A_64,
                        DistributionKind.KETAMA,
                        true),
                new Pool(
                        FreePorts.next(),
                        101,
                        ServerStyle.ALIASES,
                        HashAlgorithm.MURMUR,
                        DistributionKind.KETAMA,
                        true),
                new Pool(FreePorts.next(), 102, ServerStyle.ALIASES, HashAlgorithm.MD5, DistributionKind.MODULA, true));

        try (NutcrackerServer nutcracker = start(pools)) {
            assertThat(nutcracker.ports()).hasSize(3);
            two.kill();
            for (Pool pool : pools) {
                Router router = without(two, pool.router());
                ejectAll(pool, two);
                Set<String> keys = randomKeys(pool.database());
                store(pool, keys);

                assertSamePlaces(pool, router, keys, List.of(one, three, four, five));
            }
        } finally {
            two.restart();
        }
    }

    @Test
    void randomSpreadsEvenlyInBoth() throws IOException {
        Pool pool = new Pool(
                FreePorts.next(), 110, ServerStyle.ALIASES, HashAlgorithm.FNV1A_64, DistributionKind.RANDOM, false);
        Set<String> keys = randomKeys(110);

        try (NutcrackerServer nutcracker = start(List.of(pool))) {
            assertThat(nutcracker.ports()).hasSize(1);
            store(pool, keys);
        }

        Router router = pool.router();
        Map<Integer, Long> ours =
                keys.stream().collect(Collectors.groupingBy(key -> serverIndex(router, key), Collectors.counting()));
        assertThat(ours.values()).hasSize(5).allSatisfy(PlacementIT::isAboutAFifth);
        for (RedisServer redis : all) {
            isAboutAFifth((long) keysIn(redis, pool.database()).size());
        }
    }

    private static void isAboutAFifth(Long count) {
        assertThat(count).isBetween(KEYS / 5L - 120, KEYS / 5L + 120); // six standard deviations
    }

    private static void assertSamePlaces(Pool pool, Router router, Set<String> keys, Collection<RedisServer> live)
            throws IOException {
        Map<String, ServerAddress> places = new HashMap<>();
        for (RedisServer redis : live) {
            keysIn(redis, pool.databaseOn(redis)).forEach(key -> places.put(key, tcp(redis)));
        }

        List<String> misplaced = keys.stream()
                .filter(key -> !address(router, key).equals(places.get(key)))
                .map(key -> router.explain(latin1(key)) + " but lies at " + places.get(key))
                .toList();

        assertThat(misplaced).as("misplaced by %s", pool).isEmpty();
        assertThat(places).hasSameSizeAs(keys);
    }

    /** Names, tags and bytes of all kinds. */
    private static Set<String> randomKeys(int seed) {
        Random random = new Random(seed);
        Set<String> keys = new LinkedHashSet<>();
        while (keys.size() < KEYS) {
            keys.add(
                    switch (random.nextInt(4)) {
                        case 0 -> "key:" + random.nextInt(1_000_000);
                        case 1 -> bytes(random, 4) + "{" + bytes(random, 8) + "}" + bytes(random, 4);
                        case 2 -> bytes(random, 4) + "$" + bytes(random, 8) + "$" + bytes(random, 4);
                        default -> "x" + bytes(random, 60);
                    });
        }
        return keys;
    }

    private static String bytes(Random random, int most) {
        byte[] bytes = new byte[random.nextInt(most + 1)];
        random.nextBytes(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static void store(Pool pool, Set<String> keys) throws IOException {
        try (RespClient client = five.connect()) {
            client.call("FLUSHDB");
        }
        try (RespClient client = new RespClient(pool.port())) {
            int waiting = 0;
            for (String key : keys) {
                client.send("SET", key, "v");
                if (++waiting == PIPELINE) {
                    receiveOk(client, waiting);
                    waiting = 0;
                }
            }
            receiveOk(client, waiting);
        }
    }

    private static void receiveOk(RespClient client, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            assertThat(client.receive()).isEqualTo("OK");
        }
    }

    /** Asks for a key of the dead server, which must fail once; after that nothing goes there any more. */
    private static void ejectAll(Pool pool, RedisServer dead) throws IOException {
        Router before = pool.router();
        String victim = IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> "victim:" + i)
                .filter(key -> address(before, key).equals(tcp(dead)))
                .findFirst()
                .orElseThrow();
        try (RespClient client = new RespClient(pool.port())) {
            assertThat(client.call("GET", victim)).isInstanceOf(RespError.class);
            assertThat(client.call("GET", victim)).isNull();
        }
    }

    private static Router without(RedisServer dead, Router router) {
        BitSet live = new BitSet();
        List<Server> servers = router.pool().servers();
        for (int i = 0; i < servers.size(); i++) {
            live.set(i, !servers.get(i).address().equals(tcp(dead)));
        }
        return router.withLive(live);
    }

    private static NutcrackerServer start(List<Pool> pools) {
        NutcrackerServer nutcracker =
                NutcrackerServer.withConfig(pools.stream().map(Pool::yaml).collect(Collectors.joining("\n")));
        nutcracker.start();
        return nutcracker;
    }

    private static List<String> keysIn(RedisServer redis, int database) throws IOException {
        try (RespClient client = redis.connect()) {
            client.call("SELECT", String.valueOf(database));
            return client.call("KEYS", "*") instanceof List<?> keys
                    ? keys.stream().map(String.class::cast).toList()
                    : List.of();
        }
    }

    private static int serverIndex(Router router, String key) {
        byte[] bytes = latin1(key);
        return router.serverIndex(bytes, 0, bytes.length);
    }

    /** Where the router puts the key; a unix socket counts as the port of the same server. */
    private static ServerAddress address(Router router, String key) {
        ServerAddress address =
                router.pool().servers().get(serverIndex(router, key)).address();
        return address.isUnixSocket() ? tcp(five) : address;
    }

    private static byte[] latin1(String key) {
        return key.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static ServerAddress tcp(RedisServer redis) {
        return ServerAddress.tcp("127.0.0.1", redis.port());
    }

    private static RedisServer redis() {
        return RedisServer.onFreePort().withArguments("--databases", String.valueOf(DATABASES));
    }
}
