package io.sluice.routing.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.hash.HashAlgorithm;
import org.junit.jupiter.api.Test;

class DistributionKindTest {

    @Test
    void isFoundByTheNameInTheFileOnly() {
        for (DistributionKind kind : DistributionKind.values()) {
            assertThat(DistributionKind.named(kind.configName())).contains(kind);
        }
        assertThat(DistributionKind.named("ketama")).contains(DistributionKind.KETAMA);
        assertThat(DistributionKind.named("KETAMA")).isEmpty();
        assertThat(DistributionKind.named("rendezvous")).isEmpty();
    }

    @Test
    void warnsOfShortHashesOnTheRingOnly() {
        for (DistributionKind kind : DistributionKind.values()) {
            for (HashAlgorithm hash : HashAlgorithm.values()) {
                boolean isShort = hash == HashAlgorithm.CRC32 || hash == HashAlgorithm.CRC16;

                assertThat(kind.whyKeysPileUp(hash).isPresent())
                        .as("%s %s", kind, hash)
                        .isEqualTo(kind == DistributionKind.KETAMA && isShort);
            }
        }
    }
}
