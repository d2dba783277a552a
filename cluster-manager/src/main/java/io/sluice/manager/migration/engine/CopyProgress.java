package io.sluice.manager.migration.engine;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a copy stands at this moment.
 *
 * @param engine who copies
 * @param state how far
 * @param paused whether somebody paused it
 * @param keys sent to the target so far, repeated ones included
 * @param bytes of values sent so far
 * @param done share of the first pass, 0 to 1; never falls
 * @param lagBytes what the source's stream is ahead of the target; 0 where there is no stream
 * @param dirtyKeys written since they were copied, and to be copied again
 * @param spoolBytes waiting on the disk
 * @param keysPerSecond over the last seconds
 * @param bytesPerSecond over the last seconds
 * @param remaining of the first pass, estimated; null while there is nothing to estimate from
 * @param limits in force
 * @param share of the limits that is used, because the target is slow
 * @param ping 99th percentile of the target's PINGs over the last seconds
 * @param worstPing the slowest PING of the target so far
 * @param error why it stopped, or null
 */
public record CopyProgress(
        EngineKind engine,
        CopyState state,
        boolean paused,
        long keys,
        long bytes,
        double done,
        long lagBytes,
        long dirtyKeys,
        long spoolBytes,
        double keysPerSecond,
        double bytesPerSecond,
        @Nullable Duration remaining,
        CopyLimits limits,
        double share,
        Duration ping,
        Duration worstPing,
        @Nullable CopyFailure error) {

    public Optional<Duration> eta() {
        return Optional.ofNullable(remaining);
    }

    public Optional<CopyFailure> failure() {
        return Optional.ofNullable(error);
    }
}
