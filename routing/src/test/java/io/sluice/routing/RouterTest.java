package io.sluice.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.hash.HashTag;
import io.sluice.testing.KeyText;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouterTest {

    private static final String[] KEYS = {
        "apple", "user:1001", "foobarbazqux!", "caf\\xc3\\xa9", "\\xff\\xfe\\xfd", "key:0", "key:1", "key:2", "key:3"
    };

    private static final String[] GREEK = {"alpha:1", "beta:1", "gamma:1"};
    private static final String[] TENS = {"10.0.0.1:6379:1", "10.0.0.2:6379:2", "10.0.0.3:6379:3"};

    @ParameterizedTest
    @CsvSource({
        "fnv1a_64, gamma beta gamma beta gamma gamma gamma gamma gamma",
        "murmur, alpha gamma beta beta alpha beta alpha alpha beta",
        "md5, alpha alpha beta beta beta gamma alpha gamma beta",
        "crc16, beta gamma alpha alpha beta gamma gamma gamma gamma",
        "crc32, alpha alpha alpha alpha alpha alpha alpha alpha alpha",
    })
    void ketamaGivesTwemproxysServers(String hash, String owners) {
        Router router = Router.of(
                Pools.pool(DistributionKind.KETAMA, HashAlgorithm.named(hash).orElseThrow(), GREEK));

        assertThat(owners(router)).isEqualTo(owners);
    }

    @Test
    void ketamaWithoutAnEjectedServerGivesTwemproxysServers() {
        Router router = Router.of(Pools.pool(DistributionKind.KETAMA, HashAlgorithm.FNV1A_64, GREEK));
        assertThat(router.pool().servers().get(0).name()).isEqualTo("beta");

        Router withoutBeta = router.withLive(live(1, 2));

        assertThat(owners(withoutBeta)).isEqualTo("gamma gamma gamma alpha gamma gamma gamma gamma gamma");
        assertThat(withoutBeta.explain(KeyText.bytes("apple")).positions()).isEqualTo(320);
        assertThat(owners(withoutBeta.withLive(live(0, 1, 2)))).isEqualTo(owners(router));
    }

    @Test
    void ketamaWithWeightsGivesTwemproxysServers() {
        Router router = Router.of(Pools.pool(DistributionKind.KETAMA, HashAlgorithm.FNV1A_64, TENS));

        Router withoutFirst = router.withLive(live(1, 2));

        assertThat(owners(router).replaceAll("10.0.0.(.):6379", "$1")).isEqualTo("3 1 1 3 2 2 2 2 2");
        assertThat(owners(withoutFirst).replaceAll("10.0.0.(.):6379", "$1")).isEqualTo("3 2 3 2 2 3 3 3 3");
    }

    @Test
    void shortSequentialKeysSpreadAsMeasured() {
        assertThat(spread(HashAlgorithm.FNV1A_64)).isEqualTo("2490/4040/3470");
        assertThat(spread(HashAlgorithm.MURMUR)).isEqualTo("3045/3448/3507");
        assertThat(spread(HashAlgorithm.MD5)).isEqualTo("2974/3438/3588");
    }

    /** Of alpha, beta and gamma. */
    private static String spread(HashAlgorithm hash) {
        Router router = Router.of(Pools.pool(DistributionKind.KETAMA, hash, GREEK));
        var counts = IntStream.range(0, 10_000)
                .mapToObj(i -> owner(router, "key:" + i))
                .collect(Collectors.groupingBy(name -> name, Collectors.counting()));
        return counts.get("alpha") + "/" + counts.get("beta") + "/" + counts.get("gamma");
    }

    @Test
    void modulaGivesTwemproxysServers() {
        Router router =
                Router.of(Pools.pool(DistributionKind.MODULA, HashAlgorithm.FNV1A_64, "alpha:1", "beta:2", "gamma:3"));

        assertThat(owners(router)).isEqualTo("gamma alpha beta gamma gamma alpha gamma alpha gamma");
    }

    @Test
    void modulaCountsLiveServersOnly() {
        Router router =
                Router.of(Pools.pool(DistributionKind.MODULA, HashAlgorithm.FNV1A_64, "alpha:1", "beta:2", "gamma:3"));

        Router withoutAlpha = router.withLive(live(0, 2));

        for (String key : KEYS) {
            Route route = withoutAlpha.explain(KeyText.bytes(key));
            String expected = route.hash() % 5 < 2 ? "beta" : "gamma";
            assertThat(route.positions()).isEqualTo(5);
            assertThat(owner(withoutAlpha, key)).isEqualTo(expected);
        }
    }

    @Test
    void randomIsUniformOverLiveServersWhateverTheirWeight() {
        SplittableRandom random = new SplittableRandom(11);
        PoolDefinition pool = Pools.pool(DistributionKind.RANDOM, HashAlgorithm.FNV1A_64, "a:1", "b:100", "c:7");
        Router router = Router.of(pool, () -> random).withLive(live(0, 2));
        int[] counts = new int[3];

        for (int i = 0; i < 10_000; i++) {
            counts[router.serverIndex(new byte[] {1}, 0, 1)]++;
        }

        assertThat(counts[0]).isBetween(4_800, 5_200);
        assertThat(counts[1]).isZero();
        assertThat(counts[2]).isBetween(4_800, 5_200);
    }

    @Test
    void anEmptyKeyHasTheHashZero() {
        for (HashAlgorithm hash : HashAlgorithm.values()) {
            Route route =
                    Router.of(Pools.pool(DistributionKind.KETAMA, hash, GREEK)).explain(new byte[0]);

            assertThat(route.hash()).isZero();
            assertThat(route.position()).hasValue(8391929);
        }
    }

    @Test
    void theOnlyServerOfAPoolGetsEveryKeyUnhashed() {
        Router router = Router.of(Pools.pool(DistributionKind.KETAMA, HashAlgorithm.MD5, "only:3"));

        Route route = router.explain(KeyText.bytes("apple"));

        assertThat(route.hash()).isZero();
        assertThat(owner(router, "apple")).isEqualTo("only");
    }

    @Test
    void theLastLiveServerOfSeveralGetsEveryKey() {
        for (DistributionKind kind :
                List.of(DistributionKind.KETAMA, DistributionKind.MODULA, DistributionKind.RANDOM)) {
            Router router =
                    Router.of(Pools.pool(kind, HashAlgorithm.FNV1A_64, GREEK)).withLive(live(2));

            assertThat(owners(router).split(" ", -1)).containsOnly("gamma");
        }
    }

    @Test
    void nobodyOwnsAKeyWhileNoServerIsLive() {
        for (DistributionKind kind :
                List.of(DistributionKind.KETAMA, DistributionKind.MODULA, DistributionKind.RANDOM)) {
            Router router =
                    Router.of(Pools.pool(kind, HashAlgorithm.FNV1A_64, GREEK)).withLive(new BitSet());

            assertThat(router.serverIndex(KeyText.bytes("a"), 0, 1)).isEqualTo(-1);
            assertThat(router.explain(KeyText.bytes("a")).server()).isEmpty();
        }
    }

    @Test
    void serversBeyondThePoolAreNotCounted() {
        Router router = Router.of(Pools.pool(DistributionKind.KETAMA, HashAlgorithm.FNV1A_64, GREEK));

        Router same = router.withLive(live(0, 1, 2, 3, 64));

        assertThat(owners(same)).isEqualTo(owners(router));
    }

    @Test
    void theTagDecidesWhereThereIsOne() {
        Router router = Router.of(Pools.pool(DistributionKind.KETAMA, HashAlgorithm.FNV1A_64, HashTag.of("{}"), GREEK));

        Route tagged = router.explain(KeyText.bytes("x{user:1001}y"));
        Route untagged = router.explain(KeyText.bytes("{}\\xff\\\\"));

        assertThat(tagged.hashedPart()).isEqualTo("user:1001");
        assertThat(tagged.taggedPart()).isTrue();
        assertThat(tagged.hash()).isEqualTo(2927313110L);
        assertThat(untagged.hashedPart()).isEqualTo("{}\\xff\\x5c\\x5c");
        assertThat(untagged.taggedPart()).isFalse();
    }

    @Test
    void hashesTheKeyWhereItLies() {
        Router router = Router.of(Pools.pool(DistributionKind.KETAMA, HashAlgorithm.FNV1A_64, HashTag.of("{}"), GREEK));
        byte[] buffer = KeyText.bytes("{beta}a{user:1001}z}");

        int index = router.serverIndex(buffer, 6, 13);

        assertThat(router.pool().servers().get(index).name()).isEqualTo("beta");
        assertThat(router.serverIndex(buffer, 19, 1)).isEqualTo(router.serverIndex(new byte[] {'}'}, 0, 1));
    }

    @Test
    void slotsGoByTheHashAndTheTagOfTheirSystem() {
        Router codis = slots(1024, slot -> slot % 3);
        Router cluster = slots(16384, slot -> slot % 3);

        assertThat(codis.explain(KeyText.bytes("{}a")).position()).hasValue(0);
        assertThat(codis.explain(KeyText.bytes("{foo}a")).position()).hasValue(289);
        assertThat(cluster.explain(KeyText.bytes("{foo}a")).position()).hasValue(12182);
        assertThat(cluster.explain(KeyText.bytes("123456789")).hash()).isEqualTo(0x31c3);
        assertThat(codis.serverIndex(KeyText.bytes("foo"), 0, 3)).isEqualTo(289 % 3);
        assertThat(cluster.serverIndex(KeyText.bytes("foo"), 0, 3)).isEqualTo(12182 % 3);
    }

    @Test
    void theSlotsOfAnEjectedServerAreNobodys() {
        Router router = slots(1024, slot -> slot % 3).withLive(live(0, 2));

        assertThat(router.serverIndex(KeyText.bytes("foo"), 0, 3)).isEqualTo(-1); // 289 % 3 == 1
        assertThat(router.serverIndex(KeyText.bytes("{}"), 0, 2)).isZero();
    }

    @Test
    void aSlotMayHaveNoOwner() {
        Router router = slots(1024, slot -> slot == 0 ? -1 : 0);

        assertThat(router.serverIndex(KeyText.bytes("{}"), 0, 2)).isEqualTo(-1);
    }

    @Test
    void explainsWhatItDoes() {
        Random random = new Random(5);
        Router router = Router.of(Pools.pool(DistributionKind.KETAMA, HashAlgorithm.JENKINS, TENS));
        for (int i = 0; i < 1_000; i++) {
            byte[] key = new byte[random.nextInt(40)];
            random.nextBytes(key);

            Route route = router.explain(key);

            assertThat(route.server()).contains(router.pool().servers().get(router.serverIndex(key, 0, key.length)));
        }
    }

    private static Router slots(int count, java.util.function.IntUnaryOperator owner) {
        PoolDefinition greek = Pools.pool(DistributionKind.SLOTS, HashAlgorithm.FNV1A_64, GREEK);
        List<Integer> owners = IntStream.range(0, count).map(owner).boxed().toList();
        return Router.of(
                new PoolDefinition(greek.name(), greek.hash(), null, DistributionKind.SLOTS, greek.servers(), owners));
    }

    private static String owners(Router router) {
        return Arrays.stream(KEYS).map(key -> owner(router, key)).collect(Collectors.joining(" "));
    }

    private static String owner(Router router, String key) {
        byte[] bytes = KeyText.bytes(key);
        int index = router.serverIndex(bytes, 0, bytes.length);
        return router.pool().servers().get(index).name();
    }

    private static BitSet live(int... indexes) {
        BitSet live = new BitSet();
        Arrays.stream(indexes).forEach(live::set);
        return live;
    }
}
