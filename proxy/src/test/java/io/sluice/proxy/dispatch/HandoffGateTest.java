package io.sluice.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.budget.Room;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.metrics.MetricBoard;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.proxy.testing.Counting;
import io.sluice.proxy.testing.WholeRequest;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Requests and replies at the gate, with a lease, a clock and a timer of the test's. */
class HandoffGateTest {

    /** Of "foo"; see the vectors of Redis Cluster. */
    private static final int SLOT_OF_FOO = 12182;

    private static final Duration STEADY = Duration.ofSeconds(20);

    private final Protocol protocol =
            new RespProtocol(new RespLimits(1 << 20, 1024, 1024), null, 0, InstantSource.system());
    private final MetricBoard board = Counting.board(1);
    private final PoolCounters counters = board.counters(0, 0);
    private final TestLease lease = new TestLease(STEADY);
    private final List<Runnable> timers = new ArrayList<>();
    private final Sink sink = new Sink();
    private long now = 1_000_000_000L;
    private final HandoffGate gate =
            new HandoffGate(lease, counters, protocol, () -> now, (task, delay) -> timers.add(task));

    private static Handoff handoff(HandoffState state, int attempt) {
        Handoff begun = Handoff.begin("h-1", SlotSet.range(SLOT_OF_FOO, SLOT_OF_FOO), "a", "b", 7);
        return new Handoff(
                begun.id(),
                state,
                begun.slots(),
                begun.from(),
                begun.to(),
                begun.lease(),
                begun.freezeBudget(),
                begun.copySince(),
                attempt);
    }

    private static PoolHandoffs version(Handoff handoff) {
        SlotPool pool = new SlotPool(
                "alpha", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, Map.of(), Map.of(handoff.id(), handoff));
        return Objects.requireNonNull(PoolHandoffs.of(pool, Duration.ZERO));
    }

    private PoolHandoffs use(HandoffState state, int attempt) {
        PoolHandoffs version = version(handoff(state, attempt));
        gate.use(version);
        return version;
    }

    private Request request(String line) {
        return WholeRequest.of(protocol, line + "\r\n").request();
    }

    private Handoff[] concerned(PoolHandoffs version, String line) {
        Request request = request(line);
        return gate.of(version, command(request), request);
    }

    private static Command command(Request request) {
        return Objects.requireNonNull(request.command());
    }

    private ReplySink checked(PoolHandoffs version, String line) {
        Request request = request(line);
        return gate.check(concerned(version, line), command(request), sink);
    }

    private static void reply(ReplySink to, String text, boolean last) {
        ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
        to.onReply(bytes, 0, bytes.readableBytes(), last);
    }

    private void runTimers() {
        List<Runnable> due = List.copyOf(timers);
        timers.clear();
        due.forEach(Runnable::run);
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
        PoolHandoffs version = use(HandoffState.COPY, 0);
        ReplySink check = gate.check(concerned(version, "GET foo"), command(request("GET foo")), keeping);
        assertThat(check.keep(10)).isTrue();
        lease.held = false;
        reply(check, "+OK", false);

        gate.close();

        assertThat(keeping.replies).isEqualTo(1);
        assertThat(keeping.kept).isZero();
        assertThat(check.keep(5)).isFalse();
        check.dropped(10);
        assertThat(keeping.kept).isZero();
    }

    // ---- which requests are concerned

    @Test
    void onlyRequestsWithKeysInItsSlotsAreConcerned() {
        PoolHandoffs version = use(HandoffState.COPY, 0);

        assertThat(concerned(version, "GET foo")).hasSize(1);
        assertThat(concerned(version, "GET {foo}:other")).hasSize(1);
        assertThat(concerned(version, "GET bar")).isEmpty();
        assertThat(concerned(version, "MGET bar foo {foo}x")).hasSize(1);
        assertThat(concerned(version, "MGET bar baz")).isEmpty();
        assertThat(concerned(version, "EVAL return 1 bar foo")).isEmpty(); // the number of keys is no number
    }

    @Test
    void aPoolWithoutHandoffsHasNone() {
        SlotPool pool = new SlotPool("alpha", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, Map.of(), Map.of());

        assertThat(PoolHandoffs.of(pool, Duration.ZERO)).isNull();
        assertThat(PoolHandoffs.of(null, STEADY)).isNull();
    }

    // ---- waiting

