package io.sluice.proxy.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Redis server, or memcached, that does what a test tells it: answers late, by halves, too often, with rubbish or never, and closes
 * when it likes. It keeps what it received. Plain blocking sockets, and no code of the proxy.
 *
 * <pre>
 *   accept ─▶ onAccept ─▶ [ read one request ─▶ record ─▶ script ]*     one thread for each connection
 * </pre>
 */
public final class ScriptedServer implements AutoCloseable {

    /** What to do with one request. Called on the thread of its connection, which reads the next one afterwards. */
    public interface Script {
        void onRequest(Asked asked) throws IOException;
    }

    /** What to do with a connection before its first request is read. */
    public interface OnAccept {
        void onAccept(Peer peer) throws IOException;
    }

    private static final int SMALL_WINDOW_BYTES = 4 << 10;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private final ServerSocket listener;
    private final Script script;
    private final OnAccept onAccept;
    private final boolean memcache;
    private final List<Peer> peers = new CopyOnWriteArrayList<>();
    private final List<Asked> received = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Asked> unseen = new LinkedBlockingQueue<>();
    private final boolean remembering;
    private volatile CountDownLatch mayRead = new CountDownLatch(0);

    private ScriptedServer(
            InetSocketAddress address, OnAccept onAccept, Script script, boolean memcache, boolean remembering)
            throws IOException {
        this.remembering = remembering;
        this.onAccept = onAccept;
        this.memcache = memcache;
        this.script = script;
        this.listener = new ServerSocket();
        listener.setReuseAddress(true);
        listener.setReceiveBufferSize(SMALL_WINDOW_BYTES); // so that a writer soon notices that nobody reads
        listener.bind(address);
        startThread("scripted-accept", this::acceptAll);
    }

    /** On a port of the system's choice. */
    public static ScriptedServer start(Script script) {
        return start(peer -> {}, script);
    }

    public static ScriptedServer start(OnAccept onAccept, Script script) {
        return start(onAccept, script, false, true);
    }

