package io.sluice.routing.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.cluster.RingChange.Kind;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TwoRingsTest {

    private static final Server A = server("a");
    private static final Server B = server("b");
    private static final Server C = server("c");
    private static final Server D = server("d");

    private static Server server(String name) {
        return new Server(name, ServerAddress.tcp("10.0.0." + (int) name.charAt(0), 6379), 1);
    }

    private static RingPool ring(Server... servers) {
        return new RingPool(
                PoolProtocol.REDIS,
                new PoolDefinition(
                        "jobs", HashAlgorithm.FNV1A_64, null, DistributionKind.KETAMA, List.of(servers), List.of()));
    }

    private static RingPool changing(RingPool ring, Server... next) {
        return ring.withChange(RingChange.begin(
                "r-1", Kind.BROKER, List.of(next), 2, Instant.EPOCH, RingChange.WINDOW, RingChange.BROKER_GRACE));
    }

    private static byte[] key(int number) {
        return ("q:" + number).getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void aRingThatStaysAsItIsIsOne() {
        assertThat(TwoRings.of(ring(A, B, C))).isEmpty();
    }

    @Test
    void onlyKeysOfADrainedServerMove() {
        TwoRings rings = TwoRings.of(changing(ring(A, B, C), A, B)).orElseThrow();

        assertThat(rings.servers()).containsExactly(A, B, C);
        int moving = 0;
        for (int i = 0; i < 1000; i++) {
            int before = rings.before(key(i), 0, key(i).length);
            int after = rings.after(key(i), 0, key(i).length);
            assertThat(rings.servers().get(after)).isIn(A, B);
            assertThat(rings.moves(key(i), 0, key(i).length)).isEqualTo(before == 2);
            assertThat(after == before).isEqualTo(before != 2);
            moving += before == 2 ? 1 : 0;
        }
        assertThat(moving).isBetween(1, 999);
    }

    @Test
    void serversThatOnlyTheNextRingHasComeLastWhateverTheirPlaceInIt() {
        TwoRings rings = TwoRings.of(changing(ring(B, C, D), A, B, C, D)).orElseThrow();

        assertThat(rings.servers()).containsExactly(B, C, D, A);
        assertThat(rings.withAllServers().servers()).containsExactly(B, C, D, A);
        for (int i = 0; i < 1000; i++) {
            int before = rings.before(key(i), 0, key(i).length);
            int after = rings.after(key(i), 0, key(i).length);
            assertThat(after == before || rings.servers().get(after).equals(A)).isTrue();
        }
    }

    @Test
    void aServerWithAnotherWeightIsTheSameServer() {
        Server heavier = new Server(A.name(), A.address(), 3);

        TwoRings rings = TwoRings.of(changing(ring(A, B), heavier, B)).orElseThrow();

        assertThat(rings.servers()).containsExactly(A, B);
    }

    @Test
    void theSamePoolHasTheSameRings() {
        RingPool pool = changing(ring(A, B, C), A, B);
        RingPool later = pool.withChange(pool.underway().orElseThrow().in(RingChangeState.TURNING, 3, Instant.EPOCH));

        assertThat(TwoRings.of(pool)).isEqualTo(TwoRings.of(changing(ring(A, B, C), A, B)));
        assertThat(TwoRings.of(later)).isNotEqualTo(TwoRings.of(pool));
    }
}