    @Test
    void isOpenInAllStatesButFreezeWhileTheLeaseIsHeld() {
        assertThat(gate.isOpen(concerned(use(HandoffState.COPY, 0), "GET foo"))).isTrue();
        assertThat(gate.isOpen(concerned(use(HandoffState.FREEZE, 1), "GET foo")))
                .isFalse();
        assertThat(gate.isOpen(concerned(use(HandoffState.SWITCHED, 1), "GET foo")))
                .isTrue();

        lease.held = false;

        assertThat(gate.isOpen(concerned(use(HandoffState.COPY, 0), "GET foo"))).isFalse();
        assertThat(gate.isOpen(concerned(use(HandoffState.SWITCHED, 1), "GET foo")))
                .isFalse();
    }

    @Test
    void clientsGoOnInTheOrderInWhichTheyCame() {
        PoolHandoffs version = use(HandoffState.FREEZE, 1);
        List<Long> woken = new ArrayList<>();
        for (long client : new long[] {5, 3, 4}) {
            park(version, client, () -> woken.add(client));
        }
        runTimers();
        assertThat(woken).isEmpty();

        use(HandoffState.COPY, 1);

        assertThat(woken).containsExactly(5L, 3L, 4L);
    }

    private @Nullable Room park(PoolHandoffs version, long client, Runnable onRoom) {
        Room place = gate.park(concerned(version, "SET foo bar"), request("SET foo bar"), client, sink);
        if (place != null) {
            place.await(onRoom::run);
        }
        return place;
    }

    @Test
    void whoWaitsForTheLeaseGoesOnWhenItIsHeldAgain() {
        PoolHandoffs version = use(HandoffState.COPY, 0);
        lease.held = false;
        List<String> woken = new ArrayList<>();
        park(version, 1, () -> woken.add("1"));
        runTimers();
        assertThat(woken).isEmpty();

        lease.held = true;
        runTimers();

        assertThat(woken).containsExactly("1");
    }

    @Test
    void whoWaitsTooLongGetsAnErrorThatSaysSo() {
        PoolHandoffs version = use(HandoffState.FREEZE, 1);
        List<String> woken = new ArrayList<>();
        park(version, 1, () -> woken.add("1"));
        now += Parking.TIMEOUT.toNanos() - 1;
        runTimers();
        assertThat(woken).isEmpty();

        now += 1;
        runTimers();
        assertThat(woken).containsExactly("1");
        Room place = park(version, 1, () -> woken.add("again"));

        assertThat(place).isNull();
        assertThat(sink.text)
                .hasToString(
                        "-ERR Slot moving: its slot is being handed over, handoff=h-1 from=a to=b waited=10000ms\r\n");
        assertThat(counted(PoolMetric.PARK_TIMEOUTS)).isEqualTo(1);
        assertThat(counted(PoolMetric.PARKED) - counted(PoolMetric.UNPARKED)).isZero();
    }

    @Test
    void theTimeOfWhoParksAgainGoesOn() {
        PoolHandoffs version = use(HandoffState.FREEZE, 1);
        park(version, 1, () -> {});
        now += Parking.TIMEOUT.toNanos() / 2;
        use(HandoffState.COPY, 1);
        PoolHandoffs again = use(HandoffState.FREEZE, 2);
        park(again, 1, () -> {});

        now += Parking.TIMEOUT.toNanos() / 2;

        assertThat(park(again, 1, () -> {})).isNull();
    }

    @Test
    void nothingIsCountedOfWhoHasGone() {
        PoolHandoffs version = use(HandoffState.FREEZE, 1);
        Room closed = park(version, 1, () -> {});
        park(version, 2, () -> {}); // will be woken, and never come
        park(version, 3, () -> {});
        Objects.requireNonNull(closed).forget(() -> {});
        use(HandoffState.COPY, 1);
        gate.passed(3);

        now += Duration.ofSeconds(1).toNanos();
        runTimers();

        assertThat(counted(PoolMetric.PARKED)).isEqualTo(3);
        assertThat(counted(PoolMetric.UNPARKED)).isEqualTo(3);
        assertThat(counted(PoolMetric.PARKED_BYTES)).isEqualTo(counted(PoolMetric.UNPARKED_BYTES));
        runTimers();
        assertThat(timers).isEmpty(); // nobody is looked after
    }

    private long counted(PoolMetric metric) {
        return board.open("alpha").get(metric);
    }

    // ---- replies

    @Test
    void aReplyPassesWhileTheLeaseHasBeenHeldWhateverHasHappenedToTheHandoff() {
        ReplySink check = checked(use(HandoffState.COPY, 0), "INCR foo");
        use(HandoffState.FREEZE, 1);

        reply(check, ":1", false);
        reply(check, "2\r\n", true);

        assertThat(sink.text).hasToString(":12\r\n");
        assertThat(counted(PoolMetric.REPLIES_HELD)).isZero();
    }

