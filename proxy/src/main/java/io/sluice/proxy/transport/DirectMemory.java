package io.sluice.proxy.transport;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;

/** How much of the memory for buffers, which the whole process shares, is in use. Thread-safe. */
public final class DirectMemory {

    /** Above this share of -XX:MaxDirectMemorySize somebody must give way whatever is counted, before all fail. */
    private static final double SCARCE_FROM = 0.9;

    private static final long MAX_BYTES = PlatformDependent.maxDirectMemory();

    private DirectMemory() {}

    /** What -XX:MaxDirectMemorySize says, or its default. */
    public static long maxBytes() {
        return MAX_BYTES;
    }

    /** Whether those who hold much should be refused or closed. For rare moments: it may take microseconds. */
    public static boolean isScarce() {
        return usedBytes() > MAX_BYTES * SCARCE_FROM;
    }

    /** What buffers have taken from the system, used or kept for the next. */
    public static long usedBytes() {
        long used = PlatformDependent.usedDirectMemory();
        return used >= 0 ? used : PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory(); // -1: not counted here
    }
}
