package io.sluice.manager.migration;

import io.sluice.manager.migration.engine.KeyFilter;
import io.sluice.manager.store.LeftCargo;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the copies of a handoff that was removed before its switch off its target again; but what the target owns by now,
 * or what another handoff brings there, who clears it before it copies. Used by one thread.
 */
final class TargetPurge {

    private static final Logger log = LoggerFactory.getLogger(TargetPurge.class);

    private final String pool;
    private final Handoff gone;
    private final Mover mover;
    private final HandoffRules rules;
    private final LongSupplier nanos;
    private int attempts;
    private boolean leavesNothing = true;
    private long notBefore;
    private Optional<String> problem = Optional.empty();

    /** @param gone as it stood last */
    TargetPurge(String pool, Handoff gone, Mover mover, HandoffRules rules, LongSupplier nanos) {
        this.pool = pool;
        this.gone = gone;
        this.mover = mover;
        this.rules = rules;
        this.nanos = nanos;
    }

    /** False once nothing is left to do. */
    boolean step(Topology topology) {
        Optional<SlotPool> known = topology.slotPool(pool);
        SlotSet left = known.map(slots -> LeftCargo.strangersAt(gone.to(), gone.slots(), slots))
                .orElse(SlotSet.EMPTY);
        if (known.isEmpty() || left.isEmpty()) {
            leavesNothing = false;
            log.info("Handoff aborted: handoff={}", gone.id());
            return false;
        }
        boolean mustPause = attempts > 0 && nanos.getAsLong() - notBefore < 0;
        return mustPause || frozenBeside(topology, gone.id()).isPresent() || !isPurged(known.get(), left);
    }

    private boolean isPurged(SlotPool known, SlotSet left) {
        attempts++;
        problem = mover.purgeTarget(KeyFilter.slots(known.hash(), left));
        if (problem.isEmpty()) {
            // else another handoff has yet to clear the target of the rest, or may be aborted before it does
            leavesNothing = !LeftCargo.underwayAt(gone.to(), known).intersects(gone.slots());
            log.info("Handoff aborted: handoff={}", gone.id());
            return true;
        }
        notBefore = nanos.getAsLong() + rules.repeatPause().toNanos();
        log.warn("The target keeps keys: handoff={} attempt={}: {}", gone.id(), attempts, problem.get());
        if (attempts < rules.maxAttempts()) {
            return false;
        }
        leavesNothing = false;
        return true;
    }

    /** Of the last try. */
    Optional<String> problem() {
        return problem;
    }

    /** Whether nothing of the handoff has to be remembered, once it is over. */
    boolean leavesNothing() {
        return leavesNothing;
    }

    /** Another handoff that is frozen. */
    static Optional<String> frozenBeside(Topology topology, String id) {
        return topology.pools().keySet().stream()
                .flatMap(name -> topology.slotPool(name).stream())
                .flatMap(slots -> slots.handoffs().values().stream())
                .filter(other ->
                        other.state() == HandoffState.FREEZE && !other.id().equals(id))
                .map(Handoff::id)
                .findFirst();
    }
}
