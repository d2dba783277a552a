package io.sluice.bench.load;

import io.sluice.bench.proxies.BenchException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Sets all keys of a memcached load, in batches. */
final class MemcachedFill {

    private static final int BATCH = 256;
    private static final int REPLY_MILLIS = 20_000;
    private static final byte[] STORED = "STORED\r\n".getBytes(StandardCharsets.US_ASCII);

    private final MemcachedKeys keys;

    MemcachedFill(MemcachedKeys keys) {
        this.keys = keys;
    }

    void run(int port) {
        ByteBuffer out = ByteBuffer.allocate(BATCH * keys.setBytes());
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(REPLY_MILLIS);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (int first = 0; first < keys.count(); first += BATCH) {
                int end = Math.min(first + BATCH, keys.count());
                out.clear();
                for (int key = first; key < end; key++) {
                    keys.writeSet(out, key);
                }
                socket.getOutputStream().write(out.array(), 0, out.position());
                expectStored(in, end - first);
            }
        } catch (IOException e) {
            throw new BenchException("filling the servers failed: " + e, e);
        }
    }

    private static void expectStored(InputStream in, int replies) throws IOException {
        for (int i = 0; i < replies; i++) {
            byte[] reply = in.readNBytes(STORED.length);
            if (!Arrays.equals(reply, STORED)) {
                throw new IOException("expected STORED, got " + new String(reply, StandardCharsets.US_ASCII).strip());
            }
        }
    }
}
