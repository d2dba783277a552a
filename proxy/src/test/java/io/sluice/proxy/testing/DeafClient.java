package io.sluice.proxy.testing;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A client that asks for the same key many times at once and reads nothing until it is told to. */
public final class DeafClient implements AutoCloseable {

    private static final int RECEIVE_BUFFER_BYTES = 16 << 10;
    private static final int READ_BYTES = 256 << 10;

    private final SocketChannel channel;

    private DeafClient(SocketChannel channel) {
        this.channel = channel;
    }

    public static DeafClient asking(int port, String key, int requests) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.socket().setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
        channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        String get = "*2\r\n$3\r\nGET\r\n$" + key.length() + "\r\n" + key + "\r\n";
        ByteBuffer bytes = ByteBuffer.wrap(get.repeat(requests).getBytes(StandardCharsets.US_ASCII));
        channel.configureBlocking(false);
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0) {
                throw new IOException("not even the requests were read");
            }
        }
        return new DeafClient(channel);
    }

    /** Reads so many replies of each client in turn, a little of each, and fails unless all are this many 'v'. */
    public static void read(List<DeafClient> clients, int replies, int valueBytes) throws IOException {
        List<Reading> open = new ArrayList<>();
        for (DeafClient client : clients) {
            open.add(new Reading(client, replies, valueBytes));
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
        long deadline = System.nanoTime() + 300_000_000_000L;
        while (!open.isEmpty()) {
            open.removeIf(reading -> reading.isDone());
            for (Reading reading : open) {
                reading.read(buffer);
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("replies are missing: " + open);
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** How far one client has come. */
    private static final class Reading {
        private final DeafClient client;
        private final byte[] header;
        private final int frameBytes;
        private long position;
        private final long total;

        Reading(DeafClient client, int replies, int valueBytes) {
            this.client = client;
            this.header = ("$" + valueBytes + "\r\n").getBytes(StandardCharsets.US_ASCII);
            this.frameBytes = header.length + valueBytes + 2;
            this.total = (long) frameBytes * replies;
        }

        boolean isDone() {
            return position == total;
        }

        void read(ByteBuffer buffer) throws IOException {
            buffer.clear().limit((int) Math.min(buffer.capacity(), total - position));
            int read = client.channel.read(buffer);
            if (read < 0) {
                throw new EOFException("closed at " + this);
            }
            for (int i = 0; i < read; i++) {
                check(buffer.get(i));
                position++;
            }
        }

        private void check(byte found) throws IOException {
            int offset = (int) (position % frameBytes);
            int tail = frameBytes - offset;
            byte expected = offset < header.length
                    ? header[offset]
                    : tail == 2 ? (byte) '\r' : tail == 1 ? (byte) '\n' : (byte) 'v';
            if (found != expected) {
                throw new IOException("'" + (char) found + "' instead of '" + (char) expected + "' at " + this);
            }
        }

        @Override
        public String toString() {
            return position + " of " + total;
        }
    }
}
