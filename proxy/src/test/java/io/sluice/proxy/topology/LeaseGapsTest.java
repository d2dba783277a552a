package io.sluice.proxy.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Whether the lease was held all the time, by times of the test's. */
class LeaseGapsTest {

    private static final long LIMIT = Duration.ofSeconds(3).toNanos();

    private final Lease lease = new Lease();
    private long now = Duration.ofDays(1).toNanos();

    private void renewAfter(long millis) {
        now += Duration.ofMillis(millis).toNanos();
        lease.renew(now, now / 1_000_000, now, now / 1_000_000);
    }

    @Test
    void renewalsInTimeLeaveNoGap() {
        renewAfter(0);
        long then = lease.renewals();

        renewAfter(1000);
        renewAfter(2999);

        assertThat(lease.isUnbroken(then, LIMIT)).isTrue();
    }

    @Test
    void aRenewalThatCameTooLateIsAGapForEver() {
        renewAfter(0);
        long then = lease.renewals();

        renewAfter(3000);
        renewAfter(1000);

        assertThat(lease.isUnbroken(then, LIMIT)).isFalse();
        assertThat(lease.isUnbroken(lease.renewals() - 1, LIMIT)).isTrue();
    }

    @Test
    void anAnswerThatWasLongUnderWayCountsFromWhenItCame() {
        renewAfter(0);
        long then = lease.renewals();

        long sent = now + Duration.ofMillis(100).toNanos();
        long came = now + Duration.ofMillis(3500).toNanos();
        lease.renew(sent, sent / 1_000_000, came, came / 1_000_000);

        assertThat(lease.isUnbroken(then, LIMIT)).isFalse();
    }

    @Test
    void timeThatOnlyTheClockOnTheWallHasSeenCounts() {
        renewAfter(0);
        long then = lease.renewals();

        lease.renew(now + 1, now / 1_000_000 + 4000, now + 1, now / 1_000_000 + 4000);

        assertThat(lease.isUnbroken(then, LIMIT)).isFalse();
    }

    @Test
    void theFirstOneAndOneAfterAnEndAreGaps() {
        renewAfter(0);
        assertThat(lease.isUnbroken(0, LIMIT)).isFalse();
        long then = lease.renewals();

        lease.end();
        renewAfter(1);

        assertThat(lease.isUnbroken(then, LIMIT)).isFalse();
    }

    @Test
    void whatIsNotRememberedAnyMoreIsAGap() {
        renewAfter(0);
        long then = lease.renewals();
        for (int i = 0; i < Lease.REMEMBERED - 1; i++) {
            renewAfter(1);
        }
        assertThat(lease.isUnbroken(then, LIMIT)).isTrue();

        renewAfter(1);

        assertThat(lease.isUnbroken(then, LIMIT)).isFalse();
    }
}
