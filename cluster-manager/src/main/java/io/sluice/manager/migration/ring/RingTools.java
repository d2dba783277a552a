package io.sluice.manager.migration.ring;

import io.sluice.manager.change.TopologyDiff;
import io.sluice.manager.store.HistoryEntry;
import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.Topology;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What drives of rings have in common.
 *
 * @param clock for what people see, and for the end of windows
 * @param nanos for all other times
 * @param executor of what takes its time at servers
 */
record RingTools(RingRules rules, InstantSource clock, LongSupplier nanos, Executor executor) {

    long now() {
        return nanos.getAsLong();
    }

    /** As a document has it. */
    Instant instant() {
        return Instant.ofEpochMilli(clock.instant().toEpochMilli());
    }

    /** What is remembered of a change that is done. */
    HistoryEntry entry(RingChange change, Topology before, Topology after) {
        return new HistoryEntry(
                instant(),
                "manager",
                "ring change " + change.id() + (change.back() ? " has gone back" : " is done"),
                before.epoch(),
                before.epoch() + 1,
                TopologyDiff.between(before, after).lines());
    }
}
