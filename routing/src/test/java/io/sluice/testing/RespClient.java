package io.sluice.testing;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A blocking RESP2 client that shares no code with the proxy: a codec must not test itself. Replies are {@code String}
 * (simple and bulk), {@code Long}, {@code null}, {@code List} or {@link RespError}. Text is ISO 8859-1 both ways, so every
 * byte survives.
 */
public final class RespClient implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Closeable connection;
    private final InputStream in;
    private final OutputStream out;

    public RespClient(int port) throws IOException {
        this("127.0.0.1", port);
    }

    public RespClient(String host, int port) throws IOException {
        this(host, port, TIMEOUT);
    }

    public RespClient(String host, int port, Duration timeout) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(Math.toIntExact(timeout.toMillis()));
            socket.connect(new InetSocketAddress(host, port), Math.toIntExact(timeout.toMillis()));
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        connection = socket;
        in = new BufferedInputStream(socket.getInputStream());
        out = new BufferedOutputStream(socket.getOutputStream());
    }

    /** Over a socket that is connected already, as one of TLS; takes it over. */
    public RespClient(Socket connected) throws IOException {
        connected.setSoTimeout(Math.toIntExact(TIMEOUT.toMillis()));
        connection = connected;
        in = new BufferedInputStream(connected.getInputStream());
        out = new BufferedOutputStream(connected.getOutputStream());
    }

    /** Connects to a unix socket; there is no timeout on those. */
    public RespClient(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        connection = channel;
        in = new BufferedInputStream(Channels.newInputStream(channel));
        out = new BufferedOutputStream(Channels.newOutputStream(channel));
    }

    public @Nullable Object call(String... arguments) throws IOException {
        send(arguments);
        return receive();
    }

    public @Nullable Object call(byte[]... arguments) throws IOException {
        send(arguments);
        return receive();
    }

    public void send(String... arguments) throws IOException {
        send(Arrays.stream(arguments).map(RespClient::bytes).toArray(byte[][]::new));
    }

    /** Queues a request; it leaves with the next {@link #receive} or {@link #flush}. */
    public void send(byte[]... arguments) throws IOException {
        out.write(bytes("*" + arguments.length + "\r\n"));
        for (byte[] argument : arguments) {
            out.write(bytes("$" + argument.length + "\r\n"));
            out.write(argument);
            out.write(bytes("\r\n"));
        }
    }

    /** Sends these bytes as they are, at once. */
    public void sendRaw(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    public void flush() throws IOException {
        out.flush();
    }

    public @Nullable Object receive() throws IOException {
        out.flush();
        return reply();
    }

    /** True when the other side has closed the connection and everything it sent has been read. */
    public boolean isAtEnd() throws IOException {
        in.mark(1);
        boolean end = in.read() < 0;
        in.reset();
        return end;
    }

    private @Nullable Object reply() throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> rest;
            case '-' -> new RespError(rest);
            case ':' -> Long.valueOf(rest);
            case '$' -> bulk(Integer.parseInt(rest));
            case '*' -> list(Integer.parseInt(rest));
            default -> throw new IOException("Not a RESP2 reply: " + line);
        };
    }

    private @Nullable String bulk(int length) throws IOException {
        if (length < 0) {
            return null;
        }
        byte[] content = in.readNBytes(length);
        if (content.length < length || in.read() != '\r' || in.read() != '\n') {
            throw new EOFException("A bulk string of " + length + " bytes does not end as it should");
        }
        return new String(content, StandardCharsets.ISO_8859_1);
    }

    private @Nullable List<@Nullable Object> list(int size) throws IOException {
        if (size < 0) {
            return null;
        }
        List<@Nullable Object> elements = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            elements.add(reply());
        }
        return elements;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\r'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("The connection was closed" + (line.isEmpty() ? "" : " inside: " + line));
            }
            line.append((char) next);
        }
        if (in.read() != '\n' || line.isEmpty()) {
            throw new IOException("Not a RESP2 line: " + line);
        }
        return line.toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
