package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ForecastTest {

    private static final long TENTH = 100_000_000;

    private final Forecast forecast = new Forecast();
    private long now = 5_000 * TENTH;

    /** So many tenths of a second, each with so much more done. */
    private double go(int tenths, double from, double each) {
        double done = from;
        for (int i = 0; i < tenths; i++) {
            now += TENTH;
            done += each;
            forecast.look(now, done, false);
        }
        return done;
    }

    @Test
    void whatTheSourceTookBeforeTheFirstKeyDoesNotCount() {
        go(300, 0, 0);
        assertThat(forecast.remaining()).isEmpty();

        go(50, 0, 0.01);

        assertThat(forecast.remaining().orElseThrow()).isBetween(Duration.ofMillis(4500), Duration.ofMillis(5500));
    }

    @Test
    void aNewPaceIsBelievedAfterAWhile() {
        double done = go(100, 0, 0.004);

        go(250, done, 0.001);

        Duration left = Duration.ofMillis((long) ((1 - done - 0.25) / 0.001 * 100));
        assertThat(forecast.remaining().orElseThrow())
                .isBetween(
                        left.multipliedBy(9).dividedBy(10),
                        left.multipliedBy(11).dividedBy(10));
    }

    @Test
    void aPauseDoesNotCount() {
        double done = go(100, 0, 0.005);
        for (int i = 0; i < 600; i++) {
            now += TENTH;
            forecast.look(now, done, true);
        }

        go(10, done, 0.005);

        assertThat(forecast.remaining().orElseThrow()).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(10));
    }

    @Test
    void nothingIsLeftAtTheEnd() {
        go(100, 0.001, 0.00999);
        now += 10 * TENTH;
        forecast.look(now, 1, false);

        assertThat(forecast.remaining()).contains(Duration.ZERO);
    }
}
