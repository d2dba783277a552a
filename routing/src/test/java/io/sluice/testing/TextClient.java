package io.sluice.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * A blocking memcached client that sends what it is told and gives replies as the bytes they are: one line, or values up
 * to their END. Text is ISO 8859-1, one char for each byte.
 */
public final class TextClient implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final Socket socket;
    private final InputStream in;

    public TextClient(int port) throws IOException {
        this("127.0.0.1", port);
    }

    public TextClient(String host, int port) throws IOException {
        socket = new Socket(host, port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(Math.toIntExact(TIMEOUT.toMillis()));
        in = new BufferedInputStream(socket.getInputStream());
    }

    public void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends a line and waits for its reply. */
    public String ask(String line) throws IOException {
        send(line + "\r\n");
        return reply();
    }

    /** Sends a storage command, its line without the length of the value, and waits for its reply. */
    public String store(String line, String value) throws IOException {
        return ask(line + " " + value.length() + "\r\n" + value);
    }

    /** The next reply; fails when the other side has closed. */
    public String reply() throws IOException {
        return nextReply().orElseThrow(() -> new EOFException("The connection was closed"));
    }

    /** The next reply; empty when the other side has closed. */
    public Optional<String> nextReply() throws IOException {
        int first = in.read();
        if (first < 0) {
            return Optional.empty();
        }
        StringBuilder reply = new StringBuilder();
        String line = (char) first + line();
        while (line.startsWith("VALUE ")) {
            int bytes = Integer.parseInt(line.strip().split(" ", -1)[3]);
            reply.append(line).append(new String(bytes(bytes + 2), StandardCharsets.ISO_8859_1));
            line = line();
        }
        return Optional.of(reply.append(line).toString());
    }

    /** Whether the other side has closed, after it has sent nothing more. */
    public boolean isAtEnd() throws IOException {
        return in.read() < 0;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next;
        do {
            next = in.read();
            if (next < 0) {
                throw new EOFException("The connection was closed inside a reply: " + line);
            }
            line.write(next);
        } while (next != '\n');
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    private byte[] bytes(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("The connection was closed inside a value");
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
