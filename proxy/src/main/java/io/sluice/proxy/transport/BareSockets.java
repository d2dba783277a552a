package io.sluice.proxy.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.NotYetConnectedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes sockets that are driven without a channel. Thread-safe. */
final class BareSockets {

    private static final Logger log = LoggerFactory.getLogger(BareSockets.class);

    private BareSockets() {}

    /** Whether the addresses of buffers can be had, without which there is no way to name them to the kernel. */
    static boolean areUsable() {
        ByteBuf probe = PooledByteBufAllocator.DEFAULT.directBuffer(1);
        try {
            return probe.hasMemoryAddress();
        } finally {
            probe.release();
        }
    }

    /** A socket for a connection to a server. */
    static Socket forServer(boolean unixSocket, boolean tcpKeepalive) throws IOException {
        if (unixSocket) {
            return Socket.newSocketDomain();
        }
        Socket socket = Socket.newSocketStream();
        try {
            setUp(socket, tcpKeepalive);
            return socket;
        } catch (IOException e) {
            close(socket);
            throw e;
        }
    }

    static void setUp(Socket tcp, boolean tcpKeepalive) throws IOException {
        tcp.setTcpNoDelay(true);
        if (tcpKeepalive) {
            tcp.setKeepAlive(true);
        }
    }

    /** A socket that listens; several may share one port. */
    static Socket listening(SocketAddress address, int backlog) throws IOException {
        boolean unixSocket = address instanceof DomainSocketAddress;
        Socket socket = unixSocket ? Socket.newSocketDomain() : Socket.newSocketStream();
        try {
            if (!unixSocket) {
                socket.setReuseAddress(true);
                socket.setReusePort(true);
            }
            socket.bind(address);
            socket.listen(backlog);
            return socket;
        } catch (IOException e) {
            close(socket);
            throw e;
        }
    }

    /** Closes it, whatever that says: what was to end has ended. */
    static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            log.debug("Not closed: fd={}", socket.intValue(), e);
        }
    }

    /** Tells the peer that no more will come; closes the connection if there is none any more. */
    static void endOutput(Socket socket, StreamConnection connection) {
        try {
            socket.shutdown(false, true);
        } catch (NotYetConnectedException goneAlready) { // Netty's word for a peer that has reset
            connection.close();
        } catch (IOException e) {
            connection.closeBecauseOf(e);
        }
    }

    static String peerOf(Socket socket) {
        SocketAddress tcp = socket.remoteAddress();
        return tcp != null ? tcp.toString() : String.valueOf(socket.remoteDomainSocketAddress());
    }

    /** Null for a unix socket, and when it is not connected any more. */
    static @Nullable InetAddress addressOf(Socket socket) {
        @Nullable InetSocketAddress tcp = socket.remoteAddress();
        return tcp == null ? null : tcp.getAddress();
    }

    static String nameOf(Socket socket) {
        SocketAddress tcp = socket.localAddress();
        return tcp != null ? tcp.toString() : String.valueOf(socket.localDomainSocketAddress());
    }
}
