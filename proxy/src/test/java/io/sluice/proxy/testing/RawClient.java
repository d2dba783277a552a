package io.sluice.proxy.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A blocking client that decides which bytes leave when, and gives RESP2 replies as the bytes they are. */
public final class RawClient implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    public RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(Math.toIntExact(TIMEOUT.toMillis()));
        in = new BufferedInputStream(socket.getInputStream());
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
        ByteArrayOutputStream reply = new ByteArrayOutputStream();
        int first = in.read();
        if (first < 0) {
            return Optional.empty();
        }
        copyReply(first, reply);
        return Optional.of(reply.toString(StandardCharsets.ISO_8859_1));
    }

    private void copyReply(int type, ByteArrayOutputStream to) throws IOException {
        int start = to.size();
        to.write(type);
        copyLine(to);
        switch (type) {
            case '+', '-', ':' -> {}
            case '$' -> copyBytes(Math.max(-2, number(to, start)) + 2, to);
            case '*' -> {
                for (int left = number(to, start); left > 0; left--) {
                    copyReply(next(), to);
                }
            }
            default -> throw new IOException("Not a RESP2 reply: " + to.toString(StandardCharsets.ISO_8859_1));
        }
    }

    private void copyLine(ByteArrayOutputStream to) throws IOException {
        int last;
        do {
            last = next();
            to.write(last);
        } while (last != '\n');
    }

    /** The number in the line that has just been copied; a null bulk string of -1 has no bytes and no line end. */
    private static int number(ByteArrayOutputStream to, int start) {
        String line = to.toString(StandardCharsets.ISO_8859_1).substring(start + 1);
        int value = Integer.parseInt(line.strip());
        return value == -1 ? -2 : value;
    }

    private void copyBytes(int count, ByteArrayOutputStream to) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("The connection was closed inside a reply");
        }
        to.writeBytes(bytes);
    }

    private int next() throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new EOFException("The connection was closed inside a reply");
        }
        return next;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
