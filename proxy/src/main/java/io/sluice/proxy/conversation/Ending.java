package io.sluice.proxy.conversation;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.protocol.ReplySink;

/** Passes a reply on, and does something before its last piece: whoever gets that may go on at once. Event-loop only. */
final class Ending implements ReplySink {

    private final ReplySink target;
    private final Runnable atEnd;

    Ending(ReplySink target, Runnable atEnd) {
        this.target = target;
        this.atEnd = atEnd;
    }

    @Override
    public void onReply(ByteBuf source, int offset, int length, boolean last) {
        if (last) {
            atEnd.run();
        }
        target.onReply(source, offset, length, last);
    }

    @Override
    public void onLastReply(ByteBuf error) {
        atEnd.run();
        target.onLastReply(error);
    }

    @Override
    public boolean keep(int bytes) {
        return target.keep(bytes);
    }

    @Override
    public void dropped(int bytes) {
        target.dropped(bytes);
    }

    @Override
    public void onBroken(String detail) {
        atEnd.run();
        target.onBroken(detail);
    }
}
