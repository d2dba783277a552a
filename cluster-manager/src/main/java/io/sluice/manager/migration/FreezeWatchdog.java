package io.sluice.manager.migration;

import io.sluice.manager.store.StoredTopology;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.Topology;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds freezes that last longer than twice their budget, by this process' own clock: who began them has died, or is
 * stopped. Every manager has one, whoever leads. Used by one thread.
 */
final class FreezeWatchdog {

    private static final int BUDGETS = 2;

    /** One freeze of one handoff. */
    private record Freeze(String handoff, int attempt) {}

    private final Map<Freeze, Long> seen = new HashMap<>();

    /** The handoffs whose freeze is to be ended, as of {@code nanos}. */
    Set<String> overdue(StoredTopology now, long nanos) {
        Set<String> overdue = new HashSet<>();
        Set<Freeze> there = new HashSet<>();
        frozen(now.topology()).forEach(handoff -> {
            Freeze freeze = new Freeze(handoff.id(), handoff.attempt());
            there.add(freeze);
            long since = nanos - seen.computeIfAbsent(freeze, first -> nanos);
            if (since >= handoff.freezeBudget().multipliedBy(BUDGETS).toNanos()) {
                overdue.add(handoff.id());
            }
        });
        seen.keySet().retainAll(there);
        return overdue;
    }

    private static Stream<Handoff> frozen(Topology topology) {
        return topology.pools().keySet().stream()
                .flatMap(name -> topology.slotPool(name).stream())
                .flatMap(pool -> pool.handoffs().values().stream())
                .filter(handoff -> handoff.state() == HandoffState.FREEZE);
    }
}
