package io.sluice.proxy.backend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.health.Signal;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Handshake;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.ReplyDecoder;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.SessionWords;
import io.sluice.proxy.transport.Connection;
import io.sluice.proxy.transport.ConnectionHandler;
import io.sluice.proxy.transport.Loop;
import io.sluice.proxy.transport.OutBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server connection that one client has for itself for a while: since the server keeps a state for it, or makes it
 * wait. One socket; when that is gone, so is this. Event-loop only.
 *
 * <pre>
 *   CONNECTING ──▶ HANDSHAKE ──▶ READY ──▶ CLOSED
 *                                ↑   │ given back, and leased again
 *                                └───┘
 * </pre>
 */
public final class PrivateConnection implements ConnectionHandler {

    private static final Logger log = LoggerFactory.getLogger(PrivateConnection.class);

    /** A reply that long is passed on in pieces. */
    private static final int STREAM_FROM_BYTES = 64 << 10;

    /** What a server says without being asked is gathered, since it may be for many clients. */
    private static final int MOST_UNASKED_BYTES = 16 << 20;

    /** The server is asked again to end a wait: the first time it may not have begun it yet. */
    private static final Duration FIRST_ASK_AGAIN = Duration.ofMillis(20);

    private static final Duration LAST_ASK_AGAIN = Duration.ofSeconds(1);

    private static final long NEVER = Long.MAX_VALUE;
    private static final String CLOSED_BY_SERVER = "closed by the server";

    private static final ReplySink NOBODY = new ReplySink() {
        @Override
        public void onReply(ByteBuf source, int offset, int length, boolean last) {}

        @Override
        public void onBroken(String detail) {}
    };

    private enum State {
        CONNECTING,
        HANDSHAKE,
        READY,
        CLOSED
    }

    private record Awaited(ReplySink sink, long since, long due) {}

    private final PrivateConnections home;
    private final Backend backend;
    private final Loop loop;
    private final SessionWords words;
    private final OutBuffer out;
    private final ReplyDecoder decoder;
    private final ArrayDeque<Awaited> awaited = new ArrayDeque<>();
    private State state = State.CONNECTING;
    private @Nullable Connection connection;
    private @Nullable ReplySink listener; // gets what nobody has asked for
    private Runnable onLost = () -> {};
    private Runnable onReady = () -> {};
    private int handshakeReplies;
    private long number = -1; // the server's for this connection
    private boolean leased = true;
    private boolean headStarted;
    private long leases;
    private long replies; // so far
    private boolean waiting; // the server lets its client wait for data

    PrivateConnection(PrivateConnections home, Backend backend) {
        this.home = home;
        this.backend = backend;
        this.loop = backend.loop();
        this.words = backend.protocol().sessionWords();
        this.out = new OutBuffer(loop.resources().allocator());
        this.decoder = backend.protocol().newReplyDecoder();
    }

    // ---- requests

    /** Where to append requests before saying what they are. */
    public OutBuffer out() {
        return out;
    }

    /** What has been appended is one request, whose reply is due in the pool's timeout. */
    public void sent(ReplySink sink) {
        await(sink, limit(0));
    }

    /** The same for one that may wait so long for data besides; 0 for ever. */
    public void sentWaiting(ReplySink sink, long waitMillis) {
        waiting = true;
        await(sink, waitMillis == 0 ? NEVER : limit(waitMillis));
    }

    /** The same for several: {@code others} replies go to {@code each}, then one to {@code last}. */
    public void sentTogether(ReplySink each, int others, ReplySink last) {
        long limit = limit(0);
        for (int i = 0; i < others; i++) {
            awaited.add(new Awaited(each, now(), NEVER));
        }
        await(last, limit);
    }

    private long limit(long waitMillis) {
        Duration timeout = backend.settings().timeout();
        return timeout == null || waitMillis > Long.MAX_VALUE / 2_000_000
                ? NEVER
                : timeout.toNanos() + waitMillis * 1_000_000;
    }

    private void await(ReplySink sink, long limitNanos) {
        long now = now();
        awaited.add(new Awaited(sink, now, limitNanos == NEVER ? NEVER : now + limitNanos));
        if (state == State.CLOSED) {
            failAwaited(ErrorKind.UNREACHABLE, "the connection is closed");
            return;
        }
        if (limitNanos != NEVER) {
            loop.schedule(this::closeIfLate, Duration.ofNanos(limitNanos));
        }
        if (state == State.READY && connection != null) {
            connection.flushThisTurn();
        }
    }

    private void closeIfLate() {
        long now = loop.resources().clock().refresh();
        if (state != State.CLOSED && awaited.stream().anyMatch(one -> one.due() != NEVER && now - one.due() >= 0)) {
            backend.failed(Signal.DEADLINE, 1);
            end(ErrorKind.TIMED_OUT, "no reply in time");
        }
    }