    /** At this address, which must be free. */
    public static ScriptedServer startAt(InetSocketAddress address, Script script) {
        try {
            return new ScriptedServer(address, peer -> {}, script, false, true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One that reads memcached text; a value is the last word of its request. */
    public static ScriptedServer startMemcache(Script script) {
        return start(peer -> {}, script, true, true);
    }

    /** One that keeps nothing of what it receives, for tests that take long. */
    public static ScriptedServer startForgetful(OnAccept onAccept, Script script) {
        return start(onAccept, script, false, false);
    }

    /** Both. */
    public static ScriptedServer startForgetfulMemcache(OnAccept onAccept, Script script) {
        return start(onAccept, script, true, false);
    }

    private static ScriptedServer start(OnAccept onAccept, Script script, boolean memcache, boolean remembering) {
        try {
            InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            return new ScriptedServer(anyPort, onAccept, script, memcache, remembering);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A script that leaves every request unanswered; the test may answer later, see {@link #next}. */
    public static void silence(Asked asked) {}

    /** A script that answers what the proxy asks itself, to find out whether the server is there, and nothing else. */
    public static void onlyPings(Asked asked) throws IOException {
        if (asked.isPing()) {
            asked.replySensibly();
        }
    }

    /** A script that answers like a small Redis in which every key holds {@code value of KEY}. */
    public static void sensibly(Asked asked) throws IOException {
        asked.reply(asked.sensibleReply());
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Connections accepted so far. */
    public int accepts() {
        return peers.size();
    }

    /** Connections that the other side has not closed yet, nor we. */
    public long open() {
        return peers.stream().filter(Peer::isOpen).count();
    }

    /** All complete requests so far, of all connections. */
    public List<Asked> received() {
        return List.copyOf(received);
    }

    /** How often exactly these words were received. */
    public long count(String... words) {
        return received.stream()
                .filter(asked -> asked.words().equals(List.of(words)))
                .count();
    }

    /** The oldest request that no call of this method has given out yet; waits for it. */
    public Asked next() throws InterruptedException {
        Asked asked = unseen.poll(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        if (asked == null) {
            throw new AssertionError("No further request in " + LONGEST_WAIT.toSeconds() + " s; received " + received);
        }
        return asked;
    }

    /** From the next request on nothing more is read, so that writers are stuck once the socket's buffers are full. */
    public void stopReading() {
        mayRead = new CountDownLatch(1);
    }

    public void readAgain() {
        mayRead.countDown();
    }

    /** Closes the connections that are open now; goes on accepting. */
    public void closeConnections() {
        peers.forEach(Peer::close);
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                Peer peer = new Peer(listener.accept());
                peers.add(peer);
                startThread("scripted-peer", peer::serve);
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void startThread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        readAgain();
        closeConnections();
    }

    /** One connection. */
    public final class Peer {

        private final Socket socket;
        private int requests;
        private volatile boolean open = true;

        private Peer(Socket socket) {
            this.socket = socket;
        }

        private void serve() {
            try {
                socket.setTcpNoDelay(true);
                onAccept.onAccept(this);
                InputStream in = new BufferedInputStream(socket.getInputStream());
                for (List<String> words = request(in); words != null; words = request(in)) {
                    Asked asked = new Asked(this, words, ++requests);
                    if (remembering) {
                        received.add(asked);
                        unseen.add(asked);
                    }
                    script.onRequest(asked);
                }
            } catch (IOException | InterruptedException gone) {
                // the test sees it by what it receives, or does not
            } finally {
                close();
                if (!remembering) {
                    peers.remove(this);
                }
            }
        }

        private @Nullable List<String> request(InputStream in) throws IOException, InterruptedException {
            mayRead.await();
            String header = line(in);
            if (header == null) {
                return null;
            }
            if (memcache) {
                return textRequest(header, in);
            }
            List<String> words = new ArrayList<>();
            for (int i = Integer.parseInt(header.substring(1)); i > 0; i--) {
                String length = String.valueOf(line(in));
                byte[] word = in.readNBytes(Integer.parseInt(length.substring(1)));
                words.add(new String(word, StandardCharsets.ISO_8859_1));
                in.skipNBytes(2);
                mayRead.await();
            }
            return words;
        }

        private static List<String> textRequest(String line, InputStream in) throws IOException {
            List<String> words = new ArrayList<>(List.of(line.split(" +", -1)));
            if (List.of("set", "add", "replace", "append", "prepend", "cas").contains(words.get(0))) {
                byte[] value = in.readNBytes(Integer.parseInt(words.get(4)));
                words.add(new String(value, StandardCharsets.ISO_8859_1));
                in.skipNBytes(2);
            }
            return words;
        }

        private static @Nullable String line(InputStream in) throws IOException {
            StringBuilder line = new StringBuilder();
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0) {
                    return null;
                }
                line.append((char) next);
            }
            return line.toString().strip();
        }

        /** Sends these bytes as they are. */
        public synchronized void send(String latin1) throws IOException {
            socket.getOutputStream().write(latin1.getBytes(StandardCharsets.ISO_8859_1));
        }

        /** Says that nothing more will be sent; what comes is still read. */
        public void finishSending() throws IOException {
            socket.shutdownOutput();
        }

        /** Closes so that the other side gets a reset. */
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            close();
        }

        public boolean isOpen() {
            return open;
        }

        public void close() {
            open = false;
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * One request.
     *
     * @param number its number on its connection, from 1
     */
    public record Asked(Peer from, List<String> words, int number) {

        public Asked {
            words = List.copyOf(words);
        }

        public String command() {
            return words.get(0).toUpperCase(Locale.ROOT);
        }

        public boolean isPing() {
            return command().equals("PING") || command().equals("VERSION");
        }

        /** Sends these bytes as they are; works later and from any thread too. */
        public void reply(String latin1) throws IOException {
            from.send(latin1);
        }

        public void replySensibly() throws IOException {
            reply(sensibleReply());
        }

        public void close() {
            from.close();
        }

        /** What {@link #replySensibly} sends. */
        public String sensibleReply() {
            return switch (command()) {
                case "GET" -> bulk("value of " + words.get(1));
                case "MGET" -> many();
                case "DEL", "EXISTS", "UNLINK", "TOUCH" -> ":" + (words.size() - 1) + "\r\n";
                case "INCR" -> ":1\r\n";
                case "PING" -> "+PONG\r\n";
                default -> "+OK\r\n";
            };
        }

        private String many() {
            StringBuilder reply = new StringBuilder("*" + (words.size() - 1) + "\r\n");
            words.stream().skip(1).forEach(key -> reply.append(bulk("value of " + key)));
            return reply.toString();
        }

        public static String bulk(String content) {
            return "$" + content.length() + "\r\n" + content + "\r\n";
        }

        @Override
        public String toString() {
            return String.join(
                    " ",
                    words.stream()
                            .map(word -> word.length() > 40 ? word.substring(0, 40) + "…" : word)
                            .toList());
        }
    }
}
