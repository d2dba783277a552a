package io.sluice.proxy.protocol;

import io.netty.buffer.ByteBuf;

/** The replies to the parts of a split request, all complete. */
public interface PartReplies {

    int parts();

    /** The reply to one part, from reader to writer index; borrowed. Reading moves the reader index. */
    ByteBuf part(int part);

    /** Keys of the whole request. */
    int keys();

    /** Which part asked for a key. Within a part, keys keep their order. */
    int partOfKey(int key);
}
