package io.sluice.proxy.protocol;

import io.netty.buffer.ByteBuf;

/** The replies to the parts of a split request, all complete. */
public interface PartReplies {

    /** What {@link #scratch()} has room for. */
    int SCRATCH_BYTES = 16 << 10;

    int parts();

    /** The reply to one part, from reader to writer index; borrowed. Reading moves the reader index. */
    ByteBuf part(int part);

    /** Keys of the whole request. */
    int keys();

    /** Which part asked for a key. Within a part, keys keep their order. */
    int partOfKey(int key);

    /** An empty buffer to put the whole reply together in, if it is not large; borrowed until that is delivered. */
    ByteBuf scratch();
}
