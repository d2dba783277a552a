package io.sluice.manager.migration.engine;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Connections for what is done while clients wait, made before they do. Used by one thread; {@link #close} by any. */
public final class SwitchLinks implements AutoCloseable {

    private final @Nullable SampleCheck sample;
    private final @Nullable ConnectionGate gate;
    private final @Nullable CopyFailure failure;

    private SwitchLinks(@Nullable SampleCheck sample, @Nullable ConnectionGate gate, @Nullable CopyFailure failure) {
        this.sample = sample;
        this.gate = gate;
        this.failure = failure;
    }

    /**
     * Connects. Blocks for some round trips; to be asked for its failure.
     *
     * @param copied by what expiry times were moved; empty if they were not, or nobody knows: then clocks are compared
     */
    public static SwitchLinks open(CopyPlan plan, EngineKind engine, Optional<ClockSkew> copied) {
        SampleCheck sample = null;
        try {
            sample = SampleCheck.open(plan, engine, copied);
            return new SwitchLinks(sample, ConnectionGate.open(plan.target()), null);
        } catch (CopyException e) {
            if (sample != null) {
                sample.close();
            }
            return new SwitchLinks(null, null, e.failure());
        }
    }

    /** Why it is of no use; empty if it is. */
    public Optional<CopyFailure> failure() {
        return Optional.ofNullable(failure);
    }

    /** As {@link SampleCheck#run}. */
    public Optional<String> difference(Map<Integer, List<byte[]>> copied, int keys, long deadlineNanos) {
        return sample == null ? failure().map(CopyFailure::message) : sample.run(copied, keys, deadlineNanos);
    }

    /** As {@link ConnectionGate#end}, on the target. */
    public Optional<CopyFailure> end(Collection<MaintenanceConnection> connections) {
        return gate == null ? failure() : gate.end(connections);
    }

    @Override
    public void close() {
        if (sample != null) {
            sample.close();
        }
        if (gate != null) {
            gate.close();
        }
    }
}
