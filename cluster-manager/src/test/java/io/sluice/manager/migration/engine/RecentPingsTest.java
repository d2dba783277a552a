package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecentPingsTest {

    private static final long MILLI = 1_000_000;

    private final RecentPings pings = new RecentPings();

    @Test
    void oneSlowAnswerOfAHundredIsNotTold() {
        for (int i = 0; i < RecentPings.MOST; i++) {
            pings.add(i == 50 ? 80 * MILLI : MILLI, 0);
        }

        assertThat(pings.percentile()).isEqualTo(MILLI);
        assertThat(pings.slowness()).isEqualTo(MILLI);
    }

    @Test
    void twoAreAndAreForgottenAfterAHundredMore() {
        for (int i = 0; i < RecentPings.MOST; i++) {
            pings.add(i % 50 == 0 ? 80 * MILLI : MILLI, 0);
        }
        assertThat(pings.slowness()).isEqualTo(80 * MILLI);

        for (int i = 0; i < RecentPings.MOST; i++) {
            pings.add(2 * MILLI, 0);
        }

        assertThat(pings.slowness()).isEqualTo(2 * MILLI);
    }

    @Test
    void whatTheManagerIsLateByIsNotTheTargetsDoing() {
        for (int i = 0; i < RecentPings.MOST; i++) {
            pings.add(i % 10 == 0 ? 9 * MILLI : MILLI, i % 10 == 5 ? 7 * MILLI : 0);
        }

        assertThat(pings.percentile()).isEqualTo(9 * MILLI);
        assertThat(pings.slowness()).isEqualTo(2 * MILLI);
    }

    @Test
    void aSleepThatSomebodyEndedEarlySaysNothing() {
        pings.add(6 * MILLI, -19 * MILLI);

        assertThat(pings.slowness()).isEqualTo(6 * MILLI);
    }

    @Test
    void beforeTheFirstThereIsNothingToTell() {
        assertThat(pings.percentile()).isZero();
        assertThat(pings.slowness()).isZero();
    }
}
