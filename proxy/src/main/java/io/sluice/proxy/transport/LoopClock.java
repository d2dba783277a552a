package io.sluice.proxy.transport;

import java.util.function.LongSupplier;

/**
 * The time as one event loop sees it: read once per batch of bytes instead of once per request. Event-loop only.
 */
public final class LoopClock {

    private final LongSupplier nanoTime;
    private long nanos;

    public LoopClock(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        nanos = nanoTime.getAsLong();
    }

    /** Reads the clock. Called when bytes arrive, and by timers. */
    public long refresh() {
        nanos = nanoTime.getAsLong();
        return nanos;
    }

    /** Nanoseconds on the scale of {@link System#nanoTime()}, as of the last {@link #refresh()}. */
    public long nanos() {
        return nanos;
    }
}
