package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class PaceTest {

    private final AtomicLong nanos = new AtomicLong();
    private final Pace pace = new Pace(CopyLimits.DEFAULTS.withKeysPerSecond(100), nanos::get);

    @Test
    void slowsDownToASixteenthAndRecovers() {
        for (int i = 0; i < 50; i++) {
            pace.targetIsSlow(true);
        }
        assertThat(pace.share()).isEqualTo(Pace.SLOWEST);

        for (int i = 0; i < 50; i++) {
            pace.targetIsSlow(false);
        }

        assertThat(pace.share()).isEqualTo(1);
    }

    @Test
    void doesNotWaitWhileClientsDo() throws CopyException {
        pace.hurry(true);

        for (int i = 0; i < 1000; i++) {
            pace.take(1000, 1 << 20); // the clock stands: any wait would last for ever
        }

        assertThat(nanos.get()).isZero();
    }

    @Test
    void whatWasSentWhileClientsWaitedIsNotWaitedForAfterwards() throws CopyException {
        pace.hurry(true);
        pace.take(100_000, 1 << 30);

        pace.hurry(false);

        assertThat(pace.waitNanos()).isZero();
    }

    @Test
    void aLimitOfBytesHoldsAndCanBeChangedWhileACopyRuns() throws CopyException {
        Pace bytes = new Pace(CopyLimits.DEFAULTS.withBytesPerSecond(1_000_000), nanos::get);
        assertThat(sent(bytes, 2_013)).isBetween(9_900_000L, 10_200_000L);

        bytes.limits(CopyLimits.DEFAULTS.withBytesPerSecond(2_500_000));
        assertThat(sent(bytes, 2_013)).isBetween(24_750_000L, 25_500_000L);

        bytes.limits(CopyLimits.DEFAULTS.withBytesPerSecond(300_000));
        assertThat(sent(bytes, 2_013)).isBetween(2_970_000L, 3_060_000L);
        assertThat(sent(bytes, 90_000)).as("whatever the size of values").isBetween(2_910_000L, 3_090_000L);
    }

    /** In ten seconds, by the clock of the test: a value after the other, of so many bytes. */
    private long sent(Pace pace, int size) throws CopyException {
        long end = nanos.get() + Duration.ofSeconds(10).toNanos();
        long sent = 0;
        long wait = pace.waitNanos();
        while (nanos.get() + wait < end) {
            nanos.addAndGet(wait);
            if (wait == 0) {
                pace.take(1, size);
                sent += size;
            }
            wait = pace.waitNanos();
        }
        nanos.set(end);
        return sent;
    }

    @Test
    void wakesWhoWaitsWhenItIsStopped() throws CopyException {
        pace.take(10_000, 0);
        CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> assertThatThrownBy(() -> pace.take(1, 0))
                .isInstanceOf(CopyException.class)
                .hasMessageContaining("stopped"));

        pace.stop();

        Awaitility.await().atMost(Duration.ofSeconds(30)).until(waiting::isDone);
        assertThat(waiting).isCompletedWithValue(null);
    }

    @Test
    void dividesLowLimitsIntoSmallBatches() {
        assertThat(pace.batch(500)).isEqualTo(5);
        pace.limits(CopyLimits.DEFAULTS);
        assertThat(pace.batch(500)).isEqualTo(500);
        pace.limits(CopyLimits.DEFAULTS.withKeysPerSecond(1));
        assertThat(pace.batch(500)).isEqualTo(1);
    }

    @Test
    void limitsAreNotTakenBelowTheirLeast() {
        assertThatThrownBy(() -> CopyLimits.DEFAULTS.withKeysPerSecond(0))
                .hasMessage("keysPerSecond is at least 1, found 0");
        assertThatThrownBy(() -> CopyLimits.DEFAULTS.withBytesPerSecond(1023)).hasMessageContaining("at least 1024");
        assertThat(CopyLimits.DEFAULTS.withSpoolBytes(1 << 20).spoolBytes()).isEqualTo(1 << 20);
    }
}
