package io.sluice.bench.load;

import io.sluice.bench.proxies.BenchException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Sets all keys that redis-benchmark will ask for, in batches. */
final class KeyFill {

    private static final int BATCH = 256;
    private static final int REPLY_MILLIS = 20_000;
    private static final byte[] OK = "+OK\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Workload workload;
    private final String value;

    KeyFill(Workload workload) {
        this.workload = workload;
        this.value = "x".repeat(workload.valueBytes());
    }

    void run(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(REPLY_MILLIS);
            OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 64 << 10);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (int first = 0; first < workload.keys(); first += BATCH) {
                int end = Math.min(first + BATCH, workload.keys());
                for (int key = first; key < end; key++) {
                    out.write(set(key).getBytes(StandardCharsets.US_ASCII));
                }
                out.flush();
                expectOk(in, end - first);
            }
        } catch (IOException e) {
            throw new BenchException("filling the servers failed: " + e, e);
        }
    }

    private String set(int key) {
        return "*3\r\n$3\r\nSET\r\n$16\r\nkey:%012d\r\n$%d\r\n%s\r\n".formatted(key, value.length(), value);
    }

    private static void expectOk(InputStream in, int replies) throws IOException {
        for (int i = 0; i < replies; i++) {
            byte[] reply = in.readNBytes(OK.length);
            if (!Arrays.equals(reply, OK)) {
                throw new IOException("expected +OK, got " + new String(reply, StandardCharsets.US_ASCII).strip());
            }
        }
    }
}
