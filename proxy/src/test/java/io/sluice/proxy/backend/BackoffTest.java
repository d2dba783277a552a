package io.sluice.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final RandomGenerator LONGEST = () -> -1L; // nextDouble() is just below 1
    private static final RandomGenerator SHORTEST = () -> 0L;

    @Test
    void doublesUpToItsLimit() {
        Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofMillis(500), LONGEST);

        assertThat(millis(backoff)).isEqualTo(50);
        assertThat(millis(backoff)).isEqualTo(100);
        assertThat(millis(backoff)).isEqualTo(200);
        assertThat(millis(backoff)).isEqualTo(400);
        assertThat(millis(backoff)).isEqualTo(500);
        assertThat(millis(backoff)).isEqualTo(500);
        assertThat(backoff.failures()).isEqualTo(6);
    }

    @Test
    void isShortenedByUpToHalf() {
        Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofMillis(500), SHORTEST);

        assertThat(millis(backoff)).isEqualTo(25);
        assertThat(millis(backoff)).isEqualTo(50);
        assertThat(millis(backoff)).isEqualTo(100);
    }

    @Test
    void beginsAgainAfterSuccess() {
        Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofMillis(500), LONGEST);
        backoff.nextWaitNanos();
        backoff.nextWaitNanos();

        backoff.reset();

        assertThat(backoff.failures()).isZero();
        assertThat(millis(backoff)).isEqualTo(50);
    }

    @Test
    void neverOverflows() {
        for (Duration min : new Duration[] {
            Duration.ofNanos(1L << 34), Duration.ofSeconds(17), Duration.ofHours(1), Duration.ofDays(100_000)
        }) {
            Backoff backoff = new Backoff(min, Duration.ofDays(100_000), LONGEST);
            long last = 0;
            for (int i = 0; i < 100; i++) {
                long wait = backoff.nextWaitNanos();

                assertThat(wait)
                        .as("%s after %d failures", min, i)
                        .isBetween(last, Duration.ofDays(100_000).toNanos());
                last = wait;
            }
        }
    }

    @Test
    void staysWithinBoundsAtRandom() {
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 1_000; round++) {
            Duration min = Duration.ofMillis(random.nextInt(1, 100));
            Duration max = min.multipliedBy(random.nextInt(1, 50));
            Backoff backoff = new Backoff(min, max, random);
            for (int i = 0; i < 20; i++) {
                assertThat(backoff.nextWaitNanos()).isBetween(min.toNanos() / 2, max.toNanos());
            }
        }
    }

    @Test
    void aLimitBelowTheFirstWaitIsTheWait() {
        Backoff backoff = new Backoff(Duration.ofMillis(500), Duration.ofMillis(50), LONGEST);

        assertThat(millis(backoff)).isEqualTo(50);
        assertThat(millis(backoff)).isEqualTo(50);
    }

    private static long millis(Backoff backoff) {
        return Math.round(backoff.nextWaitNanos() / 1e6);
    }
}
