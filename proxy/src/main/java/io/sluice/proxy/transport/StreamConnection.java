package io.sluice.proxy.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link Connection} over any {@link Wire}. Event-loop only.
 *
 * <pre>
 *   socket ─▶ shared read buffer ─▶ handler.onData        a partial message is copied to "kept",
 *              └───── kept ◀──────────── rest             and the next read goes there directly
 *
 *   out buffer ─▶ [one write in flight] ─▶ socket          while it lasts, the out buffer fills up
 * </pre>
 *
 * What is still in the out buffer has certainly not left: the wire takes more only when the socket has what was taken.
 */
@SuppressWarnings("ReferenceEquality") // whether two references are the same buffer is the question
final class StreamConnection implements Connection, TurnTask {

    private static final Logger log = LoggerFactory.getLogger(StreamConnection.class);

    /** How long a peer that does not read may keep a closing connection open. */
    private static final int LINGER_SECONDS = 5;

    /** How long a peer that has been sent everything may take to close. */
    private static final int DISCARD_SECONDS = 2;

    /** Most room behind a message of which little has come: many clients may each send a little and no more. */
    private static final int FIRST_ROOM_BYTES = 4 << 10;

    private final Wire wire;
    private final LoopResources resources;
    private final OutBuffer out;
    private final ConnectionHandler handler;

    private @Nullable ByteBuf kept;
    private @Nullable InetSocketAddress announced; // for whom the peer has connected, if it said so
    private boolean inTurnQueue;
    private boolean redeliver;
    private boolean writeInFlight;
    private boolean closeWhenSent;
    private boolean hadUnsent; // when closing began
    private boolean inputEnded;
    private boolean discarding; // everything is sent; what comes is dropped until the peer closes
    private @Nullable Future<?> linger;
    private @Nullable Future<?> endOfDiscarding;
    private boolean opened;
    private boolean givenUpReading;
    private boolean usable; // from opening until the first word of closing

    StreamConnection(Wire wire, LoopResources resources, OutBuffer out, ConnectionHandler handler) {
        this.wire = wire;
        this.resources = resources;
        this.out = out;
        this.handler = handler;
    }

    void onOpen() {
        onOpen(Unpooled.EMPTY_BUFFER);
    }

    /** The socket is open, and of what it brings {@code unread}, borrowed, has been read before. */
    void onOpen(ByteBuf unread) {
        opened = true;
        usable = true;
        try {
            handler.onOpen(this);
            if (unread.isReadable()) {
                onBytes(unread);
            }
        } catch (Throwable e) { // as when memory runs out: it must not end the loop of all the others
            closeBecauseOf(e);
        }
    }

    // ---- in

    /** Where the next read goes: behind the part of a message that is kept, or into the shared buffer. */
    ByteBuf readTarget() {
        return kept != null ? kept.retain() : resources.readBuffers().borrow();
    }

    /** Bytes have been read, into what {@link #readTarget()} gave or into a buffer of the wire's own. Borrows {@code in}. */
    void onBytes(ByteBuf in) {
        resources.clock().refresh();
        if (kept == null) {
            deliver(in);
        } else {
            if (in != kept) { // io_uring reads into buffers of its own
                kept.writeBytes(in);
            }
            deliver(kept);
        }
    }

    private void deliver(ByteBuf in) {
        if (!usable || discarding) {
            return; // a read that was under way, or what nobody waits for
        }
        int wanted = handler.onData(in);
        if (!usable) {
            return;
        }
        if (in.isReadable()) {
            keep(in, wanted);
        } else {
            dropKept();
        }
    }

