package io.sluice.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CoarseWaitTest {

    @ParameterizedTest
    @CsvSource({"0, 1s", "3, 1s", "1000, 1s", "1001, 2s", "4000, 5s", "29999, 30s", "300000, 300s", "300001, over_300s"
    })
    void timesAreRoundedUpToAFew(long millis, String text) {
        assertThat(CoarseWait.text(Duration.ofMillis(millis))).isEqualTo(text);
    }
}