    @Test
    void aReplyWaitsWhileTheLeaseIsGoneAndPassesIfNothingHasBeenFrozen() {
        ReplySink check = checked(use(HandoffState.COPY, 3), "INCR foo");
        lease.held = false;
        reply(check, ":4", false);
        reply(check, "2\r\n", true);
        assertThat(sink.text).isEmpty();

        lease.renewAfterGap();
        runTimers();

        assertThat(sink.text).hasToString(":42\r\n");
        assertThat(sink.last).isFalse();
        assertThat(counted(PoolMetric.REPLIES_HELD)).isEqualTo(1);
        assertThat(counted(PoolMetric.REPLIES_DROPPED)).isZero();
    }

    @Test
    void aReplyThatComesAfterAGapIsJudgedThoughTheLeaseIsHeld() {
        ReplySink check = checked(use(HandoffState.COPY, 0), "INCR foo");
        lease.renewAfterGap();
        use(HandoffState.FREEZE, 1);
        use(HandoffState.COPY, 1); // aborted, but it may have been drained

        reply(check, ":1\r\n", true);
        runTimers();

        assertThat(sink.text.toString()).startsWith("-ERR outcome unknown: ");
        assertThat(sink.last).isTrue();
        assertThat(counted(PoolMetric.REPLIES_DROPPED)).isEqualTo(1);
    }

    @Test
    void aReadIsToldToAskAgainAndItsClientStays() {
        ReplySink check = checked(use(HandoffState.COPY, 0), "GET foo");
        lease.renewAfterGap();
        use(HandoffState.SWITCHED, 1);

        reply(check, "$1\r\nx\r\n", true);
        runTimers();

        assertThat(sink.text.toString()).startsWith("-ERR Slot moving: the reply came too late, ");
        assertThat(sink.last).isFalse();
    }

    @Test
    void aReplyIsDroppedIfTheHandoffIsNotThereAnyMoreAfterAGap() {
        ReplySink check = checked(use(HandoffState.SWITCHED, 1), "INCR foo");
        lease.renewAfterGap();
        gate.use(null);

        reply(check, ":1\r\n", true);
        runTimers();

        assertThat(sink.text.toString()).startsWith("-ERR outcome unknown: ");
    }

    @Test
    void theRestOfADroppedReplyIsNotHeardOf() {
        ReplySink check = checked(use(HandoffState.COPY, 0), "INCR foo");
        lease.held = false;
        reply(check, ":1", false);
        lease.renewAfterGap();
        use(HandoffState.FREEZE, 1);
        assertThat(sink.text.toString()).startsWith("-ERR outcome unknown: ");
        int length = sink.text.length();

        reply(check, "2\r\n", true);

        assertThat(sink.text).hasSize(length);
    }

    @Test
    void theRestOfAReplyThatMayPassFollows() {
        ReplySink check = checked(use(HandoffState.COPY, 0), "INCR foo");
        lease.held = false;
        reply(check, ":1", false);
        lease.renewAfterGap();
        runTimers();

        reply(check, "2\r\n", true);

        assertThat(sink.text).hasToString(":12\r\n");
    }

    @Test
    void aReplyIsNotHeldForEver() {
        ReplySink check = checked(use(HandoffState.COPY, 0), "INCR foo");
        lease.held = false;
        reply(check, ":1\r\n", true);

        now += Parking.TIMEOUT.toNanos();
        runTimers();

        assertThat(sink.text.toString()).startsWith("-ERR outcome unknown: ");
        assertThat(sink.last).isTrue();
    }

    @Test
    void moreThanMayBeHeldIsDropped() {
        ReplySink check = checked(use(HandoffState.COPY, 0), "GET foo");
        lease.held = false;
        gate.onHeldBytes((int) HandoffGate.MAX_HELD_BYTES - 1);

        reply(check, ":1\r\n", true);

        assertThat(sink.text.toString()).startsWith("-ERR Slot moving: ");
    }

    @Test
    void aBrokenReplyIsToldAtOnce() {
        ReplySink check = checked(use(HandoffState.COPY, 0), "INCR foo");
        lease.held = false;
        reply(check, ":1", false);

        check.onBroken("the server has gone");

        assertThat(sink.broken).isTrue();
        lease.renewAfterGap();
        runTimers();
        assertThat(sink.text).isEmpty();
    }

    // ---- slots that are in no handoff, and have a lease all the same