    /**
     * Keeps what was not consumed, with room for what is wanted. The room grows with what has really arrived, never
     * with what a length field announces.
     */
    private void keep(ByteBuf in, int wanted) {
        int held = in.readableBytes();
        int room = Math.min(Math.max(wanted, 512), Math.max(held, FIRST_ROOM_BYTES));
        if (in == kept && in.readerIndex() <= held) { // what is moved has been paid for by as much that was consumed
            in.ensureWritable(room);
            return;
        }
        ByteBuf next = resources.readBuffers().newKept(held + room);
        next.writeBytes(in, in.readerIndex(), held);
        dropKept();
        kept = next;
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void dropKept() {
        if (kept != null) {
            kept.release();
            kept = null;
        }
    }

    private void offerAgain() {
        if (redeliver) {
            redeliver = false;
            resources.clock().refresh(); // a turn may begin without bytes
            if (usable && wire.isReading()) {
                deliver(kept == null ? Unpooled.EMPTY_BUFFER : kept);
            }
        }
    }

    @Override
    public void setReading(boolean reading) {
        if (closeWhenSent || givenUpReading || wire.isReading() == reading) {
            return;
        }
        wire.setReading(reading);
        if (reading) {
            redeliver = true;
            joinTurn();
        }
    }

    @Override
    public int stopReading(Runnable whenStopped) {
        if (!usable || closeWhenSent) {
            return -1;
        }
        return wire.stopReading(() -> {
            givenUpReading = true;
            whenStopped.run();
        });
    }

    @Override
    public byte[] unread() {
        return kept == null ? new byte[0] : ByteBufUtil.getBytes(kept);
    }

    @Override
    public int unreadBytes() {
        return kept == null ? 0 : kept.readableBytes();
    }

    /** The peer sends no more. */
    void onInputEnd() {
        inputEnded = true;
        if (discarding) {
            close();
            return;
        }
        offerAgain(); // what came before the end, if this turn has not come to it yet
        handler.onInputClosed();
    }

    // ---- out

    @Override
    public void flushThisTurn() {
        joinTurn();
    }

    private void joinTurn() {
        if (!inTurnQueue) {
            inTurnQueue = true;
            resources.turnQueue().add(this);
        }
    }

    @Override
    public void endTurn() {
        inTurnQueue = false;
        try {
            offerAgain();
            flush();
            lingerIfUnsent();
        } catch (Throwable e) { // the queue must go on: all other connections of this loop are flushed by it
            closeBecauseOf(e);
        }
    }

    private void flush() {
        if (writeInFlight || !usable) {
            return;
        }
        if (out.isEmpty()) {
            closeIfAllSent();
            return;
        }
        writeInFlight = true;
        wire.write(out);
    }

    /** Some of what was taken from the out buffer is with the socket now. */
    void onProgress() {
        handler.onSent();
    }

    /** Everything taken from the out buffer is with the socket. */
    void onWritten() {
        writeInFlight = false;
        if (!out.isEmpty()) {
            joinTurn();
        }
        handler.onSent();
        closeIfAllSent();
    }

    private void closeIfAllSent() {
        if (closeWhenSent && !writeInFlight && out.isEmpty() && usable) {
            if (hadUnsent && !inputEnded) {
                endOutput();
            } else {
                close();
            }
        }
    }

    /**
     * Tells the peer that no more will come, and drops what it still sends until it closes as well. Closing at once with
     * its bytes unread would make the kernel throw away what it has not delivered yet, and reset the connection.
     */
    private void endOutput() {
        if (!discarding) {
            discarding = true;
            dropKept();
            wire.setReading(true);
            wire.endOutput();
            endOfDiscarding = wire.schedule(this::close, DISCARD_SECONDS);
        }
    }

    /** From direct memory: a kernel that is spoken to without a channel needs an address. */
    @Override
    public void sendAhead(ByteBuf first) {
        ByteBuf direct = resources.allocator().directBuffer(first.readableBytes());
        direct.writeBytes(first);
        first.release();
        wire.writeAhead(direct);
    }

    @Override
    public long unsentBytes() {
        return out.waiting() + wire.unwritten();
    }

    // ---- end

    @Override
    public void closeAfterFlush() {
        if (!closeWhenSent) {
            closeWhenSent = true;
            hadUnsent = writeInFlight || !out.isEmpty();
            redeliver = false;
            wire.setReading(false);
            joinTurn();
        }
    }

    /** A closing connection stays as long as its peer takes something now and then. */
    private void lingerIfUnsent() {
        if (closeWhenSent && usable && !discarding && linger == null) {
            long unsent = unsentBytes();
            linger = wire.schedule(() -> lingered(unsent), LINGER_SECONDS);
        }
    }

    private void lingered(long unsentBefore) {
        linger = null;
        if (unsentBytes() < unsentBefore) {
            lingerIfUnsent();
        } else {
            close();
        }
    }

    @Override
    public void close() {
        usable = false;
        wire.close();
    }

    /** The socket is gone. */
    void onClosed() {
        usable = false;
        dropKept();
        cancel(linger);
        cancel(endOfDiscarding);
        if (opened) {
            opened = false;
            handler.onClosed();
        }
    }

    /** Something failed that ends the connection. */
    void closeBecauseOf(Throwable cause) {
        if (cause instanceof IOException) {
            log.debug("Connection lost: peer={}", peer(), cause);
        } else if (cause instanceof OutOfMemoryError) {
            log.error(
                    "Connection closed, no memory is left for its bytes: peer={} cause={}", peer(), cause.getMessage());
        } else {
            log.error("Connection closed because of a bug: peer={}", peer(), cause);
        }
        close();
    }

    @Override
    public String peer() {
        return announced == null ? wire.peer() : announced + " through " + wire.peer();
    }

    @Override
    public @Nullable InetAddress source() {
        return announced == null ? wire.source() : announced.getAddress();
    }

    @Override
    public void announce(InetSocketAddress client) {
        announced = client;
    }

    @Override
    public @Nullable InetSocketAddress announced() {
        return announced;
    }
}