    /** Sends what has been appended and brings no reply that is awaited, at the end of this event-loop turn. */
    public void flush() {
        if (state == State.READY && connection != null) {
            connection.flushThisTurn();
        }
    }

    /** Who gets what the server says without being asked; null for nobody, and then it is a fault. */
    public void listen(@Nullable ReplySink newListener) {
        listener = newListener;
    }

    /** Run once if the connection is lost while it is leased. */
    public void onLost(Runnable action) {
        onLost = action;
    }

    public boolean isOpen() {
        return state != State.CLOSED;
    }

    /** Whether what is sent now goes straight to the server. */
    public boolean isReady() {
        return state == State.READY;
    }

    /** Run once when what is sent goes straight to the server: at once if it does now, never if the connection is lost before. */
    public void whenReady(Runnable action) {
        if (state == State.READY) {
            action.run();
        } else {
            onReady = action;
        }
    }

    public Backend backend() {
        return backend;
    }

    /** Whether a reply is awaited, not counting those that wait for data. */
    boolean isAnswerDue() {
        return !waiting && !awaited.isEmpty();
    }

    /** The number of the last reply that is awaited. */
    long lastDue() {
        return replies + awaited.size();
    }

    /** Whether it has come, or never will. */
    boolean isSettled(long due) {
        return state == State.CLOSED || replies >= due;
    }

    private long now() {
        return loop.resources().clock().nanos();
    }

    // ---- ending a wait

    /**
     * Makes the server reply to what it waits for, without closing: it may be about to give an element away. The reply,
     * that of a wait whose time is over or one with data, goes its usual way.
     *
     * @return true if nothing was sent yet; then the connection is closed, and no reply will come
     */
    public boolean endWait() {
        if (state == State.CONNECTING) {
            awaited.clear();
            close();
            return true;
        }
        if (state != State.CLOSED && !awaited.isEmpty()) {
            askToEndWait(replies, FIRST_ASK_AGAIN);
        }
        return false;
    }

    private void askToEndWait(long repliesThen, Duration again) {
        if (state == State.CLOSED || replies != repliesThen) {
            return;
        }
        if (state == State.READY && number < 0) {
            log.warn(
                    "Server does not tell the number of a connection, so a wait is ended by closing it: pool={} server={}",
                    backend.pool(),
                    backend.name());
            fail("the wait could not be ended otherwise");
            return;
        }
        BackendConnection other = backend.connection(number);
        if (state == State.READY && !other.mustWait() && other.refusal() == null) {
            other.out().append(words.endWait(number));
            other.sent(NOBODY, false);
        }
        Duration next = again.multipliedBy(2);
        loop.schedule(
                () -> askToEndWait(repliesThen, next.compareTo(LAST_ASK_AGAIN) < 0 ? next : LAST_ASK_AGAIN), again);
    }

    // ---- connecting

    void connect() {
        long wait = backend.pacer().waitNanos(backend.random());
        if (wait == 0) {
            start();
        } else {
            loop.schedule(this::start, Duration.ofNanos(wait));
        }
    }

    private void start() {
        if (state == State.CONNECTING) {
            BackendSettings settings = backend.settings();
            loop.connect(backend.address(), settings.connectOptions(), out, this, this::onConnectFailed);
            loop.schedule(this::giveUpConnecting, settings.connectTimeout());
        }
    }

    private void onConnectFailed(Throwable cause) {
        if (state == State.CONNECTING) {
            backend.failed(Signal.CONNECT_FAILED, 1);
            fail("cannot connect: " + cause.getMessage());
        }
    }

    private void giveUpConnecting() {
        if (state == State.CONNECTING || state == State.HANDSHAKE) {
            backend.failed(Signal.CONNECT_FAILED, 1);
            fail("cannot connect in " + backend.settings().connectTimeout().toMillis() + "ms");
        }
    }

    @Override
    public void onOpen(Connection opened) {
        if (state != State.CONNECTING) {
            opened.close();
            return;
        }
        connection = opened;
        state = State.HANDSHAKE;
        Handshake handshake = backend.protocol().handshake();
        handshakeReplies = handshake.replies() + 1;
        opened.sendAhead(Unpooled.wrappedBuffer(handshake.bytes(), words.askConnectionNumber()));
    }

    /** All must be answered well, but for the last: a server need not tell its number for the connection. */
    private void onHandshakeReply(ByteBuf in, int start, int length) {
        boolean isLast = --handshakeReplies == 0;
        if (isLast) {
            number = words.connectionNumber(in, start, length);
            state = State.READY;
            backend.succeeded();
            if (connection != null && !out.isEmpty()) { // with nothing to send it would be in line before its time
                connection.flushThisTurn();
            }
            Runnable ready = onReady;
            onReady = () -> {};
            ready.run();
        } else if (backend.protocol().isError(in, start)) {
            backend.failed(Signal.CONNECT_FAILED, 1);
            fail("handshake refused: "
                    + in.toString(start, length, StandardCharsets.ISO_8859_1).strip());
        }
    }

