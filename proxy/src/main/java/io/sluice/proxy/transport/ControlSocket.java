package io.sluice.proxy.transport;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A unix socket between two processes of Sluice: bytes, and descriptors of other sockets. Nothing of it blocks; what
 * cannot be done at once is to be tried again. Used by one thread.
 */
public final class ControlSocket implements AutoCloseable {

    private static final int BACKLOG = 4;
    private static final int BUFFER_BYTES = 64 << 10;

    private final Socket socket;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    private ControlSocket(Socket socket) {
        this.socket = socket;
    }

    /** Connects to who listens there; fails if nobody does. */
    public static ControlSocket connect(String path) throws IOException {
        Socket socket = newSocket();
        try {
            socket.connect(new DomainSocketAddress(path));
            return new ControlSocket(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Listens there; the file must not exist. */
    public static ControlSocket listen(String path) throws IOException {
        Socket socket = newSocket();
        try {
            socket.bind(new DomainSocketAddress(path));
            socket.listen(BACKLOG);
            return new ControlSocket(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Asking for epoll loads the native code, which nobody may have done before. */
    private static Socket newSocket() throws IOException {
        if (!Epoll.isAvailable()) {
            throw new IOException("control sockets need native code, which cannot be loaded here");
        }
        return Socket.newSocketDomain();
    }

    /** Who has connected to this listening socket; null if nobody has. */
    public @Nullable ControlSocket accept() throws IOException {
        int accepted = socket.accept(new byte[128]);
        return accepted < 0 ? null : new ControlSocket(new Socket(accepted));
    }

    /** Sends what it can of the bytes from {@code offset} on; returns how many. */
    public int send(byte[] bytes, int offset) throws IOException {
        buffer.clear();
        buffer.put(bytes, offset, Math.min(bytes.length - offset, buffer.capacity()));
        return socket.write(buffer, 0, buffer.position());
    }

    /** Sends a descriptor, which both processes have then; returns whether that was possible now. */
    public boolean sendDescriptor(int descriptor) throws IOException {
        return socket.sendFd(descriptor) >= 0;
    }

    /** Receives what there is into the array from {@code offset} to before {@code end}; returns how many bytes. */
    public int receive(byte[] into, int offset, int end) throws IOException {
        buffer.clear();
        int received = socket.read(buffer, 0, Math.min(end - offset, buffer.capacity()));
        if (received < 0) {
            throw new EOFException("the other process has closed the control socket");
        }
        buffer.position(0).limit(received);
        buffer.get(into, offset, received);
        return received;
    }

    /** Receives a descriptor, if one has come. */
    public OptionalInt receiveDescriptor() throws IOException {
        int received = socket.recvFd();
        if (received < 0) {
            throw new EOFException("the other process has closed the control socket");
        }
        return received == 0 ? OptionalInt.empty() : OptionalInt.of(received);
    }

    @Override
    public void close() {
        BareSockets.close(socket);
    }
}
