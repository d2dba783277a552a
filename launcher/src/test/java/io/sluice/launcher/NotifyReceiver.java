package io.sluice.launcher;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainDatagramSocketAddress;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** A service manager's end of the notify socket: what it is sent is kept. Used by one thread. */
final class NotifyReceiver implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Path path;
    private final Socket socket;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
    private final List<String> received = new ArrayList<>();
    private int told; // messages that have been waited for

    private NotifyReceiver(Path path, Socket socket) {
        this.path = path;
        this.socket = socket;
    }

    static NotifyReceiver listen(Path path) throws IOException {
        Epoll.ensureAvailability();
        Socket socket = Socket.newSocketDomainDgram();
        socket.bind(new DomainSocketAddress(path.toString()));
        return new NotifyReceiver(path, socket);
    }

    String path() {
        return path.toString();
    }

    /** Waits for a message with this text, after the one waited for last. */
    void await(String text) {
        Awaitility.await(text).atMost(LIMIT).until(() -> {
            for (List<String> all = received(); told < all.size(); ) {
                if (all.get(told++).contains(text)) {
                    return true;
                }
            }
            return false;
        });
    }

    List<String> received() throws IOException {
        while (true) {
            DomainDatagramSocketAddress from = socket.recvFromDomainSocket(buffer.clear(), 0, buffer.capacity());
            if (from == null) {
                return List.copyOf(received);
            }
            byte[] bytes = new byte[from.receivedAmount()];
            buffer.clear().get(bytes);
            received.add(new String(bytes, StandardCharsets.UTF_8));
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