    // ---- replies

    @Override
    public int onData(ByteBuf in) {
        try {
            while (in.isReadable() && state != State.CLOSED) {
                if (!decoder.decode(in)) {
                    return passOnLarge(in);
                }
                int length = decoder.scanned();
                onReply(in, length);
                in.skipBytes(length);
                decoder.next();
            }
        } catch (ProtocolException e) {
            log.warn(
                    "Server broke the protocol: pool={} server={} error={}",
                    backend.pool(),
                    backend.name(),
                    e.getMessage());
            fail("protocol error: " + e.getMessage());
        }
        in.skipBytes(in.readableBytes());
        return 0;
    }

    private void onReply(ByteBuf in, int length) throws ProtocolException {
        if (state == State.HANDSHAKE) {
            onHandshakeReply(in, in.readerIndex(), length);
            return;
        }
        ReplySink sink = listener;
        if (sink == null) {
            Awaited oldest = awaited.poll();
            if (oldest == null) {
                throw new ProtocolException("a reply that nobody asked for");
            }
            sink = oldest.sink();
        }
        replies++;
        waiting = false;
        headStarted = false;
        Delivery.deliver(sink, in, in.readerIndex(), length, true);
    }

    private int passOnLarge(ByteBuf in) throws ProtocolException {
        if (listener != null && in.readableBytes() > MOST_UNASKED_BYTES) {
            throw new ProtocolException("a message of more than " + MOST_UNASKED_BYTES + " bytes");
        }
        int piece = decoder.scanned();
        Awaited oldest = awaited.peek();
        if (state == State.READY
                && listener == null
                && oldest != null
                && piece > 0
                && (headStarted || piece >= STREAM_FROM_BYTES)) {
            headStarted = true;
            Delivery.deliver(oldest.sink(), in, in.readerIndex(), piece, false);
            in.skipBytes(piece);
            decoder.pieceTaken();
        }
        return headStarted ? 0 : decoder.missing();
    }

    // ---- ends

    boolean isLeased() {
        return leased;
    }

    long leases() {
        return leases;
    }

    boolean isIdleSince(long lease) {
        return !leased && leases == lease && state != State.CLOSED;
    }

    void onLeased() {
        leased = true;
        leases++;
    }

    /** Gives it back for the next client: nothing is awaited, and the server keeps no state for it. */
    public void release() {
        onLost = () -> {};
        onReady = () -> {};
        listener = null;
        leased = false;
        if (state != State.READY || !awaited.isEmpty() || !out.isEmpty() || !home.giveBack(this)) {
            close();
        }
    }

    /** Gives it back though keys are watched. */
    public void releaseWatching() {
        if (state == State.READY && awaited.isEmpty()) {
            onLost = () -> {};
            out.append(words.unwatch());
            sent(new ReplySink() {
                @Override
                public void onReply(ByteBuf source, int offset, int length, boolean last) {
                    release();
                }

                @Override
                public void onBroken(String detail) {
                    close();
                }
            });
        } else {
            close();
        }
    }

    /** Closes it; who awaits something is not told. Not to be used while a server waits for data. */
    public void close() {
        awaited.clear();
        onLost = () -> {};
        onReady = () -> {};
        end(ErrorKind.CONNECTION_LOST, "");
    }

    /** Closes it with an error for whoever awaits something. */
    void fail(String cause) {
        end(state == State.READY ? ErrorKind.CONNECTION_LOST : ErrorKind.UNREACHABLE, cause);
    }

    private void end(ErrorKind kind, String cause) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        home.onClosed(this);
        Connection closing = connection;
        connection = null;
        if (closing != null) {
            closing.close();
        }
        out.clear();
        failAwaited(kind, cause);
        Runnable lost = onLost;
        onLost = () -> {};
        lost.run();
    }

    private void failAwaited(ErrorKind kind, String cause) {
        for (Awaited one = awaited.poll(); one != null; one = awaited.poll()) {
            String detail = "server=" + backend.name() + " waited=" + Math.max(0, now() - one.since()) / 1_000_000
                    + "ms cause=" + cause;
            backend.countError(kind);
            if (headStarted) {
                headStarted = false;
                Delivery.breakOff(one.sink(), detail + " in the middle of its reply");
            } else {
                Delivery.deliver(one.sink(), backend.protocol().error(kind, detail));
            }
        }
    }

    @Override
    public void onInputClosed() {
        fail(CLOSED_BY_SERVER);
    }

    @Override
    public void onSent() {}

    @Override
    public void onClosed() {
        fail(CLOSED_BY_SERVER);
    }
}
