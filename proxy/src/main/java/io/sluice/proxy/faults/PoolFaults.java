package io.sluice.proxy.faults;

import org.jspecify.annotations.Nullable;

/** The faults of one pool that are on now. Thread-safe; what it gives out is immutable. */
public final class PoolFaults {
    private volatile @Nullable FaultPlan current;

    /** Null if there are none, which is one read per request. */
    public @Nullable FaultPlan current() {
        return current;
    }

    void use(@Nullable FaultPlan plan) {
        current = plan;
    }
}
