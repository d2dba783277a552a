package io.sluice.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.routing.cluster.Handoff;
import org.jspecify.annotations.Nullable;

/**
 * Lets a reply to a request in slots of a handoff pass only if its server certainly owned them when it carried the request
 * out. Event-loop only.
 *
 * <pre>
 *             the lease was held all the time
 *   WAITING ──────────────────────────────────▶ PASSING     piece by piece, as everywhere
 *      │ it was not                                ▲
 *      └──▶ HOLDING ── held again, and nothing ────┘
 *              │       has been frozen since
 *              └────── something has, or too late ─▶ DROPPED     an error instead
 * </pre>
 */
final class RelayCheck implements ReplySink {

    private enum State {
        WAITING,
        PASSING,
        HOLDING,
        DROPPED
    }

    private final HandoffGate gate;
    private final Handoff[] handoffs;
    private final long renewals; // of the lease, when the request was sent
    private final long epoch; // that was served by then
    private final boolean read;
    private final ReplySink target;
    private State state = State.WAITING;
    private @Nullable ByteBuf held;
    private boolean whole; // all of the reply is held
    private long heldSince;
    private int kept; // bytes, for parts of the reply that is to be made

    RelayCheck(HandoffGate gate, Handoff[] handoffs, long renewals, long epoch, boolean read, ReplySink target) {
        this.gate = gate;
        this.handoffs = handoffs;
        this.renewals = renewals;
        this.epoch = epoch;
        this.read = read;
        this.target = target;
    }

    Handoff[] handoffs() {
        return handoffs;
    }

    long epoch() {
        return epoch;
    }

    boolean isRead() {
        return read;
    }

    long heldSince() {
        return heldSince;
    }

    @Override
    public void onReply(ByteBuf source, int offset, int length, boolean last) {
        if (state == State.WAITING) {
            begin();
        }
        switch (state) {
            case PASSING -> target.onReply(source, offset, length, last);
            case HOLDING -> hold(source, offset, length, last);
            case WAITING, DROPPED -> {} // the requester has got an error in its place
        }
    }

    private void begin() {
        if (gate.isUnbroken(handoffs, renewals)) {
            state = State.PASSING;
        } else {
            state = State.HOLDING;
            heldSince = gate.hold(this);
        }
    }

    private void hold(ByteBuf source, int offset, int length, boolean last) {
        if (!gate.mayHold(length) || !target.keep(length)) {
            gate.drop(this);
            return;
        }
        ByteBuf all = held;
        if (all == null) {
            all = Unpooled.buffer(length);
            held = all;
        }
        all.writeBytes(source, offset, length);
        gate.onHeldBytes(length);
        whole = last;
    }

    /** The server owned the slots. */
    void pass() {
        state = State.PASSING;
        ByteBuf reply = takeHeld();
        if (reply != null) {
            target.onReply(reply, 0, reply.readableBytes(), whole);
        }
    }

    /** It may not have. Borrows the error. */
    void drop(ByteBuf error, boolean clientMustGo) {
        state = State.DROPPED;
        takeHeld();
        target.dropped(kept); // whoever asked is told now, and its place may be another request's from then on
        kept = 0;
        if (clientMustGo) {
            target.onLastReply(error);
        } else {
            target.onReply(error, error.readerIndex(), error.readableBytes(), true);
        }
    }

    private @Nullable ByteBuf takeHeld() {
        ByteBuf reply = held;
        held = null;
        if (reply != null) {
            gate.onHeldBytes(-reply.readableBytes());
            target.dropped(reply.readableBytes());
        }
        return reply;
    }

    /** An error of ours, whatever the lease says: nothing of the server's is passed on. */
    @Override
    public void onBroken(String detail) {
        if (state == State.HOLDING) {
            gate.forget(this);
            takeHeld();
        }
        if (state != State.DROPPED) {
            state = State.PASSING;
            target.onBroken(detail);
        }
    }

    @Override
    public boolean keep(int bytes) {
        if (state == State.DROPPED || !target.keep(bytes)) {
            return false;
        }
        kept += bytes;
        return true;
    }

    @Override
    public void dropped(int bytes) {
        if (state != State.DROPPED) {
            kept -= bytes;
            target.dropped(bytes);
        }
    }
}
