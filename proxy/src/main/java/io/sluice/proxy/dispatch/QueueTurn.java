package io.sluice.proxy.dispatch;

import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.routing.cluster.RingChangeState;
import io.sluice.routing.cluster.TwoRings;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What one event loop keeps of the queues of one pool from version to version. Event-loop only. */
public final class QueueTurn {

    private final DrainedQueues drained;
    private final QueuePops pops = new QueuePops();
    private final PoolCounters counters;

    /** @param nanos a clock */
    public QueueTurn(PoolCounters counters, LongSupplier nanos) {
        this.counters = counters;
        this.drained = new DrainedQueues(nanos);
    }

    /**
     * Where requests pass under this version of the pool; null where they go their usual way. Behind a pop that began under
     * an earlier version, and is not over, its client's requests wait.
     *
     * @param rings null while no queue is on its way
     */
    public @Nullable RingPassage passage(@Nullable TwoRings rings, Protocol protocol) {
        drained.use(rings);
        if (rings != null && rings.change().state() != RingChangeState.PREPARE) {
            return new QueuePassage(rings, drained, pops, protocol, counters);
        }
        return pops.isEmpty()
                ? null
                : new SettlingPassage((command, request, client) -> pops.of(client), pops::isEmpty);
    }
}
