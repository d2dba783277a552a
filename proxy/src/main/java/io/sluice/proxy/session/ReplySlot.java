package io.sluice.proxy.session;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.admission.Admission;
import io.sluice.proxy.budget.ClientBudget;
import io.sluice.proxy.protocol.ReplySink;
import org.jspecify.annotations.Nullable;

/**
 * The place of one reply among those a client waits for. Pooled: taken for a request, given back when its reply has
 * been heard of, which for an abandoned one may be long after its client is gone. Event-loop only.
 */
final class ReplySlot implements ReplySink {

    private final ReplySlotPool pool;

    @Nullable PendingReplies owner; // null once the client is gone

    private @Nullable Admission admission; // that has counted the request

    long since; // the reply is owed
    boolean idle; // in the pool
    boolean read; // the request changes nothing, so the reply may be large
    boolean ready; // the whole reply is held
    boolean started; // some of it has gone to the client
    boolean overflowed; // more came than may be held
    boolean silent; // the client does not want it

    /** Where a whole early reply lies in its owner's shared buffer. */
    int heldOffset;

    int heldLength;

    long bytes; // of the reply, so far

    /** A reply that came in pieces, too early; null when it is not held that way. */
    @Nullable ByteBuf pieces;

    ReplySlot(ReplySlotPool pool) {
        this.pool = pool;
    }

    @Override
    public void onReply(ByteBuf source, int offset, int length, boolean last) {
        PendingReplies replies = owner;
        if (replies != null) {
            try {
                replies.onReply(this, source, offset, length, last);
            } catch (Throwable e) { // as when memory runs out: this client's trouble must not become another one's
                replies.onFailure(e);
            }
        } else if (last) {
            recycle();
        }
    }

    @Override
    public void onLastReply(ByteBuf error) {
        PendingReplies replies = owner;
        onReply(error, error.readerIndex(), error.readableBytes(), true);
        if (replies != null) {
            replies.onMustGo();
        }
    }

    @Override
    public void onBroken(String detail) {
        PendingReplies replies = owner;
        if (replies != null) {
            try {
                replies.onBroken(this, detail);
            } catch (Throwable e) {
                replies.onFailure(e);
            }
        } else {
            recycle();
        }
    }

    @Override
    public boolean keep(int more) {
        return pool.splits().hold(budget(), more);
    }

    @Override
    public void dropped(int kept) {
        pool.splits().release(budget(), kept);
    }

    private @Nullable ClientBudget budget() {
        return owner == null ? null : owner.budget();
    }

    /** Whether the request may go on; if so, it is in flight until the place is given back. */
    boolean enter(Admission pool) {
        if (!pool.enterRequest()) {
            return false;
        }
        admission = pool;
        return true;
    }

    void dropPieces() {
        if (pieces != null) {
            pieces.release();
            pieces = null;
        }
    }

    /** Nobody refers to it any more but its pool. */
    void recycle() {
        if (idle) {
            throw new IllegalStateException("A reply slot was given back twice");
        }
        idle = true;
        if (admission != null) {
            admission.leaveRequest();
            admission = null;
        }
        dropPieces();
        owner = null;
        ready = false;
        started = false;
        overflowed = false;
        silent = false;
        heldLength = 0;
        bytes = 0;
        pool.give(this);
    }
}
