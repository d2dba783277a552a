package io.sluice.proxy.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A blocking client that decides which bytes leave when, and gives RESP2 replies as the bytes they are. */
public final class RawClient implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final Socket socket;
    private final InputStream in;
    private final RespReplyReader replies;
    private final OutputStream out;

    public RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(Math.toIntExact(TIMEOUT.toMillis()));
        in = new BufferedInputStream(socket.getInputStream());
        replies = new RespReplyReader(in);
        out = socket.getOutputStream();
    }

    /** The bytes of one request; text is ISO 8859-1. */
    public static byte[] request(List<String> arguments) {
        StringBuilder request = new StringBuilder("*" + arguments.size() + "\r\n");
        arguments.forEach(argument -> request.append('$')
                .append(argument.length())
                .append("\r\n")
                .append(argument)
                .append("\r\n"));
        return request.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    public void send(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
    }

    public void send(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    /** Tells the other side that no more will be sent; replies can still be read. */
    public void finishSending() throws IOException {
        socket.shutdownOutput();
    }

    /** Leaves without a word: the other side is told at once, whatever it has not read. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** The bytes of the next reply as ISO 8859-1 text; empty when the other side has closed. */
    public Optional<String> nextReply() throws IOException {
        return replies.next();
    }

    /** What arrives; who reads here does not read elsewhere. */
    public InputStream input() {
        return in;
    }

    /** All bytes until the other side closes or resets. */
    public byte[] toEnd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] some = new byte[64 << 10];
        try {
            for (int read = in.read(some); read >= 0; read = in.read(some)) {
                all.write(some, 0, read);
            }
        } catch (SocketException reset) {
            // what has been received before is what counts
        }
        return all.toByteArray();
    }

    /** From now on, closing resets the connection. */
    public void resetOnClose() throws IOException {
        socket.setSoLinger(true, 0);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
