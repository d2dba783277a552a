package io.sluice.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.health.Shares;
import io.sluice.routing.Router;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.hash.HashTag;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PoolRoutingTest {

    private static final int KEYS = 3_000;
    private static final int SERVERS = 3;

    private final Router router = router("alpha", DistributionKind.KETAMA);

    @ParameterizedTest
    @EnumSource(EjectedKeys.class)
    void withAllServersEveryKeyIsAtHome(EjectedKeys rule) {
        PoolRouting routing = new PoolRouting(router, rule);

        routing.use(Shares.of(0, 256, 256));
        routing.use(Shares.of(256, 256, 256));

        forAllKeys(key -> assertThat(owner(routing, key)).isEqualTo(home(key)));
    }

    @Test
    void remappedKeysGoWhereTwemproxyPutsThem() {
        PoolRouting routing = new PoolRouting(router);
        routing.use(Shares.of(0, 256, 256));
        Router live = router.withLive(Shares.of(0, 256, 256).above(0));

        forAllKeys(key -> assertThat(owner(routing, key)).isEqualTo(live.serverIndex(key, 0, key.length)));
    }

    @ParameterizedTest
    @EnumSource(
            value = DistributionKind.class,
            names = {"KETAMA", "MODULA"})
    void asTheShareGrowsEachKeyMovesOnceAndEverMoreAreAtHome(DistributionKind distribution) {
        Router all = router("alpha", distribution);
        PoolRouting routing = new PoolRouting(all);
        boolean[] wasHome = new boolean[KEYS];
        int before = 0;
        for (int share = 16; share <= Shares.ALL; share += 16) {
            routing.use(Shares.of(share, 256, 256));
            int atHome = 0;
            for (int i = 0; i < KEYS; i++) {
                byte[] key = key(i);
                boolean isHome = owner(routing, key) == all.serverIndex(key, 0, key.length);
                if (all.serverIndex(key, 0, key.length) == 0) {
                    assertThat(isHome || !wasHome[i])
                            .as("share %s, key %s", share, i)
                            .isTrue();
                    wasHome[i] = isHome;
                    atHome += isHome ? 1 : 0;
                }
            }
            assertThat(atHome).isGreaterThan(before);
            before = atHome;
        }
        assertThat(before).isGreaterThan(KEYS / 5);
    }

    @Test
    void theShareIsThatOfTheKeys() {
        PoolRouting routing = new PoolRouting(router);
        routing.use(Shares.of(64, 256, 256));
        int[] keys = IntStream.range(0, KEYS).filter(i -> home(key(i)) == 0).toArray();

        long atHome =
                IntStream.of(keys).filter(i -> owner(routing, key(i)) == 0).count();

        assertThat((double) atHome / keys.length).isBetween(0.2, 0.3);
    }

    @Test
    void keysWithTheSameTagMoveTogether() {
        PoolRouting routing = new PoolRouting(router);
        routing.use(Shares.of(128, 256, 256));

        for (int i = 0; i < KEYS; i++) {
            byte[] one = ("{tag" + i + "}a").getBytes(StandardCharsets.US_ASCII);
            byte[] other = ("{tag" + i + "}bcd").getBytes(StandardCharsets.US_ASCII);
            assertThat(owner(routing, one)).isEqualTo(owner(routing, other));
        }
    }

    @Test
    void whereAllReturnAtOnceNoKeyIsWithoutAServer() {
        PoolRouting routing = new PoolRouting(router);
        routing.use(Shares.of(32, 16, 0));

        forAllKeys(key -> assertThat(owner(routing, key)).isBetween(0, 1));
    }

    @Test
    void keptKeysNameTheirServerAndNoOtherKeyMoves() {
        PoolRouting routing = new PoolRouting(router, EjectedKeys.KEEP);
        routing.use(Shares.of(256, 0, 256));

        forAllKeys(key -> {
            int owner = owner(routing, key);
            if (home(key) == 1) {
                assertThat(Owners.ejected(owner)).isEqualTo(1);
            } else {
                assertThat(owner).isEqualTo(home(key));
            }
        });
    }

    private interface KeyCheck {
        void check(byte[] key);
    }

    private static void forAllKeys(KeyCheck check) {
        for (int i = 0; i < KEYS; i++) {
            check.check(key(i));
        }
    }

    private int home(byte[] key) {
        return router.serverIndex(key, 0, key.length);
    }

    private static int owner(PoolRouting routing, byte[] key) {
        return routing.current().of(key, key.length);
    }

    private static byte[] key(int number) {
        return ("user:" + number * 31L).getBytes(StandardCharsets.US_ASCII);
    }

    private static Router router(String pool, DistributionKind distribution) {
        List<Server> servers = IntStream.range(0, SERVERS)
                .mapToObj(i -> new Server(pool + i, ServerAddress.tcp("127.0.0.1", 6379 + i), 1))
                .toList();
        return Router.of(
                new PoolDefinition(pool, HashAlgorithm.FNV1A_64, HashTag.BRACES, distribution, servers, List.of()));
    }
}
