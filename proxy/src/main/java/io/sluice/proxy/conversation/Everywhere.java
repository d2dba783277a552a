package io.sluice.proxy.conversation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import org.jspecify.annotations.Nullable;

/** One reply of those of all servers: an error if one of them is, which must not be large. Event-loop only. */
final class Everywhere implements ReplySink {

    /** Of replies that say OK or an error, more is not kept. */
    private static final int MOST_REPLY_BYTES = 64 << 10;

    private final Protocol protocol;
    private final ReplySink slot;
    private int owed;
    private @Nullable ByteBuf chosen;
    private boolean failed;

    Everywhere(Protocol protocol, ReplySink slot, int servers) {
        this.protocol = protocol;
        this.slot = slot;
        this.owed = servers;
    }

    @Override
    public void onReply(ByteBuf source, int offset, int length, boolean last) {
        boolean isError = protocol.isError(source, offset);
        if (last && length <= MOST_REPLY_BYTES && !failed && (chosen == null || isError)) {
            chosen = Unpooled.buffer(length).writeBytes(source, offset, length);
            failed = isError;
        }
        if (last) {
            oneDone();
        }
    }

    @Override
    public void onBroken(String detail) {
        oneDone();
    }

    private void oneDone() {
        ByteBuf reply = chosen;
        if (--owed == 0) {
            if (reply == null) {
                slot.onBroken("no server has answered in full");
            } else {
                slot.onReply(reply, 0, reply.readableBytes(), true);
            }
        }
    }
}
