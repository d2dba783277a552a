package io.sluice.proxy.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sluice.proxy.budget.ClientBudget;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.transport.OutBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replies a client waits for, in request order. Event-loop only.
 *
 * <pre>
 *   oldest                               newest
 *   [ready] [ready] [waiting] [ready] [waiting]
 *   └ written now ┘              └ held until the third has been written
 * </pre>
 *
 * What arrives for the oldest goes straight into the client's out buffer. What arrives early is held: whole replies one
 * behind the other in one buffer of this client, a large one that comes in pieces in a buffer of its own.
 */
final class PendingReplies {

    /** Hears when replies have left the queue or are held, and when the client cannot be served any more. */
    interface Owner {
        void onRepliesWritten();

        void onReplyHeld();

        void onReplyBroken();

        /** The client has been told that it cannot know what became of a request, and must go. */
        void onMustGo();
    }

    private static final Logger log = LoggerFactory.getLogger(PendingReplies.class);

    private static final int FIRST_CAPACITY = 4;

    private final ReplySlotPool pool;
    private final Protocol protocol;
    private final OutBuffer out;
    private final ByteBufAllocator allocator;
    private final ClientBudget budget;
    private final ClientCounts counts;
    private final Owner client;

    private @Nullable ReplySlot[] ring = new ReplySlot[0];
    private int head;
    private int size;

    private @Nullable ByteBuf held;
    private int awaitedBytes; // in "held" that are not written yet

    PendingReplies(
            ReplySlotPool pool,
            Protocol protocol,
            OutBuffer out,
            ByteBufAllocator allocator,
            ClientBudget budget,
            ClientCounts counts,
            Owner client) {
        this.pool = pool;
        this.protocol = protocol;
        this.out = out;
        this.allocator = allocator;
        this.budget = budget;
        this.counts = counts;
        this.client = client;
    }

    /**
     * Takes the next place in the output. The caller bounds {@link #size()}.
     *
     * @param wanted whether the client wants the reply; else the place stays empty, but counts until the reply is there
     * @param read whether the request reads, so that its reply is a value
     */
    ReplySlot append(boolean wanted, boolean read) {
        if (size == ring.length) {
            grow();
        }
        ReplySlot slot = pool.take(this);
        slot.silent = !wanted;
        slot.read = read;
        slot.since = counts.now();
        ring[(head + size) & (ring.length - 1)] = slot;
        size++;
        budget.onRequest(read);
        return slot;
    }

    private void grow() {
        ReplySlot[] larger = new ReplySlot[Math.max(FIRST_CAPACITY, ring.length * 2)];
        for (int i = 0; i < size; i++) {
            larger[i] = ring[(head + i) & (ring.length - 1)];
        }
        ring = larger;
        head = 0;
    }

    /** The request of the newest place is not taken yet after all; nothing knows of the place but its taker. */
    void takeBack() {
        size--;
        int index = (head + size) & (ring.length - 1);
        ReplySlot slot = ring[index];
        ring[index] = null;
        if (slot != null) {
            budget.onTakenBack(slot.read);
            slot.recycle();
        }
        dropEmptyBuffer();
    }

    int size() {
        return size;
    }

    /** Whether no place was taken after this one. */
    @SuppressWarnings("ReferenceEquality") // a slot is a place, not a value
    boolean isNewest(ReplySink slot) {
        return size > 0 && ring[(head + size - 1) & (ring.length - 1)] == slot;
    }

    ClientBudget budget() {
        return budget;
    }

    /** What the client gets without a place for it: never within a reply, since none is begun while it gets such. */
    void push(ByteBuf source, int offset, int length) {
        out.append(source, offset, length);
        counts.onAppended();
        client.onRepliesWritten();
    }

    @SuppressWarnings("ReferenceEquality") // a slot is a place, not a value
    void onReply(ReplySlot slot, ByteBuf source, int offset, int length, boolean last) {
        if (slot.silent && length > 0) {
            if (last) {
                onReply(slot, source, offset, 0, true);
            }
            return;
        }
        slot.bytes += length;
        if (last) {
            budget.onReply(slot.bytes, slot.read);
        }
        if (slot != ring[head]) {
            hold(slot, source, offset, length, last);
            client.onReplyHeld();
            return;
        }
        if (slot.overflowed) { // its beginning is lost
            slot.ready = last;
            writeReady();
        } else {
            writeDirectly(slot, source, offset, length, last);
        }
        counts.onAppended();
        client.onRepliesWritten();
    }

    private void writeDirectly(ReplySlot slot, ByteBuf source, int offset, int length, boolean last) {
        if (length > 0) {
            out.append(source, offset, length);
        }
        if (last) {
            removeHead();
            writeReady();
        } else {
            slot.started = true;
        }
    }

    // ---- early replies

    private void hold(ReplySlot slot, ByteBuf source, int offset, int length, boolean last) {
        if (length == 0) {
            slot.ready = last;
            return;
        }
        if (slot.overflowed || !budget.holdEarly(length)) {
            overflow(slot, last);
            return;
        }
        if (last && slot.pieces == null) {
            holdWhole(slot, source, offset, length);
        } else {
            if (slot.pieces == null) {
                slot.pieces = allocator.directBuffer(length);
            }
            slot.pieces.writeBytes(source, offset, length);
        }
        slot.ready = last;
    }

