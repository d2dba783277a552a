package io.sluice.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectPacerTest {

    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong now = new AtomicLong(-5 * SECOND); // the origin of such clocks is anywhere
    private final SplittableRandom random = new SplittableRandom(3);

    @ParameterizedTest
    @ValueSource(ints = {10, 50, 200, 500, 10_000})
    void noSecondSeesMoreThanTheRateHoweverManyAskAtOnce(int perSecond) {
        ConnectPacer pacer = new ConnectPacer(perSecond, now::get);
        List<Long> connects = new ArrayList<>();

        for (int i = 0; i < perSecond * 5; i++) {
            connects.add(now.get() + pacer.waitNanos(random));
        }

        connects.sort(Long::compare);
        assertThat(mostInASecond(connects)).isBetween(perSecond * 8 / 10 - 3, perSecond);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 200, 10_000})
    void noSecondSeesMoreThanTheRateThoughTheyComeInWaves(int perSecond) {
        ConnectPacer pacer = new ConnectPacer(perSecond, now::get);
        List<Long> connects = new ArrayList<>();

        for (int wave = 0; wave < 40; wave++) {
            for (int i = 0; i < perSecond / 4; i++) {
                connects.add(now.get() + pacer.waitNanos(random));
            }
            now.addAndGet(random.nextLong(SECOND / 2));
        }

        connects.sort(Long::compare);
        assertThat(mostInASecond(connects)).isLessThanOrEqualTo(perSecond);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 500})
    void aFewDoNotWait(int perSecond) {
        ConnectPacer pacer = new ConnectPacer(perSecond, now::get);

        for (int i = 0; i < 100; i++) {
            assertThat(pacer.waitNanos(random)).isZero();
            now.addAndGet(SECOND / 5);
        }
        for (int i = 0; i < perSecond / 10; i++) {
            assertThat(pacer.waitNanos(random)).isZero();
        }
        assertThat(pacer.waitNanos(random)).isPositive();
    }

    private static int mostInASecond(List<Long> times) {
        int most = 0;
        int first = 0;
        for (int last = 0; last < times.size(); last++) {
            while (times.get(last) - times.get(first) >= SECOND) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }
}
