package io.sluice.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Replies that come while a slot is on its way, or the lease was gone. */
class HandoffReplyTest {

    private final GateScene scene = new GateScene();
    private final HandoffGate gate = scene.gate;
    private final TestLease lease = scene.lease;
    private final GateScene.Sink sink = scene.sink;

    @Test
    void aReplyPassesWhileTheLeaseHasBeenHeldWhateverHasHappenedToTheHandoff() {
        ReplySink check = scene.checked(scene.use(HandoffState.COPY, 0), "INCR foo");
        scene.use(HandoffState.FREEZE, 1);

        GateScene.reply(check, ":1", false);
        GateScene.reply(check, "2\r\n", true);

        assertThat(sink.text).hasToString(":12\r\n");
        assertThat(scene.counted(PoolMetric.REPLIES_HELD)).isZero();
    }

    @Test
    void aReplyWaitsWhileTheLeaseIsGoneAndPassesIfNothingHasBeenFrozen() {
        ReplySink check = scene.checked(scene.use(HandoffState.COPY, 3), "INCR foo");
        lease.held = false;
        GateScene.reply(check, ":4", false);
        GateScene.reply(check, "2\r\n", true);
        assertThat(sink.text).isEmpty();

        lease.renewAfterGap();
        scene.runTimers();

        assertThat(sink.text).hasToString(":42\r\n");
        assertThat(sink.last).isFalse();
        assertThat(scene.counted(PoolMetric.REPLIES_HELD)).isEqualTo(1);
        assertThat(scene.counted(PoolMetric.REPLIES_DROPPED)).isZero();
    }

    @Test
    void aReplyThatComesAfterAGapIsJudgedThoughTheLeaseIsHeld() {
        ReplySink check = scene.checked(scene.use(HandoffState.COPY, 0), "INCR foo");
        lease.renewAfterGap();
        scene.use(HandoffState.FREEZE, 1);
        scene.use(HandoffState.COPY, 1); // aborted, but it may have been drained

        GateScene.reply(check, ":1\r\n", true);
        scene.runTimers();

        assertThat(sink.text.toString()).startsWith("-ERR outcome unknown: ");
        assertThat(sink.last).isTrue();
        assertThat(scene.counted(PoolMetric.REPLIES_DROPPED)).isEqualTo(1);
    }

    @Test
    void aReadIsToldToAskAgainAndItsClientStays() {
        ReplySink check = scene.checked(scene.use(HandoffState.COPY, 0), "GET foo");
        lease.renewAfterGap();
        scene.use(HandoffState.SWITCHED, 1);

        GateScene.reply(check, "$1\r\nx\r\n", true);
        scene.runTimers();

        assertThat(sink.text.toString()).startsWith("-ERR Slot moving: the reply came too late, ");
        assertThat(sink.last).isFalse();
    }

    @Test
    void aReplyIsDroppedIfTheHandoffIsNotThereAnyMoreAfterAGap() {
        ReplySink check = scene.checked(scene.use(HandoffState.SWITCHED, 1), "INCR foo");
        lease.renewAfterGap();
        gate.use(null);

        GateScene.reply(check, ":1\r\n", true);
        scene.runTimers();

        assertThat(sink.text.toString()).startsWith("-ERR outcome unknown: ");
    }

    @Test
    void theRestOfADroppedReplyIsNotHeardOf() {
        ReplySink check = scene.checked(scene.use(HandoffState.COPY, 0), "INCR foo");
        lease.held = false;
        GateScene.reply(check, ":1", false);
        lease.renewAfterGap();
        scene.use(HandoffState.FREEZE, 1);
        assertThat(sink.text.toString()).startsWith("-ERR outcome unknown: ");
        int length = sink.text.length();

        GateScene.reply(check, "2\r\n", true);

        assertThat(sink.text).hasSize(length);
    }

    @Test
    void theRestOfAReplyThatMayPassFollows() {
        ReplySink check = scene.checked(scene.use(HandoffState.COPY, 0), "INCR foo");
        lease.held = false;
        GateScene.reply(check, ":1", false);
        lease.renewAfterGap();
        scene.runTimers();

        GateScene.reply(check, "2\r\n", true);

        assertThat(sink.text).hasToString(":12\r\n");
    }

    @Test
    void aReplyIsNotHeldForEver() {
        ReplySink check = scene.checked(scene.use(HandoffState.COPY, 0), "INCR foo");
        lease.held = false;
        GateScene.reply(check, ":1\r\n", true);

        scene.now += Parking.TIMEOUT.toNanos();
        scene.runTimers();

        assertThat(sink.text.toString()).startsWith("-ERR outcome unknown: ");
        assertThat(sink.last).isTrue();
    }

