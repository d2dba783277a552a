package io.sluice.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.faults.Fault;
import io.sluice.proxy.faults.FaultPlan;
import io.sluice.proxy.faults.PoolFaults;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.transport.Loop;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Does to requests what somebody asked for. Of one pool on one event loop. Event-loop only.
 *
 * <p>A delayed request is sent at once and its reply held back: were the request held back, a later one of the same
 * client would overtake it. A dropped one is not sent; its client hears nothing until the pool's {@code timeout} is
 * over, as when a server has lost it.
 */
public final class FaultInjection implements FaultPlan.Owners {

    /** Longer keys are not looked up for a fault at one server. */
    private static final int MAX_KEY_BYTES = 64 << 10;

    private static final int USUAL_ARGUMENTS = 64;

    private final PoolFaults faults;
    private final RequestDispatcher dispatcher;
    private final Protocol protocol;
    private final Loop loop;
    private final RandomGenerator random;
    private final PoolCounters counters;
    private final HeldReplies held;
    private final Supplier<@Nullable Duration> timeout;

    private int[] keys = new int[USUAL_ARGUMENTS];
    private @Nullable Request looked; // at which the owners of keys are asked for

    /**
     * @param dispatcher who knows the owners of keys
     * @param timeout of a request in this pool; null for none
     */
    public FaultInjection(
            PoolFaults faults,
            RequestDispatcher dispatcher,
            Protocol protocol,
            Loop loop,
            RandomGenerator random,
            PoolCounters counters,
            Supplier<@Nullable Duration> timeout) {
        this.faults = faults;
        this.dispatcher = dispatcher;
        this.protocol = protocol;
        this.loop = loop;
        this.random = random;
        this.counters = counters;
        this.held = new HeldReplies(loop, counters);
        this.timeout = timeout;
    }

    /** Whether there are any faults: one read, which is all that a request costs without them. */
    public boolean isOn() {
        return faults.current() != null;
    }

    /**
     * Where the reply to this request is to go; null if the request must not be sent, since its reply has been or will
     * be given by a fault.
     */
    public @Nullable ReplySink sinkFor(Command command, Request request, ReplySink sink) {
        FaultPlan plan = faults.current();
        Fault fault = plan == null ? null : fault(plan, command, request);
        if (fault == null) {
            return sink;
        }
        return switch (fault.order().kind()) {
            case DELAY -> held.delayed(sink, fault.order().delay());
            case ERROR -> {
                fail(sink, ErrorKind.INJECTED, "fault=" + fault.id() + " command=" + command.name());
                counters.count(PoolMetric.FAULT_ERRORS);
                yield null;
            }
            case DROP -> drop(fault, command, sink);
        };
    }

    private @Nullable Fault fault(FaultPlan plan, Command command, Request request) {
        if (keys.length < request.count()) {
            keys = new int[request.count()];
        }
        int count = command.keys().locate(request, keys);
        looked = request;
        Fault fault = plan.meets(
                command,
                request,
                keys,
                Math.max(count, 0),
                this,
                random,
                loop.resources().clock().nanos());
        looked = null;
        return fault;
    }

    @Override
    public boolean owns(String server, int argument) {
        Request request = looked;
        if (request == null || request.length(argument) > MAX_KEY_BYTES) {
            return false;
        }
        byte[] key = new byte[request.length(argument)];
        request.copy(argument, key);
        return dispatcher.owns(server, key, key.length);
    }

    private @Nullable ReplySink drop(Fault fault, Command command, ReplySink sink) {
        Duration left = Duration.ofNanos(
                Math.max(0, fault.endNanos() - loop.resources().clock().nanos()));
        Duration limit = timeout.get();
        Duration wait = limit == null ? left : limit;
        String detail = "fault=" + fault.id() + " command=" + command.name() + " waited=" + wait.toMillis() + "ms";
        if (!held.later(wait, () -> fail(sink, ErrorKind.INJECTED, "dropped, " + detail))) {
            return sink;
        }
        counters.count(PoolMetric.FAULT_DROPS);
        return null;
    }

    private void fail(ReplySink sink, ErrorKind kind, String detail) {
        counters.error(kind);
        ByteBuf error = protocol.error(kind, detail);
        sink.onReply(error, 0, error.readableBytes(), true);
    }
}
