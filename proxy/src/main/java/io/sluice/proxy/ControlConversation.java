package io.sluice.proxy;

import io.sluice.proxy.transport.ControlSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;

/** Lines, bytes and descriptors over a {@link ControlSocket}, each with a deadline. Blocks. Used by one thread at a time. */
final class ControlConversation implements AutoCloseable {

    /** Longest line. */
    private static final int MAX_LINE_BYTES = 64 << 10;

    private static final long PAUSE_NANOS = Duration.ofNanos(100_000).toNanos();

    private final ControlSocket socket;
    private final Duration limit;

    /** @param limit how long the other process may take for one thing */
    ControlConversation(ControlSocket socket, Duration limit) {
        this.socket = socket;
        this.limit = limit;
    }

    void sendLine(String line) throws IOException {
        send((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    void send(byte[] bytes) throws IOException {
        long deadline = deadline();
        for (int sent = 0; sent < bytes.length; ) {
            int now = socket.send(bytes, sent);
            sent += now;
            pauseIf(now == 0, deadline);
        }
    }

    void sendDescriptor(int descriptor) throws IOException {
        long deadline = deadline();
        while (!socket.sendDescriptor(descriptor)) {
            pauseIf(true, deadline);
        }
    }

    /**
     * Hands listening sockets over.
     *
     * @param descriptors by address
     * @param lastClient the largest number of a client so far
     */
    void sendListeners(Map<String, List<Integer>> descriptors, long lastClient) throws IOException {
        int count = descriptors.values().stream().mapToInt(List::size).sum();
        sendLine("LISTENERS " + count + " " + lastClient);
        for (Map.Entry<String, List<Integer>> listener : descriptors.entrySet()) {
            for (int descriptor : listener.getValue()) {
                sendLine(listener.getKey());
                sendDescriptor(descriptor);
            }
        }
    }

    /** The next line, without its end; byte by byte, since a descriptor may follow it at once. */
    String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (line.size() < MAX_LINE_BYTES) {
            byte next = read(1)[0];
            if (next == '\n') {
                return line.toString(StandardCharsets.UTF_8);
            }
            line.write(next);
        }
        throw new IOException("a line of more than " + MAX_LINE_BYTES + " bytes on the control socket");
    }

    byte[] read(int length) throws IOException {
        byte[] bytes = new byte[length];
        long deadline = deadline();
        for (int read = 0; read < length; ) {
            int now = socket.receive(bytes, read, length);
            read += now;
            pauseIf(now == 0, deadline);
        }
        return bytes;
    }

    int readDescriptor() throws IOException {
        long deadline = deadline();
        while (true) {
            OptionalInt received = socket.receiveDescriptor();
            if (received.isPresent()) {
                return received.getAsInt();
            }
            pauseIf(true, deadline);
        }
    }

    private long deadline() {
        return System.nanoTime() + limit.toNanos();
    }

    private void pauseIf(boolean idle, long deadline) throws IOException {
        if (idle) {
            if (System.nanoTime() - deadline >= 0) {
                throw new SocketTimeoutException("no answer on the control socket in " + limit.toMillis() + "ms");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
