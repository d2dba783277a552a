package io.sluice.proxy.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connected socket driven by epoll without a channel: one system call for each read and write and next to nothing
 * around it (docs/decisions/0008). Event-loop only.
 */
final class EpollWire implements Wire, EpollIoHandle {

    /** Waits for nothing; see {@link KeptRegistrations}. */
    private static final EpollIoOps NOTHING = EpollIoOps.NONE;

    private static final EpollIoOps IN = EpollIoOps.EPOLLIN;
    private static final EpollIoOps OUT = EpollIoOps.EPOLLOUT;
    private static final EpollIoOps IN_AND_OUT = IN.with(OUT);

    private final Socket socket;
    private final IoEventLoop loop;
    private final StreamConnection connection;

    private @Nullable IoRegistration registration;
    private EpollIoOps awaited = NOTHING;
    private boolean reading = true;
    private boolean inputEnded;
    private boolean closed;

    private @Nullable OutBuffer source; // whose owner waits for the end of a write
    private @Nullable ByteBuf chunk; // what of it the socket has not taken
    private @Nullable String peer;

    private EpollWire(
            Socket socket, IoEventLoop loop, LoopResources resources, OutBuffer out, ConnectionHandler handler) {
        this.socket = socket;
        this.loop = loop;
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
        EpollWire wire = new EpollWire(socket, loop, resources, out, handler);
        if (wire.register()) {
            wire.await();
            wire.connection.onOpen(unread);
        }
    }

    private boolean register() {
        Future<IoRegistration> done = loop.register(this);
        registration = done.getNow(); // at once, since we are on the loop
        if (registration == null) {
            closeSocket();
            return false;
        }
        return true;
    }

    // ---- readiness

    @Override
    public void handle(IoRegistration registered, IoEvent event) {
        if (closed) {
            return;
        }
        try {
            onReady(((EpollIoEvent) event).ops().value());
        } catch (Throwable e) { // it must not end the loop of all the others
            connection.closeBecauseOf(e);
        }
    }

    /** An event may be one of an earlier socket with the same number: whatever it says is tried, not believed. */
    private void onReady(int ready) {
        if ((ready & OUT.value()) != 0 && chunk != null) {
            writeOn();
        }
        if (closed) {
            return;
        }
        if (isReading() && !inputEnded) {
            if ((ready & ~OUT.value()) != 0) {
                read();
            }
        } else if ((ready & EpollIoOps.EPOLLERR.value()) != 0) {
            closeIfBroken();
        }
    }

    /** Nobody reads from it now, so nobody else would notice. */
    private void closeIfBroken() {
        try {
            int error = socket.getSoError();
            if (error != 0) {
                connection.closeBecauseOf(new IOException("socket error " + error));
            }
        } catch (IOException e) {
            connection.closeBecauseOf(e);
        }
    }

    /** Level-triggered: a change costs a system call, so there is one only when what is awaited changes. */
    private void await() {
        EpollIoOps next = awaitedNow();
        if (!next.equals(awaited) && registration != null && !closed) {
            awaited = next;
            registration.submit(next);
        }
    }

    private EpollIoOps awaitedNow() {
        boolean in = reading && !inputEnded;
        if (chunk == null) {
            return in ? IN : NOTHING;
        }
        return in ? IN_AND_OUT : OUT;
    }

    // ---- in

    private void read() {
        ByteBuf target = connection.readTarget();
        try {
            int read = socket.recvAddress(target.memoryAddress(), target.writerIndex(), target.capacity());
            if (read > 0) {
                target.writerIndex(target.writerIndex() + read);
                connection.onBytes(target);
            } else if (read < 0) {
                inputEnded = true;
                await();
                connection.onInputEnd();
            }
        } catch (IOException e) {
            connection.closeBecauseOf(e);
        } finally {
            target.release();
        }
    }

    @Override
    public boolean isReading() {
        return reading;
    }

    @Override
    public void setReading(boolean wanted) {
        reading = wanted;
        await();
    }

    @Override
    public int stopReading(Runnable whenStopped) {
        setReading(false);
        whenStopped.run(); // reads are done at once or not at all
        return socket.intValue();
    }

    // ---- out

    @Override
    public void write(OutBuffer out) {
        source = out;
        if (chunk == null) { // else what is ahead of it goes first
            writeOn();
        }
    }

    @Override
    public void writeAhead(ByteBuf first) {
        chunk = first;
        writeOn();
    }

    private void writeOn() {
        try {
            while (chunk != null || takeNext()) {
                if (!sendChunk()) {
                    await();
                    reportProgress();
                    return;
                }
            }
        } catch (IOException e) {
            connection.closeBecauseOf(e);
            return;
        }
        await();
        if (source != null) {
            source = null;
            connection.onWritten();
        }
    }

    private void reportProgress() {
        if (source != null) {
            connection.onProgress();
        }
    }

    private boolean takeNext() {
        chunk = source == null ? null : source.take();
        return chunk != null;
    }

    /** Returns whether the socket took all of the chunk. */
    private boolean sendChunk() throws IOException {
        ByteBuf sending = chunk;
        if (sending == null) {
            return true;
        }
        int sent = socket.sendAddress(sending.memoryAddress(), sending.readerIndex(), sending.writerIndex());
        sending.skipBytes(sent);
        if (sending.isReadable()) {
            return false;
        }
        dropChunk();
        return true;
    }

    private void dropChunk() {
        if (chunk != null) {
            chunk.release();
            chunk = null;
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
        if (!closed) {
            closeSocket();
            loop.execute(connection::onClosed);
        }
    }

    /** The socket first: then the kernel takes it out of the epoll set by itself. */
    private void closeSocket() {
        closed = true;
        dropChunk();
        source = null;
        BareSockets.close(socket);
        if (registration != null) {
            registration.cancel();
        }
    }

    @Override
    public FileDescriptor fd() {
        return socket;
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
