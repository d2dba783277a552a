package io.sluice.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.dispatch.window.CacheWindow;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.protocol.CacheWords;
import io.sluice.proxy.protocol.PartReplies;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingChangeState;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.TwoRings;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop keeps, from version to version, of requests of a pool whose keys are about to have other servers that
 * cache them. Event-loop only.
 */
public final class CacheTurn {

    private static final int FIRST_SCRATCH_BYTES = 1024;

    /** A state that was entered on the way back is another one than on the way there. */
    private static final int STATES = 16;

    private final HandoffGate gate;
    private final PoolCounters counters;
    private final ByteBufAllocator allocator;
    private final ByteBuf scratch = Unpooled.buffer(FIRST_SCRATCH_BYTES, PartReplies.SCRATCH_BYTES);
    private @Nullable CacheWindow window; // null until it is needed for the first time
    private @Nullable Handoff latest; // change that it has served

    /** @param gate lets requests wait while the lease is not held */
    public CacheTurn(HandoffGate gate, PoolCounters counters, ByteBufAllocator allocator) {
        this.gate = gate;
        this.counters = counters;
        this.allocator = allocator;
    }

    /**
     * Where requests pass under this version of the pool.
     *
     * @param maxGatheredBytes of replies that one request may gather
     */
    public RingPassage passage(TwoRings rings, Protocol protocol, int maxGatheredBytes) {
        CacheWords words = protocol.cacheWords();
        if (words == null) {
            throw new IllegalStateException("A ring of caches whose protocol cannot be asked at two servers");
        }
        CacheWindow served = window;
        if (served == null) {
            served = new CacheWindow(protocol, words, counters, maxGatheredBytes);
            window = served;
        }
        served.use(protocol, words, maxGatheredBytes);
        Handoff change = handoff(rings.change());
        if (latest == null || !latest.id().equals(change.id()) || latest.attempt() != change.attempt()) {
            served.forgetPlainServers();
        }
        latest = change;
        return new CachePassage(rings, change, served, gate, protocol, counters, allocator, scratch, maxGatheredBytes);
    }

    /** Where requests pass under a version without a change; null if none of an earlier one is left that they could overtake. */
    public @Nullable SettlingPassage settling() {
        CacheWindow served = window;
        return served == null || served.isIdle() ? null : new SettlingPassage(served::busy, served::isIdle);
    }

    /** Tells whether what has begun until now, and takes more than one request to a server, is over. */
    public BooleanSupplier settled() {
        return window == null ? () -> true : window.settled();
    }

    /** What the gate is to know of the change: for its lease and its checks it is a handoff, though of no slots. */
    public static @Nullable PoolHandoffs handoffs(@Nullable TwoRings rings) {
        if (rings == null || rings.change().kind() != RingChange.Kind.CACHE) {
            return null;
        }
        Handoff change = handoff(rings.change());
        return PoolHandoffs.of(
                new SlotPool(change.id(), PoolProtocol.MEMCACHE, SlotHash.CODIS, Map.of(), Map.of(change.id(), change)),
                Duration.ZERO);
    }

    private static int number(RingChangeState state) {
        return switch (state) {
            case PREPARE -> 0;
            case INVALIDATE -> 1;
            case WINDOW -> 2;
            case CLOSING -> 3;
            case SEALED, TURNING, DRAINING -> throw new IllegalStateException("A cache is never in " + state);
        };
    }

    /** {@link RelayCheck} holds it against the view of later: another state is another attempt. */
    private static Handoff handoff(RingChange change) {
        int attempt = number(change.state()) + (change.back() ? STATES : 0);
        return new Handoff(
                change.id(),
                HandoffState.COPY,
                SlotSet.EMPTY,
                "",
                "",
                change.lease(),
                Handoff.FREEZE_BUDGET,
                change.since(),
                attempt);
    }
}
