package io.sluice.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KeyShiftTest {

    private static PoolDefinition over(DistributionKind distribution, String... names) {
        List<Server> servers = Stream.of(names)
                .map(name -> new Server(name, ServerAddress.tcp(name + ".invalid", 11211), 1))
                .toList();
        return new PoolDefinition("pages", HashAlgorithm.FNV1A_64, null, distribution, servers, List.of());
    }

    @Test
    void aServerThatGoesGivesItsKeysAndTheOthersKeepTheirs() {
        assertThat(KeyShift.givers(
                        over(DistributionKind.KETAMA, "a", "b", "c"), over(DistributionKind.KETAMA, "a", "b")))
                .containsExactly("c");
    }

    @Test
    void whoGetsAServerBesideItGivesKeys() {
        assertThat(KeyShift.givers(
                        over(DistributionKind.KETAMA, "a", "b"), over(DistributionKind.KETAMA, "a", "b", "c")))
                .containsExactlyInAnyOrder("a", "b");
        assertThat(KeyShift.givers(
                        over(DistributionKind.MODULA, "a", "b"), over(DistributionKind.MODULA, "a", "b", "c")))
                .containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void nobodyGivesWhereNothingChangesOrNobodyOwnsAnything() {
        assertThat(KeyShift.givers(over(DistributionKind.KETAMA, "a", "b"), over(DistributionKind.KETAMA, "a", "b")))
                .isEmpty();
        assertThat(KeyShift.givers(over(DistributionKind.RANDOM, "a", "b"), over(DistributionKind.RANDOM, "a")))
                .isEmpty();
    }
}
