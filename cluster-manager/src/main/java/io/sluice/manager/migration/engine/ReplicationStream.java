package io.sluice.manager.migration.engine;

import com.moilioncircle.redis.replicator.cmd.ReplyParser;
import com.moilioncircle.redis.replicator.io.RedisInputStream;
import io.sluice.manager.migration.engine.CopyFailure.Kind;
import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A source's replication stream, as a replica receives it: first a snapshot of all keys, then every write. It says no
 * listening port, so that nobody takes it for a replica to promote, and confirms offset 0 only, so that it never counts for
 * WAIT.
 *
 * <pre>
 *   ─▶ REPLCONF capa eof capa psync2, PSYNC ? -1
 *   ◀─ (newlines) +FULLRESYNC id offset, $EOF:mark or $length, snapshot, (mark), commands …
 *   ─▶ REPLCONF ACK 0, again and again; without it a snapshot that is sent diskless is not followed by commands
 * </pre>
 *
 * One thread reads; {@link #acknowledge} and {@link #close} by any.
 */
final class ReplicationStream implements AutoCloseable {

    private static final int BUFFER_BYTES = 1 << 20;
    private static final int MARK_BYTES = 40;
    private static final int MOST_LINE = 1024;

    private final RedisEndpoint endpoint;
    private final Socket socket;
    private final OutputStream out;
    private final RedisInputStream in;
    private final ReplyParser parser;
    private String replicationId = "";
    private boolean marked;
    private volatile boolean begun; // the snapshot
    private long streamBegin;
    private long streamOffset;

    private ReplicationStream(RedisEndpoint endpoint, Socket socket) throws IOException {
        this.endpoint = endpoint;
        this.socket = socket;
        out = socket.getOutputStream();
        in = new RedisInputStream(socket.getInputStream(), BUFFER_BYTES);
        parser = new ReplyParser(in);
    }

    /** Connects and registers; {@code runId} is that of the server. */
    static ReplicationStream open(RedisEndpoint endpoint, String runId, ConnectionRegister register)
            throws CopyException {
        Socket socket = new Socket();
        ReplicationStream stream = null;
        try {
            socket.setSoTimeout(Math.toIntExact(RedisLink.READ_TIMEOUT.toMillis()));
            socket.setTcpNoDelay(true);
            socket.connect(
                    new InetSocketAddress(
                            endpoint.address().hostOrPath(), endpoint.address().port()),
                    Math.toIntExact(RedisLink.CONNECT_TIMEOUT.toMillis()));
            ReplicationStream opened = new ReplicationStream(endpoint, socket);
            opened.authenticate();
            long id = Long.parseLong(opened.ask("CLIENT", "ID").substring(1));
            if (!register.announce(new MaintenanceConnection(endpoint.address(), runId, id, Purpose.READ))) {
                throw new CopyException(
                        Kind.NOT_LEADING, "This manager could not register its connection to " + endpoint);
            }
            stream = opened;
            return opened;
        } catch (IOException e) {
            throw broken(endpoint, e);
        } finally {
            if (stream == null) {
                closeQuietly(socket);
            }
        }
    }

    private void authenticate() throws IOException, CopyException {
        if (!endpoint.password().isEmpty()) {
            if (endpoint.user().isEmpty()) {
                ask("AUTH", endpoint.password());
            } else {
                ask("AUTH", endpoint.user(), endpoint.password());
            }
        }
    }

    /** Asks for everything, and returns when the snapshot begins; it lies in {@link #in}. */
    void beginSnapshot() throws CopyException {
        try {
            ask("REPLCONF", "capa", "eof", "capa", "psync2");
            send("PSYNC", "?", "-1");
            String[] answer = lineAfterNewlines().split(" ", -1);
            if (answer.length != 3 || !answer[0].equals("+FULLRESYNC")) {
                throw new CopyException(
                        Kind.REFUSED, endpoint + " does not allow PSYNC, it says: " + String.join(" ", answer));
            }
            replicationId = answer[1];
            streamOffset = Long.parseLong(answer[2]);
            String size = lineAfterNewlines();
            marked = size.startsWith("$EOF:");
            begun = true;
        } catch (IOException e) {
            throw broken(endpoint, e);
        }
    }

    /** To be called when the whole snapshot was read: the next is a command. */
    void endSnapshot() throws CopyException {
        try {
            if (marked) {
                in.readBytes(MARK_BYTES);
            }
            streamBegin = consumed();
        } catch (IOException e) {
            throw broken(endpoint, e);
        }
        acknowledge();
    }

    RedisInputStream in() {
        return in;
    }

    String replicationId() {
        return replicationId;
    }

    /** The next command; blocks until there is one. */
    List<byte[]> next() throws CopyException {
        try {
            Object command = parser.parse();
            if (!(command instanceof Object[] array) || array.length == 0) {
                throw new CopyException(Kind.REFUSED, endpoint + " sends something in its stream that is no command");
            }
            List<byte[]> parts = new ArrayList<>(array.length);
            for (Object part : array) {
                parts.add((byte[]) part);
            }
            return parts;
        } catch (IOException e) {
            throw broken(endpoint, e);
        }
    }

    /** What {@code master_repl_offset} was when everything read so far had been executed. */
    long offset() {
        return streamOffset + consumed() - streamBegin;
    }

    private long consumed() {
        return in.total() - (in.tail() - in.head());
    }

    /**
     * Says that this replica lives. Not before the snapshot begins: a server waits {@code repl-diskless-sync-delay} for other
     * replicas, counted from the last that it heard of any, and would wait for ever.
     */
    void acknowledge() throws CopyException {
        if (!begun) {
            return;
        }
        try {
            send("REPLCONF", "ACK", "0");
        } catch (IOException e) {
            throw broken(endpoint, e);
        }
    }

    private String ask(String... words) throws IOException, CopyException {
        send(words);
        String line = lineAfterNewlines();
        if (line.startsWith("-")) {
            throw new CopyException(Kind.REFUSED, endpoint + " refused " + words[0] + ": " + line.substring(1));
        }
        return line;
    }

    private synchronized void send(String... words) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(RedisLink.ascii("*" + words.length + "\r\n"));
        for (String word : words) {
            byte[] text = word.getBytes(StandardCharsets.UTF_8);
            bytes.writeBytes(RedisLink.ascii("$" + text.length + "\r\n"));
            bytes.writeBytes(text);
            bytes.writeBytes(RedisLink.ascii("\r\n"));
        }
        out.write(bytes.toByteArray());
    }

    /** While it prepares a snapshot the server sends newlines. */
    private String lineAfterNewlines() throws IOException {
        int next = in.read();
        while (next == '\n') {
            next = in.read();
        }
        StringBuilder line = new StringBuilder();
        for (; next != '\r' && line.length() < MOST_LINE; next = in.read()) {
            line.append((char) next);
        }
        in.read(); // \n
        return line.toString();
    }

    static CopyException broken(RedisEndpoint endpoint, IOException e) {
        String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new CopyException(Kind.CONNECTION, "The replication stream of " + endpoint + " broke: " + why);
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
