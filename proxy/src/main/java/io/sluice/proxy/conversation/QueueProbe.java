package io.sluice.proxy.conversation;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.SessionWords;
import io.sluice.proxy.transport.OutBuffer;

/**
 * A request that may wait for data, asked so that it does not: a server lets nobody wait in a transaction. What comes is as
 * if it had waited. Event-loop only.
 *
 * <pre>
 *   MULTI, BLPOP q 0, EXEC  ─▶  OK, QUEUED, *1 *2 q element   ─▶  *2 q element
 *                                           *1 *-1            ─▶  nothing
 * </pre>
 */
final class QueueProbe implements ReplySink {

    /** Replies that come before the one that tells. */
    static final int OTHERS = 2;

    private final SessionWords words;
    private final ReplySink target;
    private final Runnable whenNothing;
    private boolean started;

    /** @param target of a reply that is not nothing */
    QueueProbe(SessionWords words, ReplySink target, Runnable whenNothing) {
        this.words = words;
        this.target = target;
        this.whenNothing = whenNothing;
    }

    void appendTo(OutBuffer out, byte[] request) {
        out.append(words.begin());
        out.append(request);
        out.append(words.commit());
    }

    @Override
    public void onReply(ByteBuf source, int offset, int length, boolean last) {
        int own = started ? offset : words.onlyReply(source, offset);
        if (!started && last && words.isNothing(source, own)) {
            whenNothing.run();
            return;
        }
        started = true;
        target.onReply(source, own, length - (own - offset), last);
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
        target.onBroken(detail);
    }
}
