package io.sluice.manager.migration.engine;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What all engines have in common: everything but how the keys come over, and when little is missing. */
abstract class EngineCopy implements SlotCopy {

    final CopyRun run;

    private volatile @Nullable ClockSkew skew;

    EngineCopy(EngineKind engine, CopyPlan plan) {
        run = new CopyRun(engine, plan);
    }

    /** Brings the keys over, on a thread of its own, until the run ends. */
    abstract void copy() throws CopyException;

    /** By what this copy moves expiry times. */
    final ClockSkew measureSkew(RedisLink source, RedisLink target) throws CopyException {
        ClockSkew measured = ClockSkew.measure(source, target);
        skew = measured;
        return measured;
    }

    @Override
    public final void start() {
        run.startProbe();
        run.thread("copy", this::copy);
    }

    @Override
    public final DrainResult drain(Duration deadline) {
        return Drains.await(run, deadline);
    }

    @Override
    public final void follow() {
        run.forgetDrain();
    }

    @Override
    public final CopyProgress progress() {
        return run.progress();
    }

    @Override
    public final Map<Integer, List<byte[]>> sample() {
        return run.sample().keys();
    }

    @Override
    public final Optional<ClockSkew> skew() {
        return Optional.ofNullable(skew);
    }

    @Override
    public final List<MaintenanceConnection> writers() {
        return run.writers();
    }

    @Override
    public void pause() {
        run.pace().pause(true);
    }

    @Override
    public void resume() {
        run.pace().pause(false);
    }

    @Override
    public void limits(CopyLimits limits) {
        run.pace().limits(limits);
    }

    @Override
    public void close() {
        run.close();
    }
}
