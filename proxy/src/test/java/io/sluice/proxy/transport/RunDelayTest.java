package io.sluice.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RunDelayTest {

    private static final long TIME = RunDelay.LOOK_EVERY_NANOS;

    private long now;
    private String contents = "0 0 0\n";
    private int opened;
    private int read;
    private boolean closed;
    private final RunDelay delay = new RunDelay(Told::new, () -> now);

    @Test
    void aTenthOfTheTimeSpentWaitingIsMuch() {
        assertThat(after(TIME, 1_000_000)).isFalse(); // nothing to compare with
        assertThat(after(TIME, 1_000_000 + TIME / 10)).isTrue();
        assertThat(after(TIME, 1_000_000 + TIME / 10 + TIME / 10 - 1)).isFalse();
    }

    @Test
    void itIsNotLookedAtMoreOftenThanIsSaid() {
        after(TIME, 0);
        assertThat(after(TIME, TIME)).isTrue();

        assertThat(after(TIME / 2, TIME)).isTrue();

        assertThat(read).isEqualTo(2);
        assertThat(opened).isEqualTo(1);
    }

    @Test
    void whereItIsNotToldNobodyWaitsAndItIsNotAskedForAgain() {
        contents = "";

        assertThat(after(TIME, -1)).isFalse();
        assertThat(after(TIME, -1)).isFalse();

        assertThat(read).isEqualTo(1);
    }

    @Test
    void whatIsNoNumberIsNotTold() {
        contents = "12 x 3";

        assertThat(after(TIME, -1)).isFalse();
        assertThat(after(TIME, -1)).isFalse();

        assertThat(read).isEqualTo(1);
    }

    @Test
    void closedItHoldsNoFileAndOpensNone() {
        after(TIME, 0);

        delay.close();

        assertThat(closed).isTrue();
        assertThat(after(TIME, 10 * TIME)).isFalse();
        assertThat(opened).isEqualTo(1);
    }

    /** @param waited nanoseconds so far; negative: what is told stays */
    private boolean after(long nanos, long waited) {
        now += nanos;
        if (waited >= 0) {
            contents = "123456 " + waited + " 17\n";
        }
        return delay.isHigh();
    }

    private final class Told implements RunDelay.Source {

        Told() {
            opened++;
        }

        @Override
        public int read(byte[] room) throws IOException {
            read++;
            byte[] bytes = contents.getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(bytes, 0, room, 0, bytes.length);
            return bytes.length == 0 ? -1 : bytes.length;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
