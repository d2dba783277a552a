package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenBucketTest {

    private static final long SECOND = 1_000_000_000L;

    @Test
    void givesItsRateOverTime() {
        TokenBucket bucket = new TokenBucket(1000, 0);
        long now = 0;
        long taken = 0;
        while (now < 10 * SECOND) {
            long wait = bucket.waitNanos(now);
            now += wait;
            if (wait == 0) {
                bucket.take(7);
                taken += 7;
            }
        }

        assertThat(taken).isBetween(9_990L, 10_020L);
    }

    @Test
    void givesMoreThanItHasAndWaitsForTheDebt() {
        TokenBucket bucket = new TokenBucket(100, 0);
        assertThat(bucket.waitNanos(0)).isZero();

        bucket.take(500);

        assertThat(bucket.waitNanos(0)).isEqualTo(5 * SECOND);
        assertThat(bucket.waitNanos(2 * SECOND)).isEqualTo(3 * SECOND);
        assertThat(bucket.waitNanos(5 * SECOND)).isZero();
    }

    @Test
    void savesATenthOfASecondAtMost() {
        TokenBucket bucket = new TokenBucket(1000, 0);

        assertThat(bucket.waitNanos(3600 * SECOND)).isZero();
        bucket.take(101);

        assertThat(bucket.waitNanos(3600 * SECOND)).isPositive();
    }

    @Test
    void takesANewRateAtOnce() {
        TokenBucket bucket = new TokenBucket(10, 0);
        bucket.take(100);

        bucket.rate(1000, SECOND);

        assertThat(bucket.waitNanos(SECOND)).isEqualTo(90 * SECOND / 1000);
    }

    @Test
    void doesNotWaitAtALowRateForWhatWasTakenAtAHighOne() {
        TokenBucket bucket = new TokenBucket(50_000, 0);
        bucket.take(1000);

        bucket.rate(100, 0);

        assertThat(bucket.waitNanos(0)).isEqualTo(SECOND / 50);
    }
}
