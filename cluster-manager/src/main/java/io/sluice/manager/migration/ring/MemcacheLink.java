package io.sluice.manager.migration.ring;

import io.sluice.routing.topology.ServerAddress;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** One connection to a memcached, for lines of its text protocol. Used by one thread; {@link #close} by any. */
final class MemcacheLink implements AutoCloseable {

    /** Longer than any line of an answer that is asked for here: a key has 250 bytes, three times that when encoded. */
    static final int MAX_LINE = 4096;

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(30);

    private final ServerAddress server;
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    private MemcacheLink(ServerAddress server, Socket socket) throws IOException {
        this.server = server;
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
        this.out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
    }

    static MemcacheLink open(ServerAddress server) throws RingServerException {
        return open(server, CONNECT_TIMEOUT, READ_TIMEOUT);
    }

    /** One on which a single short answer is awaited, for no longer than this after now. */
    static MemcacheLink openWithin(ServerAddress server, Duration limit) throws RingServerException {
        long end = System.nanoTime() + limit.toNanos();
        MemcacheLink link = open(server, limit, limit);
        link.awaitUntil(end);
        return link;
    }

    private void awaitUntil(long end) throws RingServerException {
        try {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            socket.setSoTimeout((int) Math.max(1, left)); // 0 would be for ever
        } catch (SocketException e) {
            close();
            throw broken(e);
        }
    }

    private static MemcacheLink open(ServerAddress server, Duration connecting, Duration reading)
            throws RingServerException {
        if (server.isUnixSocket()) {
            throw new RingServerException(server + " is a unix socket; the manager asks servers over TCP only");
        }
        Socket socket = new Socket();
        try {
            socket.connect(
                    new InetSocketAddress(server.hostOrPath(), server.port()), Math.toIntExact(connecting.toMillis()));
            socket.setSoTimeout(Math.toIntExact(reading.toMillis()));
            socket.setTcpNoDelay(true);
            return new MemcacheLink(server, socket);
        } catch (IOException | IllegalArgumentException e) {
            closeQuietly(socket);
            throw new RingServerException("cannot connect to " + server + ": " + e.getMessage());
        }
    }

    boolean isClosed() {
        return socket.isClosed();
    }

    ServerAddress server() {
        return server;
    }

    /** Queues a request; its line end is added. */
    void send(byte[] line) throws RingServerException {
        try {
            out.write(line);
            out.write('\r');
            out.write('\n');
        } catch (IOException e) {
            throw broken(e);
        }
    }

    void send(String line) throws RingServerException {
        send(line.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Everything that was queued goes out. */
    void flush() throws RingServerException {
        try {
            out.flush();
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** The next line without its end, which is LF or CR LF. */
    String line() throws RingServerException {
        StringBuilder line = new StringBuilder();
        try {
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    throw new RingServerException(server + " closed the connection");
                }
                if (line.length() >= MAX_LINE) {
                    throw new RingServerException(server + " sent a line of more than " + MAX_LINE + " bytes");
                }
                line.append((char) c);
            }
        } catch (IOException e) {
            throw broken(e);
        }
        int end = line.length() - 1;
        return end >= 0 && line.charAt(end) == '\r' ? line.substring(0, end) : line.toString();
    }

    private RingServerException broken(IOException e) {
        return new RingServerException("the connection to " + server + " broke: " + e.getMessage());
    }

    @Override
    public void close() {
        closeQuietly(socket);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException alreadyGone) {
            // closed is what was wanted
        }
    }
}
