package io.sluice.proxy.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeaseTest {

    private static final long LIMIT = Duration.ofSeconds(3).toNanos();

    private final Lease lease = new Lease();

    @Test
    void isNotHeldBeforeItBegins() {
        assertThat(lease.isHeld(0, 0, LIMIT)).isFalse();
        assertThat(lease.age()).isNegative();
    }

    @Test
    void isHeldForLessThanItsLimit() {
        lease.renew(1_000, 50);

        assertThat(lease.isHeld(1_000 + LIMIT - 1, 50, LIMIT)).isTrue();
        assertThat(lease.isHeld(1_000 + LIMIT, 50, LIMIT)).isFalse();
    }

    @Test
    void isHeldAcrossTheEndOfTheClocksRange() {
        lease.renew(Long.MAX_VALUE - 10, 50);

        assertThat(lease.isHeld(Long.MIN_VALUE + 10, 50, LIMIT)).isTrue();
    }

    @Test
    void theTimeOfDayEndsItWhereTheOtherClockStoodStill() {
        lease.renew(1_000, 50);

        assertThat(lease.isHeld(1_001, 50 + 2_999, LIMIT)).isTrue();
        assertThat(lease.isHeld(1_001, 50 + 3_000, LIMIT)).isFalse();
    }

    @Test
    void beginsAnewWithEachRenewal() {
        lease.renew(0, 0);
        lease.renew(LIMIT, 3_000);

        assertThat(lease.isHeld(LIMIT + 1, 3_001, LIMIT)).isTrue();
    }

    @Test
    void aGapIsRememberedThoughTheLeaseIsHeldAgain() {
        lease.renew(0, 0, 0, 0);
        long inTime = lease.renewals();
        lease.renew(LIMIT - 1, 2_999, LIMIT - 1, 2_999);
        assertThat(lease.isUnbroken(inTime, LIMIT)).isTrue();

        long before = lease.renewals();
        lease.renew(2 * LIMIT, 6_000, 2 * LIMIT, 6_000);

        assertThat(lease.isHeld(2 * LIMIT + 1, 6_000, LIMIT)).isTrue();
        assertThat(lease.isUnbroken(before, LIMIT)).isFalse();
        assertThat(lease.isUnbroken(inTime, LIMIT)).isFalse();
        assertThat(lease.isUnbroken(lease.renewals(), LIMIT)).isTrue();
    }

    @Test
    void whatIsTooLongAgoCountsAsAGap() {
        lease.renew(0, 0, 0, 0);
        long then = lease.renewals();
        for (int i = 1; i < Lease.REMEMBERED; i++) {
            lease.renew(i, 0, i, 0);
        }
        assertThat(lease.isUnbroken(then, LIMIT)).isTrue();

        lease.renew(Lease.REMEMBERED, 0, Lease.REMEMBERED, 0);

        assertThat(lease.isUnbroken(then, LIMIT)).isFalse();
    }
}
