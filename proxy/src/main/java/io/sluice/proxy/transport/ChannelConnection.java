package io.sluice.proxy.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link Connection} over a Netty channel. Event-loop only.
 *
 * <pre>
 *   socket ─▶ shared read buffer ─▶ handler.onData        a partial message is copied to "kept",
 *              └───── kept ◀──────────── rest             and the next read goes there directly
 *
 *   out buffer ─▶ [one write in flight] ─▶ socket          while it lasts, the out buffer fills up
 * </pre>
 *
 * At most one write is in flight: what is still in the out buffer has certainly not left, and leaves by one larger
 * write when the first is done.
 */
@SuppressWarnings("ReferenceEquality") // whether two references are the same buffer is the question
final class ChannelConnection extends ChannelInboundHandlerAdapter
        implements Connection, ChannelFutureListener, TurnTask {

    private static final Logger log = LoggerFactory.getLogger(ChannelConnection.class);

    /** How long a peer that does not read may keep a closing connection open. */
    private static final int LINGER_SECONDS = 5;

    /** How long a peer that has been sent everything may take to close. */
    private static final int DISCARD_SECONDS = 2;

    /** Most room behind a message of which little has come: many clients may each send a little and no more. */
    private static final int FIRST_ROOM_BYTES = 4 << 10;

    private final Channel channel;
    private final LoopResources resources;
    private final OutBuffer out;
    private final ConnectionHandler handler;

    private @Nullable ByteBuf kept;
    private boolean inTurnQueue;
    private boolean redeliver;
    private boolean writeInFlight;
    private long bytesInFlight;
    private boolean closeWhenSent;
    private boolean hadUnsent; // when closing began
    private boolean inputEnded;
    private boolean discarding; // everything is sent; what comes is dropped until the peer closes
    private @Nullable Future<?> linger;
    private @Nullable Future<?> endOfDiscarding;
    private boolean opened;
    private boolean usable; // from opening until the first word of closing

    ChannelConnection(Channel channel, LoopResources resources, OutBuffer out, ConnectionHandler handler) {
        this.channel = channel;
        this.resources = resources;
        this.out = out;
        this.handler = handler;
    }

    // ---- in

    /** Where the next read goes: behind the part of a message that is kept, or into the shared buffer. */
    ByteBuf readTarget() {
        return kept != null ? kept.retain() : resources.readBuffers().borrow();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        opened = true;
        usable = true;
        handler.onOpen(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            resources.clock().refresh();
            if (kept == null) {
                deliver(in);
            } else {
                if (in != kept) { // io_uring reads into buffers of its own
                    kept.writeBytes(in);
                }
                deliver(kept);
            }
        } finally {
            in.release();
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
        if (in == kept && in.readerIndex() == 0) {
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
            if (usable && channel.config().isAutoRead()) {
                deliver(kept == null ? Unpooled.EMPTY_BUFFER : kept);
            }
        }
    }

    @Override
    public void setReading(boolean reading) {
        if (closeWhenSent || channel.config().isAutoRead() == reading) {
            return;
        }
        channel.config().setAutoRead(reading);
        if (reading) {
            redeliver = true;
            joinTurn();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            inputEnded = true;
            if (discarding) {
                close();
                return;
            }
            offerAgain(); // what came before the end, if this turn has not come to it yet
            handler.onInputClosed();
        }
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
        ByteBuf chunk = out.take();
        if (chunk == null) {
            closeIfAllSent();
            return;
        }
        writeInFlight = true;
        bytesInFlight = chunk.readableBytes();
        ByteBuf next;
        while ((next = out.take()) != null) {
            bytesInFlight += next.readableBytes();
            channel.write(chunk, channel.voidPromise());
            chunk = next;
        }
        ChannelPromise done = channel.newPromise();
        done.addListener(this);
        channel.writeAndFlush(chunk, done);
    }

    @Override
    public void operationComplete(ChannelFuture write) {
        writeInFlight = false;
        bytesInFlight = 0;
        if (!write.isSuccess()) {
            close();
            return;
        }
        if (!out.isEmpty()) {
            joinTurn();
        }
        handler.onSent();
        closeIfAllSent();
    }

    private void closeIfAllSent() {
        if (closeWhenSent && !writeInFlight && out.isEmpty() && usable) {
            if (hadUnsent && !inputEnded && channel instanceof DuplexChannel duplex) {
                endOutput(duplex);
            } else {
                close();
            }
        }
    }

    /**
     * Tells the peer that no more will come, and drops what it still sends until it closes as well. Closing at once with
     * its bytes unread would make the kernel throw away what it has not delivered yet, and reset the connection.
     */
    private void endOutput(DuplexChannel duplex) {
        if (!discarding) {
            discarding = true;
            dropKept();
            channel.config().setAutoRead(true);
            duplex.shutdownOutput();
            endOfDiscarding = channel.eventLoop().schedule(this::close, DISCARD_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Override
    public void sendAhead(ByteBuf first) {
        channel.writeAndFlush(first, channel.voidPromise());
    }

    @Override
    public long unsentBytes() {
        return out.waiting() + bytesInFlight;
    }

    // ---- end

    @Override
    public void closeAfterFlush() {
        if (!closeWhenSent) {
            closeWhenSent = true;
            hadUnsent = writeInFlight || !out.isEmpty();
            redeliver = false;
            channel.config().setAutoRead(false);
            joinTurn();
        }
    }

    /** A closing connection stays as long as its peer takes something now and then. */
    private void lingerIfUnsent() {
        if (closeWhenSent && usable && !discarding && linger == null) {
            long unsent = unsentBytesExactly();
            linger = channel.eventLoop().schedule(() -> lingered(unsent), LINGER_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void lingered(long unsentBefore) {
        linger = null;
        if (unsentBytesExactly() < unsentBefore) {
            lingerIfUnsent();
        } else {
            close();
        }
    }

    @Override
    public long unsentBytesExactly() {
        ChannelOutboundBuffer writing = channel.unsafe().outboundBuffer();
        return out.waiting() + (writing == null ? 0 : writing.totalPendingWriteBytes());
    }

    @Override
    public void close() {
        usable = false;
        channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        usable = false;
        dropKept();
        cancel(linger);
        cancel(endOfDiscarding);
        if (opened) {
            opened = false;
            handler.onClosed();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        closeBecauseOf(cause);
    }

    private void closeBecauseOf(Throwable cause) {
        if (cause instanceof java.io.IOException) {
            log.debug("Connection lost: peer={}", peer(), cause);
        } else {
            log.error("Connection closed because of a bug: peer={}", peer(), cause);
        }
        close();
    }

    @Override
    public String peer() {
        return String.valueOf(channel.remoteAddress());
    }
}
