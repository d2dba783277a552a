package io.sluice.proxy.transport;

import io.netty.buffer.ByteBufAllocator;

/** What the connections of one event loop share. Event-loop only. */
public final class LoopResources {

    private final LoopClock clock;
    private final TurnQueue turnQueue;
    private final ReadBuffers readBuffers;
    private final ByteBufAllocator allocator;
    private int largeRoomBytes;

    LoopResources(LoopClock clock, TurnQueue turnQueue, ByteBufAllocator allocator) {
        this.clock = clock;
        this.turnQueue = turnQueue;
        this.readBuffers = new ReadBuffers(allocator);
        this.allocator = allocator;
    }

    public LoopClock clock() {
        return clock;
    }

    public TurnQueue turnQueue() {
        return turnQueue;
    }

    public ByteBufAllocator allocator() {
        return allocator;
    }

    /** Bytes of read buffers, larger than the least, that connections keep while they wait. */
    int largeRoomBytes() {
        return largeRoomBytes;
    }

    void addLargeRoom(int bytes) {
        largeRoomBytes += bytes;
    }

    ReadBuffers readBuffers() {
        return readBuffers;
    }
}
