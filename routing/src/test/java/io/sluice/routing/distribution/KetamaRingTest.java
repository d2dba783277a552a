package io.sluice.routing.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.Pools;
import io.sluice.routing.topology.Server;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KetamaRingTest {

    @Test
    void pointsLieWhereTwemproxyPutsThem() {
        List<Server> servers = servers("alpha:1", "beta:1", "gamma:1");

        KetamaRing ring = KetamaRing.of(servers, all(servers));

        assertThat(ring.positions()).isEqualTo(480);
        assertThat(owner(ring, servers, 0)).isEqualTo("8391929 alpha");
        assertThat(owner(ring, servers, 8391929)).isEqualTo("8391929 alpha");
        assertThat(owner(ring, servers, 8391930)).isEqualTo("36616967 beta");
        assertThat(owner(ring, servers, 36616968)).isEqualTo("37992617 gamma");
        assertThat(owner(ring, servers, 4294218021L)).isEqualTo("4294218021 gamma");
        assertThat(owner(ring, servers, 4294218022L)).isEqualTo("8391929 alpha");
        assertThat(owner(ring, servers, 0xffffffffL)).isEqualTo("8391929 alpha");
    }

    @Test
    void fourPointsComeFromEachDigest() {
        List<Server> servers = servers("server1:1", "server2:1");

        KetamaRing ring = KetamaRing.of(servers, all(servers));

        for (long point : new long[] {3853726576L, 1491449930L, 639619849L, 2667054752L}) { // server1-8
            assertThat(owner(ring, servers, point)).isEqualTo(point + " server1");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {25, 47, 50, 55, 61, 71, 94, 100, 107, 109, 110, 115, 122, 142, 159, 163, 188, 193, 200})
    void floatsLeaveSomeNumbersOfEqualServersFourPointsShort(int count) {
        List<Server> servers = Pools.equalServers(count);

        KetamaRing ring = KetamaRing.of(servers, all(servers));

        assertThat(ring.positions()).isEqualTo(156L * count);
    }

    @Test
    void allOtherNumbersOfEqualServersUpTo200HaveAllTheirPoints() {
        List<Integer> shortOfPoints = Stream.iterate(1, count -> count + 1)
                .limit(200)
                .filter(count -> KetamaRing.digests(7, 7L * count, count) != 40)
                .toList();

        assertThat(shortOfPoints)
                .containsExactly(
                        25, 47, 50, 55, 61, 71, 94, 100, 107, 109, 110, 115, 122, 142, 159, 163, 188, 193, 200);
    }

    @Test
    void smallWeightsVanish() {
        List<Server> servers = servers("small:1", "large:100");

        KetamaRing ring = KetamaRing.of(servers, all(servers));

        assertThat(ring.positions()).isEqualTo(316);
        assertThat(new Random(1).ints(1_000).map(ring::serverIndex).distinct()).containsExactly(largeIndex(servers));
    }

    @Test
    void survivorsOfAnEjectionGetTheirPointsAnew() {
        List<Server> servers = servers("10.0.0.1:6379:1", "10.0.0.2:6379:2", "10.0.0.3:6379:3");
        BitSet live = all(servers);

        KetamaRing before = KetamaRing.of(servers, live);
        live.clear(0);
        KetamaRing after = KetamaRing.of(servers, live);

        assertThat(before.positions()).isEqualTo(80 + 160 + 240);
        assertThat(after.positions()).isEqualTo(320);
        assertThat(new Random(1).ints(1_000).map(after::serverIndex).distinct()).containsExactlyInAnyOrder(1, 2);
    }

    /** Against a lookup so plain that it must be right, at and around every point. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 25, 60})
    void bucketsFindTheSamePointAsASortedMap(int count) {
        List<Server> servers = Pools.equalServers(count);
        KetamaRing ring = KetamaRing.of(servers, all(servers));
        NavigableMap<Long, Integer> plain = plainRing(ring);

        assertThat(plain).hasSize(Math.toIntExact(ring.positions()));
        plain.keySet().forEach(point -> {
            assertSame(ring, plain, point - 1);
            assertSame(ring, plain, point);
            assertSame(ring, plain, point + 1);
        });
        new Random(7).ints(10_000).forEach(hash -> assertSame(ring, plain, Integer.toUnsignedLong(hash)));
    }

    private static NavigableMap<Long, Integer> plainRing(KetamaRing ring) {
        NavigableMap<Long, Integer> plain = new TreeMap<>();
        long first = ring.position(0);
        long point = first;
        do {
            plain.put(point, ring.serverIndex((int) point));
            point = ring.position((int) (point + 1));
        } while (point != first);
        return plain;
    }

    private static void assertSame(KetamaRing ring, NavigableMap<Long, Integer> plain, long hash) {
        var ceiling = plain.ceilingEntry(hash & 0xffffffffL);
        var expected = ceiling == null ? plain.firstEntry() : ceiling;
        assertThat(ring.position((int) hash)).isEqualTo(expected.getKey());
        assertThat(ring.serverIndex((int) hash)).isEqualTo(expected.getValue());
    }

    private static String owner(KetamaRing ring, List<Server> servers, long hash) {
        return ring.position((int) hash)
                + " "
                + servers.get(ring.serverIndex((int) hash)).name();
    }

    private static int largeIndex(List<Server> servers) {
        return servers.get(0).weight() == 100 ? 0 : 1;
    }

    private static List<Server> servers(String... namesAndWeights) {
        return Arrays.stream(namesAndWeights)
                .map(Pools::server)
                .sorted(Server.RING_ORDER)
                .toList();
    }

    private static BitSet all(List<Server> servers) {
        BitSet live = new BitSet();
        live.set(0, servers.size());
        return live;
    }
}
