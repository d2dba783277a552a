package io.sluice.proxy.conversation;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.protocol.ReplySink;

/** For replies that tell nothing which a later one does not tell as well, as that a request is queued. */
enum Ignored implements ReplySink {
    REPLY;

    @Override
    public void onReply(ByteBuf source, int offset, int length, boolean last) {}

    @Override
    public void onBroken(String detail) {}
}
