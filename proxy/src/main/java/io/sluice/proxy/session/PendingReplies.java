package io.sluice.proxy.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.transport.OutBuffer;
import org.jspecify.annotations.Nullable;

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

    /** Hears when replies have left the queue, and when the client cannot be served any more. */
    interface Owner {
        void onRepliesWritten();

        void onReplyBroken();
    }

    private static final int FIRST_CAPACITY = 4;

    /** Written bytes that may stay in "held" before the rest is moved together. */
    private static final int KEPT_WASTE_BYTES = 64 << 10;

    private final ReplySlotPool pool;
    private final Protocol protocol;
    private final OutBuffer out;
    private final ByteBufAllocator allocator;
    private final int maxHeldBytes;
    private final Owner client;

    private @Nullable ReplySlot[] ring = new ReplySlot[0];
    private int head;
    private int size;

    private @Nullable ByteBuf held;
    private int heldReplies; // that lie in "held"
    private int heldWhole; // bytes in "held" that are still to be written
    private int heldBytes; // in "held" and in pieces

    PendingReplies(
            ReplySlotPool pool,
            Protocol protocol,
            OutBuffer out,
            ByteBufAllocator allocator,
            int maxHeldBytes,
            Owner client) {
        this.pool = pool;
        this.protocol = protocol;
        this.out = out;
        this.allocator = allocator;
        this.maxHeldBytes = maxHeldBytes;
        this.client = client;
    }

    /** Takes the next place in the output. The caller bounds {@link #size()}. */
    ReplySink append() {
        if (size == ring.length) {
            grow();
        }
        ReplySlot slot = pool.take(this);
        ring[(head + size) & (ring.length - 1)] = slot;
        size++;
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

    int size() {
        return size;
    }

    @SuppressWarnings("ReferenceEquality") // a slot is a place, not a value
    void onReply(ReplySlot slot, ByteBuf source, int offset, int length, boolean last) {
        if (slot != ring[head]) {
            hold(slot, source, offset, length, last);
            return;
        }
        if (slot.overflowed) { // its beginning is dropped, so is the rest
            slot.ready = last;
            writeReady();
        } else {
            out.append(source, offset, length);
            slot.started = true;
            if (last) {
                removeHead();
                writeReady();
            }
        }
        client.onRepliesWritten();
    }

    // ---- early replies

    private void hold(ReplySlot slot, ByteBuf source, int offset, int length, boolean last) {
        if (slot.overflowed || heldBytes + length > maxHeldBytes) {
            overflow(slot, last);
            return;
        }
        heldBytes += length;
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
        if (held == null) {
            held = allocator.directBuffer(Math.max(length, 256));
        } else if (held.writerIndex() - heldWhole > Math.max(heldWhole, KEPT_WASTE_BYTES)) {
            held = withoutWritten(held);
        }
        heldWhole += length;
        slot.heldOffset = held.writerIndex();
        slot.heldLength = length;
        held.writeBytes(source, offset, length);
        heldReplies++;
    }

    /** Takes over {@code old}, most of which has been written; it is never empty where replies overtake each other for long. */
    private ByteBuf withoutWritten(ByteBuf old) {
        ByteBuf dense = allocator.directBuffer(Math.max(2 * heldWhole, 256));
        for (int i = 0; i < size; i++) {
            ReplySlot slot = ring[(head + i) & (ring.length - 1)];
            if (slot != null && slot.heldLength > 0) {
                int offset = dense.writerIndex();
                dense.writeBytes(old, slot.heldOffset, slot.heldLength);
                slot.heldOffset = offset;
            }
        }
        old.release();
        return dense;
    }

    /** The reply becomes an error that says so, once all of it has come by. */
    private void overflow(ReplySlot slot, boolean last) {
        slot.overflowed = true;
        if (slot.pieces != null) {
            heldBytes -= slot.pieces.readableBytes();
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
        if (size == 0 && held != null) {
            held.release();
            held = null;
        }
    }

    private void writeHeld(ReplySlot slot) {
        if (slot.overflowed) {
            if (slot.ready) {
                append(protocol.error(
                        ErrorKind.OVERLOADED,
                        "replies held for this client exceed " + maxHeldBytes + " bytes (limits.client_held_bytes)"));
            }
        } else if (slot.pieces != null) {
            append(slot.pieces);
            heldBytes -= slot.pieces.readableBytes();
            slot.dropPieces();
            slot.started = true;
        } else if (slot.ready && held != null) {
            out.append(held, slot.heldOffset, slot.heldLength);
            heldBytes -= slot.heldLength;
            heldWhole -= slot.heldLength;
            if (--heldReplies == 0) {
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
            slot.recycle();
        }
    }

    // ---- ends

    /** The rest of a reply will never come: an error if nothing of it has been written, else the client must go. */
    void onBroken(ReplySlot slot) {
        if (slot.started) {
            client.onReplyBroken();
            return;
        }
        if (slot.pieces != null) {
            heldBytes -= slot.pieces.readableBytes();
            slot.dropPieces();
        }
        slot.overflowed = false;
        ByteBuf error = protocol.error(ErrorKind.CONNECTION_LOST, "the server closed in the middle of its reply");
        onReply(slot, error, 0, error.readableBytes(), true);
    }

    /** The client is gone: what it has not taken is dropped now, replies still to come as they arrive. */
    void abandonAll() {
        out.clear();
        for (int i = 0; i < size; i++) {
            ReplySlot slot = ring[(head + i) & (ring.length - 1)];
            if (slot != null) {
                abandon(slot);
            }
        }
        ring = new ReplySlot[0];
        head = 0;
        size = 0;
        heldBytes = 0;
        if (held != null) {
            held.release();
            held = null;
        }
    }

    private static void abandon(ReplySlot slot) {
        slot.owner = null;
        slot.dropPieces();
        if (slot.ready) {
            slot.recycle(); // nothing more will come for it
        }
    }
}