    private PoolHandoffs useSteady() {
        PoolHandoffs version = Objects.requireNonNull(PoolHandoffs.of(
                new SlotPool("alpha", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, Map.of(), Map.of()), STEADY));
        gate.use(version);
        return version;
    }

    @Test
    void slotsThatStayWaitForTheirOwnLease() {
        PoolHandoffs version = useSteady();
        Handoff[] concerned = concerned(version, "GET foo");

        assertThat(gate.isOpen(concerned)).isTrue();
        lease.held = false;
        assertThat(gate.isOpen(concerned)).isFalse();
    }

    @Test
    void whereNoneIsOnItsWayAllSlotsAreInTheSame() {
        PoolHandoffs version = useSteady();

        assertThat(concerned(version, "GET foo"))
                .hasSize(1)
                .isSameAs(concerned(version, "GET bar"))
                .isSameAs(concerned(version, "MGET foo bar"));
        assertThat(concerned(version, "EVAL return x bar foo")).isEmpty(); // the number of keys is no number
    }

    @Test
    void aReplyOfASlotThatStaysIsHeldOverAGapAndPassedOnIfNothingHasChanged() {
        ReplySink check = checked(useSteady(), "SET foo 1");
        lease.held = false;
        reply(check, "+OK\r\n", true);
        assertThat(sink.text).isEmpty();

        lease.renewAfterGap();
        runTimers();

        assertThat(sink.text).hasToString("+OK\r\n");
    }

    @Test
    void aReplyOfASlotThatStayedIsDroppedIfTheTopologyHasChangedInTheGap() {
        ReplySink check = checked(useSteady(), "SET foo 1");
        lease.held = false;
        reply(check, "+OK\r\n", true);

        lease.epoch++; // perhaps there and back: what it is now tells nothing
        lease.renewAfterGap();
        runTimers();

        assertThat(sink.text).asString().contains("unknown");
        assertThat(sink.last).isTrue();
    }

    @Test
    void whoHasWaitedAtAServerOverAGapIsToldNothingOfIt() {
        PoolHandoffs version = useSteady();
        long gaps = gate.gaps();
        assertThat(gate.checkLate(concerned(version, "GET foo"), gaps, sink)).isSameAs(sink);

        lease.renewAfterGap();
        ReplySink check = gate.checkLate(concerned(version, "GET foo"), gaps, sink);
        reply(check, "$1\r\n1\r\n", true);

        assertThat(sink.text).asString().contains("unknown").doesNotContain("$1");
    }

    @Test
    void whoHasWaitedOverAGapIsToldNothingThoughItsSlotIsOnItsWayOnlySinceThen() {
        useSteady();
        long gaps = gate.gaps();
        lease.renewAfterGap();
        PoolHandoffs version = Objects.requireNonNull(PoolHandoffs.of(
                new SlotPool(
                        "alpha",
                        PoolProtocol.REDIS,
                        SlotHash.REDIS_CLUSTER,
                        Map.of(),
                        Map.of("h-1", handoff(HandoffState.COPY, 1))),
                STEADY));
        gate.use(version);

        ReplySink check = gate.checkLate(concerned(version, "GET foo"), gaps, sink);
        reply(check, "$1\r\n1\r\n", true);
        runTimers();

        assertThat(sink.text)
                .asString()
                .contains("unknown")
                .doesNotContain("$1"); // it may have been away and come back
    }

    @Test
    void aHandoffGoesBeforeTheLeaseOfSlotsThatStay() {
        Handoff moving = handoff(HandoffState.FREEZE, 1);
        PoolHandoffs version = Objects.requireNonNull(PoolHandoffs.of(
                new SlotPool("alpha", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, Map.of(), Map.of("h-1", moving)),
                STEADY));

        assertThat(concerned(version, "GET foo")).containsExactly(moving);
        assertThat(concerned(version, "GET bar")).hasSize(1).doesNotContain(moving);
        assertThat(version.frozenServers()).containsExactly("a");
    }

    /** What a client is told, and whether it must go then. */
    private static final class Sink implements ReplySink {
        private final StringBuilder text = new StringBuilder();
        private boolean last;
        private boolean broken;

        @Override
        public void onReply(ByteBuf source, int offset, int length, boolean whole) {
            text.append(source.toString(offset, length, StandardCharsets.US_ASCII));
        }

        @Override
        public void onLastReply(ByteBuf error) {
            last = true;
            onReply(error, error.readerIndex(), error.readableBytes(), true);
        }

        @Override
        public void onBroken(String detail) {
            broken = true;
        }
    }
}