    private void holdWhole(ReplySlot slot, ByteBuf source, int offset, int length) {
        ByteBuf buffer = roomToHold(length);
        slot.heldOffset = buffer.writerIndex();
        slot.heldLength = length;
        buffer.writeBytes(source, offset, length);
        awaitedBytes += length;
    }

    /** A full buffer, most of which has been written, is compacted: it is never empty while requests keep coming. */
    private ByteBuf roomToHold(int length) {
        ByteBuf buffer = held;
        if (buffer == null) {
            buffer = allocator.directBuffer(Math.max(length, 256));
        } else if (buffer.writableBytes() < length && awaitedBytes <= buffer.writerIndex() / 2) {
            buffer = compacted(buffer, length);
        }
        held = buffer;
        return buffer;
    }

    /** Takes over {@code old}. */
    private ByteBuf compacted(ByteBuf old, int room) {
        ByteBuf compacted = allocator.directBuffer(Math.max(old.capacity() / 2, awaitedBytes + room));
        for (int i = 0; i < size; i++) {
            ReplySlot slot = ring[(head + i) & (ring.length - 1)];
            if (slot != null && slot.heldLength > 0) {
                int offset = compacted.writerIndex();
                compacted.writeBytes(old, slot.heldOffset, slot.heldLength);
                slot.heldOffset = offset;
            }
        }
        old.release();
        return compacted;
    }

    /** The reply becomes an error that says so, once all of it has come by. */
    private void overflow(ReplySlot slot, boolean last) {
        slot.overflowed = true;
        if (slot.pieces != null) {
            budget.releaseEarly(slot.pieces.readableBytes());
            slot.dropPieces();
        }
        slot.ready = last;
    }

    private void writeReady() {
        ReplySlot slot;
        while (size > 0 && (slot = ring[head]) != null) {
            writeHeld(slot);
            if (!slot.ready) {
                break;
            }
            removeHead();
        }
        dropEmptyBuffer();
    }

    private void dropEmptyBuffer() {
        if (size == 0 && held != null) {
            held.release();
            held = null;
        }
    }

    private void writeHeld(ReplySlot slot) {
        if (slot.overflowed) {
            if (slot.ready) {
                counts.onError(ErrorKind.OVERLOADED);
                append(protocol.error(
                        ErrorKind.OVERLOADED,
                        "replies held for this client exceed " + budget.limits().maxHeldBytes()
                                + " bytes (limits.client_held_bytes)"));
            }
        } else if (slot.pieces != null) {
            append(slot.pieces);
            budget.releaseEarly(slot.pieces.readableBytes());
            slot.dropPieces();
            slot.started = true;
        } else if (slot.heldLength > 0 && held != null) {
            out.append(held, slot.heldOffset, slot.heldLength);
            budget.releaseEarly(slot.heldLength);
            awaitedBytes -= slot.heldLength;
            if (awaitedBytes == 0) {
                held.clear();
            }
        }
    }

    private void append(ByteBuf reply) {
        out.append(reply, reply.readerIndex(), reply.readableBytes());
    }

    private void removeHead() {
        ReplySlot slot = ring[head];
        ring[head] = null;
        head = (head + 1) & (ring.length - 1);
        size--;
        if (slot != null) {
            counts.onReply(slot.since);
            slot.recycle();
        }
    }

    // ---- ends

    /** A reply could not be taken in; where it stands in the output is lost, so the client must go. */
    void onFailure(Throwable cause) {
        log.error("Client closed, a reply could not be taken in", cause);
        client.onReplyBroken();
    }

    /** The rest of a reply will never come: an error if nothing of it has been written, else the client must go. */
    void onBroken(ReplySlot slot, String detail) {
        if (slot.started) {
            slot.ready = true; // nothing more will come for it
            client.onReplyBroken();
            return;
        }
        if (slot.pieces != null) {
            budget.releaseEarly(slot.pieces.readableBytes());
            slot.dropPieces();
        }
        slot.overflowed = false;
        ByteBuf error = protocol.error(ErrorKind.CONNECTION_LOST, detail);
        onReply(slot, error, 0, error.readableBytes(), true);
    }

    /** The client has had its last error. */
    void onMustGo() {
        client.onMustGo();
    }

    /** The client is gone: what waits for it is dropped, and replies still to come are as they arrive. */
    void abandonAll() {
        for (int i = 0; i < size; i++) {
            ReplySlot slot = ring[(head + i) & (ring.length - 1)];
            if (slot != null) {
                abandon(slot);
            }
        }
        int abandoned = size;
        ring = new ReplySlot[0];
        head = 0;
        size = 0;
        awaitedBytes = 0;
        if (held != null) {
            held.release();
            held = null;
        }
        out.clear();
        counts.onAbandoned(abandoned);
    }

    private static void abandon(ReplySlot slot) {
        slot.owner = null;
        slot.dropPieces();
        if (slot.ready) {
            slot.recycle(); // nothing more will come for it
        }
    }
}
