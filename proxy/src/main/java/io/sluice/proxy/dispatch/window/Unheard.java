package io.sluice.proxy.dispatch.window;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.protocol.ReplySink;

/** Of a reply that nobody waits for. */
enum Unheard implements ReplySink {
    SINK;

    @Override
    public boolean isOfProxy() {
        return true;
    }

    @Override
    public void onReply(ByteBuf source, int offset, int length, boolean last) {}

    @Override
    public void onBroken(String detail) {}
}
