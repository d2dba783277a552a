package io.sluice.proxy.protocol;

import io.netty.buffer.ByteBuf;

/**
 * Where one reply goes. Event-loop only.
 *
 * <p>A reply comes whole by one call, or, when it is large, in pieces of which the last says so. A sink hears of its
 * reply exactly once: one last piece, or one {@link #onBroken}.
 */
public interface ReplySink {

    /** Borrows {@code source}: what is wanted of it is copied before returning. */
    void onReply(ByteBuf source, int offset, int length, boolean last);

    /** Whether it awaits the answer to a question that the proxy asks, and no client can. */
    default boolean isOfProxy() {
        return false;
    }

    /** Asks whether so many bytes more may be kept elsewhere until this reply can be made, and counts them if so. */
    default boolean keep(int bytes) {
        return true;
    }

    /** Bytes that were kept are not any more. */
    default void dropped(int bytes) {}

    /** The whole reply is this error, borrowed, after which the client has to go: it cannot know what it has done. */
    default void onLastReply(ByteBuf error) {
        onReply(error, error.readerIndex(), error.readableBytes(), true);
    }

    /** Pieces were delivered, and the rest will never come; {@code detail} says who is to blame. */
    void onBroken(String detail);
}
