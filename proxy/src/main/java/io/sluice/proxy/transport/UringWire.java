package io.sluice.proxy.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.Socket;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoOps;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connected socket driven by io_uring without a channel: reads and writes of a whole event-loop turn go to the kernel
 * by one system call (docs/decisions/0008). Event-loop only.
 *
 * <pre>
 *   turn:  [ read done ][ read done ][ write done ] ─▶ [ flush: writes ][ next reads ] ─▶ one io_uring_enter
 * </pre>
 *
 * The kernel writes into the read buffer, and reads the chunk being sent, until it says that it is done. So a socket
 * that is to be closed has both ended first; only then are buffers and file descriptor given back.
 */
final class UringWire implements Wire, IoUringIoHandle, Gathering.Reader, TurnTask {

    /** Room for a few small requests: what an idle connection costs. */
    private static final int LEAST_READ_BYTES = 1 << 10;

    private static final int MOST_READ_BYTES = 64 << 10;

    /** Of one event loop's connections together, but for the least rooms. */
    static final int MOST_LARGE_ROOM_BYTES = 32 << 20;

    /** Sent by one operation, of which nothing is heard before it is done: who watches progress sees no finer. */
    private static final int MOST_SENT_BYTES = 128 << 10;

    /** ECANCELED, negative: a read ended because it was asked to, without any bytes. */
    private static final int CANCELLED = -125;

    /** Reads in a row that would have fitted into a quarter of the room, after which the room shrinks. */
    private static final int SMALL_READS_TO_SHRINK = 32;

    private final Socket socket;
    private final IoEventLoop loop;
    private final LoopResources resources;
    private final StreamConnection connection;

    private @Nullable IoRegistration registration;
    private @Nullable TurnReads reads;
    private boolean inTurnQueue;
    private boolean closed;
    private boolean handling; // an event
    private boolean gone; // everything is given back

    private @Nullable ByteBuf room; // where the kernel reads to
    private @Nullable IoUringIoOps receive; // into all of the room
    private int wantedRoom = LEAST_READ_BYTES;
    private int smallReads;
    private long readId;
    private boolean readUnderWay;
    private boolean reading = true;
    private @Nullable Runnable whenStopped; // what waits for the read under way to end
    private boolean inputEnded;
    private long watchId;
    private boolean watching; // for a peer that goes while nothing is read

    private @Nullable OutBuffer source; // whose owner waits for the end of a write
    private @Nullable ByteBuf chunk; // of it, with the kernel
    private long writeId;
    private @Nullable String peer;

    private UringWire(
            Socket socket, IoEventLoop loop, LoopResources resources, OutBuffer out, ConnectionHandler handler) {
        this.socket = socket;
        this.loop = loop;
        this.resources = resources;
        this.connection = new StreamConnection(this, resources, out, handler);
    }

    /** Takes over a connected socket, of which {@code unread}, borrowed, has been read before. */
    static void open(
            Socket socket,
            IoEventLoop loop,
            LoopResources resources,
            OutBuffer out,
            ConnectionHandler handler,
            ByteBuf unread) {
        UringWire wire = new UringWire(socket, loop, resources, out, handler);
        wire.registration = loop.register(wire).getNow(); // at once, since we are on the loop
        if (wire.registration == null) {
            BareSockets.close(socket);
            return;
        }
        wire.readNext();
        wire.connection.onOpen(unread);
    }

    @Override
    public void handle(IoRegistration registered, IoEvent event) {
        IoUringIoEvent completion = (IoUringIoEvent) event;
        handling = true; // what is read stays until all of it has been handled
        try {
            switch (completion.opcode()) {
                case UringOps.RECV -> onRead(completion.res());
                case UringOps.SEND -> onSent(completion.res());
                case UringOps.POLL_ADD -> onHangUp(completion.res());
                default -> {} // the end of a cancellation
            }
        } catch (Throwable e) { // a bug must not end the loop of all the others
            connection.closeBecauseOf(e);
        }
        handling = false;
        if (closed && giveBack()) {
            connection.onClosed();
        }
    }

    // ---- in

    /** At the end of the turn, when it goes to the kernel together with what this turn writes. */
    private void readNext() {
        if (!inTurnQueue && !readUnderWay && reading && !inputEnded && !closed) {
            inTurnQueue = true;
            resources.turnQueue().add(this);
        }
    }

    @Override
    public void endTurn() {
        inTurnQueue = false;
        if (readUnderWay || !reading || inputEnded || closed || registration == null) {
            return;
        }
        try {
            IoUringIoOps next = receive;
            if (room == null || next == null || room.capacity() != wantedRoom) {
                next = newRoom();
            }
            readId = registration.submit(next);
            readUnderWay = true;
        } catch (Throwable e) { // as when memory runs out: nobody would read from it, or notice that it is gone
            connection.closeBecauseOf(e);
        }
    }

    /** Large rooms are for connections that fill them, as long as all of this loop together have not too many. */
    private IoUringIoOps newRoom() {
        dropRoom();
        if (wantedRoom > LEAST_READ_BYTES && resources.largeRoomBytes() + wantedRoom > MOST_LARGE_ROOM_BYTES) {
            wantedRoom = LEAST_READ_BYTES;
        }
        ByteBuf buffer = resources.allocator().directBuffer(wantedRoom, wantedRoom);
        room = buffer;
        countRoom(buffer, 1);
        receive = UringOps.receive(socket.intValue(), buffer.memoryAddress(), wantedRoom);
        return receive;
    }

    private void countRoom(ByteBuf buffer, int sign) {
        if (buffer.capacity() > LEAST_READ_BYTES) {
            resources.addLargeRoom(sign * buffer.capacity());
        }
    }

