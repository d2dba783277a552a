package io.sluice.manager.migration.ring;

import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.Topology;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What drives of rings have in common.
 *
 * @param clock for what people see, and for the end of windows
 * @param nanos for all other times
 * @param executor of what takes its time at servers
 * @param ended is told of each change that is done
 */
record RingTools(RingRules rules, InstantSource clock, LongSupplier nanos, Executor executor, Ended ended) {

    /** Who wants to know. */
    interface Ended {
        void tell(RingChange change, Topology before, Topology after);
    }

    long now() {
        return nanos.getAsLong();
    }
}
