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
