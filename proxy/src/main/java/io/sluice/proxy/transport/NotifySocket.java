package io.sluice.proxy.transport;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Sends datagrams to a unix socket, as service managers are told of things. Thread-safe. */
public final class NotifySocket {

    private NotifySocket() {}

    /** Whether it can be sent to from here: native code is needed, and a name in the file system. */
    public static boolean canSendTo(String path) {
        return path.startsWith("/") && Epoll.isAvailable();
    }

    /** Sends one datagram; does not block. */
    public static void send(String path, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes);
        Socket socket = Socket.newSocketDomainDgram();
        try {
            socket.sendToDomainSocket(buffer, 0, bytes.length, path.getBytes(StandardCharsets.UTF_8));
        } finally {
            socket.close();
        }
    }
}
