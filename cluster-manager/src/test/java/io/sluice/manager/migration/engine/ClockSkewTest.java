package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class ClockSkewTest {

    @Test
    void expiryIsNeverEarlierOnTheTarget() {
        assertThat(new ClockSkew(0, 0).onTarget(1000)).isEqualTo(1025);
        assertThat(new ClockSkew(1, 0).onTarget(1000)).isEqualTo(1026);
        assertThat(new ClockSkew(-1, 0).onTarget(1000)).isEqualTo(1025);
        assertThat(new ClockSkew(-1999, 0).onTarget(1000)).isEqualTo(1024);
        assertThat(new ClockSkew(150_000, 0).onTarget(1000)).isEqualTo(1175);
    }

    @Test
    void expiryIsLaterByWhatTheMeasurementMayBeWrong() {
        assertThat(new ClockSkew(0, 1).onTarget(1000)).isEqualTo(1026);
        assertThat(new ClockSkew(0, 7_000).onTarget(1000)).isEqualTo(1032);
        assertThat(new ClockSkew(-7_000, 7_000).onTarget(1000)).isEqualTo(1025);
    }

    @Test
    void noExpiryStaysNone() {
        assertThat(new ClockSkew(150_000, 0).onTarget(0)).isZero();
    }

    @Test
    void clocksThatAreNotProvedToBeWithinTheMarginHaveDrifted() {
        ClockSkew first = new ClockSkew(10_000, 2_000); // a margin of 27 ms

        assertThat(new ClockSkew(36_000, 1_000).driftedFrom(first)).isFalse();
        assertThat(new ClockSkew(36_001, 1_000).driftedFrom(first)).isTrue();
        assertThat(new ClockSkew(-16_000, 1_000).driftedFrom(first)).isFalse();
        assertThat(new ClockSkew(-16_001, 1_000).driftedFrom(first)).isTrue();
        assertThat(new ClockSkew(10_000, 27_001).driftedFrom(first))
                .as("too slow an answer proves nothing")
                .isTrue();
    }

    @Test
    void aCopyThatIsNotSaidToHaveDriftedHasNoExpiryThatIsTooEarly() {
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        System.out.println("ClockSkewTest: sluice.seed=" + seed);
        Random random = new Random(seed);
        int accepted = 0;
        for (int i = 0; i < 100_000; i++) {
            long then = random.nextLong(-200_000, 200_000); // what the clocks really differ by
            long now = then + random.nextLong(-60_000, 60_000);
            ClockSkew first = measured(then, random);
            if (measured(now, random).driftedFrom(first)) {
                continue;
            }
            accepted++;
            long at = random.nextLong(1, 2_000_000_000_000L);
            long late = first.onTarget(at) * 1000 - (at * 1000 + now);
            assertThat(late).isBetween(0L, 2 * first.marginMillis() * 1000 + 1000);
        }
        assertThat(accepted).isGreaterThan(10_000);
    }

    private static ClockSkew measured(long real, Random random) {
        long error = random.nextLong(0, 40_000);
        return new ClockSkew(real + random.nextLong(-error, error + 1), error);
    }

    @Test
    void clocksAreAskedUntilTheAnswerIsGoodOrOftenEnough() throws CopyException {
        Asked quick = new Asked(0, 100);
        assertThat(measure(quick, () -> 0)).isEqualTo(new ClockSkew(7_000, 300));
        assertThat(quick.times).isEqualTo(5);

        Asked slowAtFirst = new Asked(0, 9_000, 9_000, 9_000, 9_000, 9_000, 9_000, 9_000, 40);
        assertThat(measure(slowAtFirst, () -> 0)).isEqualTo(new ClockSkew(7_000, 240));
        assertThat(slowAtFirst.times).isEqualTo(8);

        Asked slow = new Asked(0, 9_000);
        assertThat(measure(slow, () -> 0)).isEqualTo(new ClockSkew(7_000, 9_200));
        assertThat(slow.times).isEqualTo(ClockSkew.MOST_SAMPLES);
    }

    @Test
    void clocksAreNotAskedForLongerThanASecond() throws CopyException {
        Asked slow = new Asked(0, 50_000);

        ClockSkew measured = measure(slow, () -> slow.times * 100_000_000L);

        assertThat(measured).isEqualTo(new ClockSkew(7_000, 50_200));
        assertThat(slow.times).isEqualTo(10);
    }

    private static ClockSkew measure(Asked source, LongSupplier nanos) throws CopyException {
        return ClockSkew.measure(source, new Asked(7_000, 200), skew -> skew.errorMicros() <= 300, nanos);
    }

    /** Answers at once, and says that it took so long; the last of these times from then on. */
    private static final class Asked implements ClockSkew.Clock {

        private final long micros;
        private final long[] errors;
        private int times;

        Asked(long micros, long... errors) {
            this.micros = micros;
            this.errors = errors;
        }

        @Override
        public ClockSkew.Offset ask() {
            return new ClockSkew.Offset(micros, errors[Math.min(times++, errors.length - 1)]);
        }
    }

    @Test
    void infoIsReadByField() {
        InfoText info =
                InfoText.of("# Server\r\nredis_version:7.0.15\r\nx:\r\ndb0:keys=3,expires=1\r\ndb12:keys=4\r\n");

        assertThat(RedisVersion.of(info)).isEqualTo(new RedisVersion(7, 0));
        assertThat(info.databases()).containsExactly(0, 12);
        assertThat(info.keys()).isEqualTo(7);
        assertThat(info.text("none")).isEmpty();
        assertThat(info.number("x")).isEmpty();
    }

    @Test
    void replicasThatOnlyListenDoNotCount() {
        InfoText info = InfoText.of("""
                slave0:ip=127.0.0.1,port=0,state=online,offset=0
                slave1:ip=127.0.0.1,port=6380,state=online,offset=5
                slave2:ip=127.0.0.1,port=6381,state=wait_bgsave,offset=0
                """);

        assertThat(Replicas.online(info)).isEqualTo(1);
    }
}
