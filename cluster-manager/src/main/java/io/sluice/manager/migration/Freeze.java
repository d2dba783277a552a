package io.sluice.manager.migration;

import io.sluice.manager.store.StoredTopology;
import io.sluice.routing.cluster.Handoff;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * A freeze that was entered. Clients wait, so it has two bounds: after the first it is given up if the target lacks
 * anything, and another one may be quicker; after the second in any case. Used by one thread.
 */
final class Freeze {

    private final int attempt;
    private final Barrier barrier;
    private final LongSupplier nanos;
    private final long since;
    private final Duration limit;
    private final Duration budget;
    private final FreezeLaps laps;
    private boolean gateIsClosed;

    private Freeze(Handoff frozen, Barrier barrier, Duration limit, LongSupplier nanos) {
        this.attempt = frozen.attempt();
        this.barrier = barrier;
        this.nanos = nanos;
        this.since = nanos.getAsLong();
        this.limit = limit;
        this.budget = frozen.freezeBudget();
        this.laps = new FreezeLaps(nanos, since);
    }

    /** As it was just written. */
    static Freeze entered(Handoff frozen, StoredTopology written, HandoffRules rules, LongSupplier nanos) {
        Barrier barrier = new Barrier(written.topology().epoch(), written.zxid(), frozen.lease());
        Duration wanted = rules.freezeLimit(frozen.attempt());
        Duration budget = frozen.freezeBudget();
        return new Freeze(frozen, barrier, wanted.compareTo(budget) < 0 ? wanted : budget, nanos);
    }

    int attempt() {
        return attempt;
    }

    FreezeLaps laps() {
        return laps;
    }

    /** Proxies that have not acknowledged it, each with the reason. */
    List<String> waitsFor(ProxySightings sightings) {
        return barrier.waitsFor(sightings);
    }

    /** How long clients have waited. */
    Duration lasted() {
        return Duration.ofNanos(nanos.getAsLong() - since);
    }

    /** Until {@link #isLate}; not negative. */
    Duration left() {
        Duration left = limit.minus(lasted());
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Longer than it should last. */
    boolean isLate() {
        return lasted().compareTo(limit) >= 0;
    }

    /** Longer than it may. */
    boolean isOver() {
        return lasted().compareTo(budget) >= 0;
    }

    /** From now on what was copied cannot be followed any more, even if it was closed by half only. */
    void closesGate() {
        gateIsClosed = true;
    }

    boolean gateIsClosed() {
        return gateIsClosed;
    }
}
