package io.sluice.manager.migration.engine;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Counts what a copy has done. Written by its threads, read by any. */
final class CopyMeter {

    private static final long RATE_WINDOW_NANOS = Duration.ofSeconds(2).toNanos();

    private final LongSupplier nanoTime;
    private final Forecast forecast = new Forecast();
    private final AtomicLong keys = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private volatile double done;
    private volatile long lagBytes;
    private volatile long dirtyKeys;
    private volatile long spoolBytes;

    private long windowNanos;
    private long windowKeys;
    private long windowBytes;
    private double keysPerSecond;
    private double bytesPerSecond;

    CopyMeter(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        windowNanos = nanoTime.getAsLong();
    }

    void sent(long keyCount, long byteCount) {
        keys.addAndGet(keyCount);
        bytes.addAndGet(byteCount);
    }

    long keys() {
        return keys.get();
    }

    /** A share of the first pass; a smaller one than before is not believed. */
    void done(double share) {
        done = Math.max(done, Math.min(1, share));
    }

    void lag(long behind) {
        lagBytes = Math.max(0, behind);
    }

    long lag() {
        return lagBytes;
    }

    void dirty(long waiting) {
        dirtyKeys = waiting;
    }

    long dirty() {
        return dirtyKeys;
    }

    void spool(long waiting) {
        spoolBytes = waiting;
    }

    synchronized CopyProgress progress(
            EngineKind engine, CopyState state, Pace pace, LatencyProbe probe, @Nullable CopyFailure failure) {
        measure();
        forecast.look(nanoTime.getAsLong(), done, pace.isPaused());
        return new CopyProgress(
                engine,
                state,
                pace.isPaused(),
                keys.get(),
                bytes.get(),
                done,
                lagBytes,
                dirtyKeys,
                spoolBytes,
                keysPerSecond,
                bytesPerSecond,
                done >= 1 ? Duration.ZERO : forecast.remaining().orElse(null),
                pace.limits(),
                pace.share(),
                probe.recent(),
                probe.worst(),
                failure);
    }

    private void measure() {
        long now = nanoTime.getAsLong();
        long past = now - windowNanos;
        if (past < RATE_WINDOW_NANOS) {
            return;
        }
        long keysNow = keys.get();
        long bytesNow = bytes.get();
        keysPerSecond = (keysNow - windowKeys) * 1e9 / past;
        bytesPerSecond = (bytesNow - windowBytes) * 1e9 / past;
        windowNanos = now;
        windowKeys = keysNow;
        windowBytes = bytesNow;
    }
}
