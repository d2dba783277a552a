package io.sluice.proxy.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.testing.Ensemble;
import io.sluice.routing.cluster.TopologyDocument;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class EpochTextTest {

    @Test
    void findsTheEpochOfEachDocument() {
        for (long epoch : new long[] {1, 4711, 1L << 40}) {
            assertThat(EpochText.find(TopologyDocument.bytes(Ensemble.even(epoch, 6379))))
                    .hasValue(epoch);
        }
    }

    @Test
    void findsItInOneThatIsCutOffOrYaml() {
        assertThat(find("{\"format\": 1, \"epoch\": 12, \"pools\": {")).hasValue(12);
        assertThat(find("format: 1\nepoch: 13\n")).hasValue(13);
    }

    @Test
    void findsNoneWhereThereIsNone() {
        assertThat(find("")).isEmpty();
        assertThat(find("{\"epoch\": \"seven\"}")).isEmpty();
        assertThat(find(" ".repeat(10_000) + "\"epoch\": 12")).isEmpty();
        assertThat(find("\"epoch\": 123456789012345678901234567890")).isEmpty();
    }

    private static OptionalLong find(String document) {
        return EpochText.find(document.getBytes(StandardCharsets.UTF_8));
    }
}