    private void onRead(int result) {
        readUnderWay = false;
        ByteBuf buffer = room;
        if (closed || buffer == null) {
            return;
        }
        if (result > 0) {
            count(result);
            adjustRoom(result);
            connection.onBytes(buffer.setIndex(0, result));
        } else if (result == 0) {
            inputEnded = true;
            connection.onInputEnd();
        } else if (result != Errors.ERRNO_EAGAIN_NEGATIVE && !(result == CANCELLED && whenStopped != null)) {
            connection.closeBecauseOf(Errors.newIOException("recv", result));
        }
        readNext();
        watch();
        tellStopped();
    }

    @Override
    public void countReads(TurnReads of) {
        reads = of;
    }

    private void count(int bytes) {
        TurnReads counted = reads;
        if (counted != null) {
            counted.add(bytes);
        }
    }

    private void tellStopped() {
        Runnable told = whenStopped;
        if (told != null && !closed) {
            whenStopped = null;
            told.run();
        }
    }

    @Override
    public int stopReading(Runnable told) {
        reading = false;
        whenStopped = told;
        if (readUnderWay && registration != null) {
            registration.submit(UringOps.cancel(readId));
        } else {
            tellStopped();
        }
        return socket.intValue();
    }

    /** Room for what comes: grows as soon as it was filled, shrinks when it has been too large for a while. */
    private void adjustRoom(int bytes) {
        if (bytes == wantedRoom) {
            wantedRoom = Math.min(wantedRoom * 4, MOST_READ_BYTES);
            smallReads = 0;
        } else if (bytes > wantedRoom / 4 || wantedRoom == LEAST_READ_BYTES) {
            smallReads = 0;
        } else if (++smallReads == SMALL_READS_TO_SHRINK) {
            wantedRoom = Math.max(wantedRoom / 4, LEAST_READ_BYTES);
            smallReads = 0;
        }
    }

    private void dropRoom() {
        if (room != null) {
            countRoom(room, -1);
            room.release();
            room = null;
            receive = null;
        }
    }

    @Override
    public boolean isReading() {
        return reading;
    }

    @Override
    public void setReading(boolean wanted) {
        reading = wanted;
        readNext();
        watch();
    }

    /** Without a read under way, nobody else would tell that the peer is gone. */
    private void watch() {
        if (!reading && !readUnderWay && !watching && !inputEnded && !closed && registration != null) {
            watchId = registration.submit(UringOps.poll(socket.intValue(), 0)); // errors and hang-ups always count
            watching = true;
        }
    }

    private void onHangUp(int events) {
        watching = false;
        if (!closed && !readUnderWay && events > 0 && (events & UringOps.POLLERR) != 0) {
            connection.closeBecauseOf(new IOException("the peer is gone"));
        }
    }

    // ---- out

    @Override
    public void write(OutBuffer out) {
        source = out;
        if (chunk == null) { // else what is ahead of it goes first
            writeNext();
        }
    }

    @Override
    public void writeAhead(ByteBuf first) {
        send(first);
    }

    private void writeNext() {
        OutBuffer out = source;
        if (out == null) {
            return;
        }
        ByteBuf next = out.take();
        if (next != null) {
            send(next);
        } else {
            source = null;
            connection.onWritten();
        }
    }

    /** Takes {@code sending} over; it is the kernel's from the moment on that the operation is submitted. */
    private void send(ByteBuf sending) {
        if (registration == null) {
            sending.release();
            return;
        }
        int length = Math.min(sending.readableBytes(), MOST_SENT_BYTES);
        try {
            writeId = registration.submit(
                    UringOps.send(socket.intValue(), sending.memoryAddress() + sending.readerIndex(), length));
            chunk = sending;
        } catch (RuntimeException e) { // else the socket would wait for ever for a write to end
            sending.release();
            throw e;
        }
    }

    private void onSent(int result) {
        ByteBuf sent = chunk;
        if (sent == null) {
            return;
        }
        chunk = null;
        if (result < 0 || closed) {
            sent.release();
            if (!closed) {
                connection.closeBecauseOf(Errors.newIOException("send", result));
            }
        } else if (result < sent.readableBytes()) {
            send(sent.skipBytes(result));
            reportProgress();
        } else {
            sent.release();
            writeNext();
            if (chunk != null) {
                reportProgress();
            }
        }
    }

    private void reportProgress() {
        if (source != null) {
            connection.onProgress();
        }
    }

    @Override
    public long unwritten() {
        return chunk == null ? 0 : chunk.readableBytes();
    }

    @Override
    public void endOutput() {
        BareSockets.endOutput(socket, connection);
    }

    // ---- end

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        source = null;
        if (registration != null) {
            if (readUnderWay) {
                registration.submit(UringOps.cancel(readId));
            }
            if (chunk != null) {
                registration.submit(UringOps.cancel(writeId));
            }
            if (watching) {
                registration.submit(UringOps.cancel(watchId));
            }
        }
        if (!handling && giveBack()) {
            loop.execute(connection::onClosed);
        }
    }

    /** Once the kernel has let go of both buffers; returns whether that is so for the first time. */
    private boolean giveBack() {
        if (gone || readUnderWay || watching || chunk != null) {
            return false;
        }
        gone = true;
        dropRoom();
        BareSockets.close(socket);
        if (registration != null) {
            registration.cancel();
        }
        return true;
    }

    @Override
    public Future<?> schedule(Runnable task, int seconds) {
        return loop.schedule(task, seconds, TimeUnit.SECONDS);
    }

    @Override
    public String peer() {
        if (peer == null) {
            peer = closed ? "closed" : BareSockets.peerOf(socket);
        }
        return peer;
    }

    @Override
    public @Nullable InetAddress source() {
        return closed ? null : BareSockets.addressOf(socket);
    }
}
