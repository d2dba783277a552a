package io.sluice.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.metrics.MetricBoard;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.testing.Counting;
import io.sluice.proxy.testing.RecordingSink;
import io.sluice.proxy.transport.StillLoop;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** On a loop that never turns: what is due later does not come. */
class HeldRepliesTest {

    private static final Duration HOUR = Duration.ofHours(1);

    private final MetricBoard board = Counting.board(1);
    private final HeldReplies held = new HeldReplies(new StillLoop().loop(), board.counters(0, 0), 3, 100);
    private final RecordingSink target = new RecordingSink();

    @Test
    void aReplyIsGatheredAndHeldBack() {
        ReplySink delayed = held.delayed(target, HOUR);

        reply(delayed, "+a", false);
        reply(delayed, "b\r\n", true);

        assertThat(target.pieces()).isZero();
        assertThat(count(PoolMetric.FAULT_DELAYS)).isEqualTo(1);
    }

    @Test
    void aReplyThatIsLateAnywayGoesOnAtOnce() {
        reply(held.delayed(target, Duration.ZERO), "+OK\r\n", true);

        assertThat(target.text()).isEqualTo("+OK\r\n");
        assertThat(target.isDone()).isTrue();
        assertThat(count(PoolMetric.FAULT_DELAYS)).isZero();
    }

    @Test
    void noMoreRepliesAreHeldThanTheBound() {
        for (int i = 0; i < 3; i++) {
            reply(held.delayed(new RecordingSink(), HOUR), "+OK\r\n", true);
        }

        reply(held.delayed(target, HOUR), "+OK\r\n", true);

        assertThat(target.isDone()).isTrue();
        assertThat(held.later(HOUR, () -> {})).isFalse();
        assertThat(count(PoolMetric.FAULT_DELAYS)).isEqualTo(3);
        assertThat(count(PoolMetric.FAULTS_SKIPPED)).isEqualTo(2);
    }

    @Test
    void noMoreBytesAreHeldThanTheBoundAndNoneIsLost() {
        ReplySink delayed = held.delayed(target, HOUR);

        reply(delayed, "x".repeat(100), false);
        assertThat(target.pieces()).isZero();
        reply(delayed, "y", false);
        reply(delayed, "z", true);

        assertThat(target.text()).isEqualTo("x".repeat(100) + "yz");
        assertThat(target.isDone()).isTrue();
        assertThat(count(PoolMetric.FAULTS_SKIPPED)).isEqualTo(1);

        reply(held.delayed(new RecordingSink(), HOUR), "x".repeat(100), true); // there is room again
        assertThat(count(PoolMetric.FAULTS_SKIPPED)).isEqualTo(1);
    }

    @Test
    void aReplyThatBreaksOffIsToldAtOnceAndGivesItsRoomBack() {
        ReplySink delayed = held.delayed(target, HOUR);
        reply(delayed, "x".repeat(100), false);

        delayed.onBroken("server=a closed in the middle of its reply");

        assertThat(target.isBroken()).isTrue();
        assertThat(target.pieces()).isZero();
        reply(held.delayed(new RecordingSink(), HOUR), "x".repeat(100), true);
        assertThat(count(PoolMetric.FAULTS_SKIPPED)).isZero();
    }

    private static void reply(ReplySink sink, String text, boolean last) {
        ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
        sink.onReply(bytes, 0, bytes.readableBytes(), last);
    }

    private long count(PoolMetric metric) {
        return board.pools().get(0).get(metric);
    }
}