    @Test
    void moreThanMayBeHeldIsDropped() {
        ReplySink check = scene.checked(scene.use(HandoffState.COPY, 0), "GET foo");
        lease.held = false;
        gate.onHeldBytes((int) HandoffGate.MAX_HELD_BYTES - 1);

        GateScene.reply(check, ":1\r\n", true);

        assertThat(sink.text.toString()).startsWith("-ERR Slot moving: ");
    }

    @Test
    void aBrokenReplyIsToldAtOnce() {
        ReplySink check = scene.checked(scene.use(HandoffState.COPY, 0), "INCR foo");
        lease.held = false;
        GateScene.reply(check, ":1", false);

        check.onBroken("the server has gone");

        assertThat(sink.broken).isTrue();
        lease.renewAfterGap();
        scene.runTimers();
        assertThat(sink.text).isEmpty();
    }

    @Test
    void aReplyOfASlotThatStaysIsHeldOverAGapAndPassedOnIfNothingHasChanged() {
        ReplySink check = scene.checked(scene.useSteady(), "SET foo 1");
        lease.held = false;
        GateScene.reply(check, "+OK\r\n", true);
        assertThat(sink.text).isEmpty();

        lease.renewAfterGap();
        scene.runTimers();

        assertThat(sink.text).hasToString("+OK\r\n");
    }

    @Test
    void aReplyOfASlotThatStayedIsDroppedIfTheTopologyHasChangedInTheGap() {
        ReplySink check = scene.checked(scene.useSteady(), "SET foo 1");
        lease.held = false;
        GateScene.reply(check, "+OK\r\n", true);

        lease.epoch++; // perhaps there and back: what it is now tells nothing
        lease.renewAfterGap();
        scene.runTimers();

        assertThat(sink.text).asString().contains("unknown");
        assertThat(sink.last).isTrue();
    }

    @Test
    void whoHasWaitedAtAServerOverAGapIsToldNothingOfIt() {
        PoolHandoffs version = scene.useSteady();
        long gaps = gate.gaps();
        assertThat(gate.checkLate(scene.concerned(version, "GET foo"), gaps, sink))
                .isSameAs(sink);

        lease.renewAfterGap();
        ReplySink check = gate.checkLate(scene.concerned(version, "GET foo"), gaps, sink);
        GateScene.reply(check, "$1\r\n1\r\n", true);

        assertThat(sink.text).asString().contains("unknown").doesNotContain("$1");
    }

    @Test
    void whoHasWaitedOverAGapIsToldNothingThoughItsSlotIsOnItsWayOnlySinceThen() {
        scene.useSteady();
        long gaps = gate.gaps();
        lease.renewAfterGap();
        PoolHandoffs version = Objects.requireNonNull(PoolHandoffs.of(
                new SlotPool(
                        "alpha",
                        PoolProtocol.REDIS,
                        SlotHash.REDIS_CLUSTER,
                        Map.of(),
                        Map.of("h-1", GateScene.handoff(HandoffState.COPY, 1))),
                GateScene.STEADY));
        gate.use(version);

        ReplySink check = gate.checkLate(scene.concerned(version, "GET foo"), gaps, sink);
        GateScene.reply(check, "$1\r\n1\r\n", true);
        scene.runTimers();

        assertThat(sink.text)
                .asString()
                .contains("unknown")
                .doesNotContain("$1"); // it may have been away and come back
    }

    /** Counts what it keeps, as a client's place for a reply does. */
    private static final class KeepingSink implements ReplySink {
        private int kept;
        private int replies;

        @Override
        public void onReply(ByteBuf source, int offset, int length, boolean last) {
            replies++;
        }

        @Override
        public void onBroken(String detail) {
            replies++;
        }

        @Override
        public boolean keep(int bytes) {
            kept += bytes;
            return true;
        }

        @Override
        public void dropped(int bytes) {
            kept -= bytes;
        }
    }

    /** By then the place for its reply may be that of another client's request. */
    @Test
    void afterAReplyIsDroppedNothingIsKeptOrGivenBackForIt() {
        KeepingSink keeping = new KeepingSink();
        PoolHandoffs version = scene.use(HandoffState.COPY, 0);
        ReplySink check =
                gate.check(scene.concerned(version, "GET foo"), GateScene.command(scene.request("GET foo")), keeping);
        assertThat(check.keep(10)).isTrue();
        lease.held = false;
        GateScene.reply(check, "+OK", false);

        gate.close();

        assertThat(keeping.replies).isEqualTo(1);
        assertThat(keeping.kept).isZero();
        assertThat(check.keep(5)).isFalse();
        check.dropped(10);
        assertThat(keeping.kept).isZero();
    }
}
