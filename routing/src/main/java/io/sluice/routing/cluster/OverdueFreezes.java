package io.sluice.routing.cluster;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds freezes that last too long, by this process' own clock: who began them has died, or is stopped, and ends them no
 * more. Every manager and every proxy has one. Used by one thread.
 */
public final class OverdueFreezes {

    /** A freeze may last so many times its budget; who began it gives up after one. */
    public static final double BUDGETS = 2;

    /** One freeze of one handoff. */
    private record Freeze(String handoff, int attempt) {}

    private final double budgets;
    private final Map<Freeze, Long> seen = new HashMap<>();

    /** @param budgets a freeze is overdue that has been seen for so many times its budget */
    public OverdueFreezes(double budgets) {
        this.budgets = budgets;
    }

    /** The handoffs whose freeze is to be ended, as of {@code nanos}. */
    public Set<String> overdue(Topology now, long nanos) {
        Set<String> overdue = new HashSet<>();
        Set<Freeze> there = new HashSet<>();
        frozen(now).forEach(handoff -> {
            Freeze freeze = new Freeze(handoff.id(), handoff.attempt());
            there.add(freeze);
            long since = nanos - seen.computeIfAbsent(freeze, first -> nanos);
            if (since >= mayLast(handoff.freezeBudget())) {
                overdue.add(handoff.id());
            }
        });
        seen.keySet().retainAll(there);
        return overdue;
    }

    private double mayLast(Duration budget) {
        return budgets * budget.toNanos();
    }

    /** Whether there was a freeze at the last look, so that the next must not be far. */
    public boolean isAnythingFrozen() {
        return !seen.isEmpty();
    }

    private static Stream<Handoff> frozen(Topology topology) {
        return topology.pools().values().stream()
                .filter(SlotPool.class::isInstance)
                .flatMap(pool -> ((SlotPool) pool).handoffs().values().stream())
                .filter(handoff -> handoff.state() == HandoffState.FREEZE);
    }
}
