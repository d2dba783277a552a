package io.sluice.proxy.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The read buffer that all connections of one event loop share: a connection owns bytes only while it holds part of a
 * message, so idle connections hold none. Event-loop only.
 */
final class ReadBuffers {

    static final int SHARED_BYTES = 64 << 10;

    private final ByteBufAllocator allocator;
    private @Nullable ByteBuf shared;

    ReadBuffers(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /** Returns the shared buffer, empty, with one reference for the caller. */
    ByteBuf borrow() {
        ByteBuf buffer = shared;
        if (buffer == null || buffer.refCnt() > 1) { // somebody still holds the old one
            if (buffer != null) {
                buffer.release();
            }
            buffer = allocator.directBuffer(SHARED_BYTES, SHARED_BYTES);
            shared = buffer;
        }
        return buffer.clear().retain();
    }

    /** A buffer that a connection keeps; takes one over from nobody. */
    ByteBuf newKept(int bytes) {
        return allocator.directBuffer(bytes);
    }

    void release() {
        if (shared != null) {
            shared.release();
            shared = null;
        }
    }
}
