package io.sluice.proxy.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.function.Supplier;

/**
 * Tells a channel to read into the buffer its connection names, and to read once per readiness event. Only for
 * transports that read synchronously (epoll, NIO): the shared buffer must not be lent while a read is pending.
 */
final class ReadTargetAllocator implements RecvByteBufAllocator {

    private final Supplier<ByteBuf> target;

    /** Each call of {@code target} gives a writable buffer with one reference for the channel. */
    ReadTargetAllocator(Supplier<ByteBuf> target) {
        this.target = target;
    }

    @Override
    @SuppressWarnings("deprecation") // the interface returns the deprecated Handle; what we return extends it
    public Handle newHandle() {
        return new ReadOnceHandle();
    }

    private final class ReadOnceHandle implements ExtendedHandle {
        private int lastBytesRead;
        private int attemptedBytesRead;

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return target.get();
        }

        @Override
        public int guess() {
            return ReadBuffers.SHARED_BYTES;
        }

        @Override
        public void reset(ChannelConfig config) {
            lastBytesRead = 0;
        }

        @Override
        public void incMessagesRead(int messages) {}

        @Override
        public void lastBytesRead(int bytes) {
            lastBytesRead = bytes;
        }

        @Override
        public int lastBytesRead() {
            return lastBytesRead;
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            attemptedBytesRead = bytes;
        }

        @Override
        public int attemptedBytesRead() {
            return attemptedBytesRead;
        }

        @Override
        public boolean continueReading() {
            return false; // readiness is level-triggered: what is left is reported again
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return false;
        }

        @Override
        public void readComplete() {}
    }
}
