package io.sluice.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class GrowthTest {

    @Test
    void fillingUpAtTheBeginningIsNoGrowth() {
        Growth growth = over30Minutes(minute -> minute < 8 ? 80 + 5 * minute : 120 + minute % 2);

        assertThat(growth.grows()).isFalse();
        assertThat(growth.verdict()).startsWith("does not grow");
    }

    @Test
    void aSteadyRiseIsGrowth() {
        Growth growth = over30Minutes(minute -> 100 + minute * 0.5);

        assertThat(growth.grows()).isTrue();
        assertThat(growth.verdict()).startsWith("GROWS").contains("slope +30.00 MB per hour");
    }

    @Test
    void aFewSamplesTellNothing() {
        Growth growth = new Growth();
        growth.add(0, 100);
        growth.add(1, 200);

        assertThat(growth.grows()).isFalse();
        assertThat(growth.verdict()).startsWith("too short");
    }

    private static Growth over30Minutes(DoubleUnaryOperator megabytesAt) {
        Growth growth = new Growth();
        for (int i = 0; i <= 180; i++) {
            growth.add(i / 6.0, megabytesAt.applyAsDouble(i / 6.0));
        }
        return growth;
    }
}
