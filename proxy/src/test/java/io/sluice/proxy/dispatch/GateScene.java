package io.sluice.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.metrics.MetricBoard;
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

/** A gate before slot {@link #SLOT_OF_FOO}, and all that it depends on: the lease, the time, a client. */
final class GateScene {

    /** Of "foo"; see the vectors of Redis Cluster. */
    static final int SLOT_OF_FOO = 12182;

    static final Duration STEADY = Duration.ofSeconds(20);

    final TestLease lease = new TestLease(STEADY);
    final List<Runnable> timers = new ArrayList<>();
    final Sink sink = new Sink();
    final HandoffGate gate;
    long now = 1_000_000_000L;
    private final Protocol protocol =
            new RespProtocol(new RespLimits(1 << 20, 1024, 1024), null, 0, InstantSource.system());
    private final MetricBoard board = Counting.board(1);

    GateScene() {
        gate = new HandoffGate(lease, board.counters(0, 0), protocol, () -> now, (task, delay) -> timers.add(task));
    }

    /** Of the slot of "foo". */
    static Handoff handoff(HandoffState state, int attempt) {
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

    /** A pool in which that is the only one. */
    static PoolHandoffs version(Handoff handoff) {
        SlotPool pool = new SlotPool(
                "alpha", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, Map.of(), Map.of(handoff.id(), handoff));
        return Objects.requireNonNull(PoolHandoffs.of(pool, Duration.ZERO));
    }

    /** The gate goes by such a handoff from now on. */
    PoolHandoffs use(HandoffState state, int attempt) {
        PoolHandoffs version = version(handoff(state, attempt));
        gate.use(version);
        return version;
    }

    /** The gate goes by a pool from now on in which no slot is on its way. */
    PoolHandoffs useSteady() {
        PoolHandoffs version = Objects.requireNonNull(PoolHandoffs.of(
                new SlotPool("alpha", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, Map.of(), Map.of()), STEADY));
        gate.use(version);
        return version;
    }

    /** An inline command. */
    Request request(String line) {
        return WholeRequest.of(protocol, line + "\r\n").request();
    }

    static Command command(Request request) {
        return Objects.requireNonNull(request.command());
    }

    Handoff[] concerned(PoolHandoffs version, String line) {
        Request request = request(line);
        return gate.of(version, command(request), request);
    }

    /** Where the reply to this request is to go. */
    ReplySink checked(PoolHandoffs version, String line) {
        Request request = request(line);
        return gate.check(concerned(version, line), command(request), sink);
    }

    /** A piece of one. */
    static void reply(ReplySink to, String text, boolean last) {
        ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
        to.onReply(bytes, 0, bytes.readableBytes(), last);
    }

    /** Those of now, whenever they are due. */
    void runTimers() {
        List<Runnable> due = List.copyOf(timers);
        timers.clear();
        due.forEach(Runnable::run);
    }

    /** What has been counted so far. */
    long counted(PoolMetric metric) {
        return board.open("alpha").get(metric);
    }

    /** What a client is told, and whether it must go then. */
    static final class Sink implements ReplySink {
        final StringBuilder text = new StringBuilder();
        boolean last;
        boolean broken;

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
