package io.sluice.proxy.backend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.budget.BackendBudget;
import io.sluice.proxy.health.Signal;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Handshake;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.ReplyDecoder;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.RequestJoiner;
import io.sluice.proxy.protocol.ServerRole;
import io.sluice.proxy.transport.Connection;
import io.sluice.proxy.transport.ConnectionHandler;
import io.sluice.proxy.transport.Loop;
import io.sluice.proxy.transport.OutBuffer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pipelined connection to a server, through all its sockets. Event-loop only.
 *
 * <pre>
 *        request              opened             handshake answered
 *   DOWN ───────▶ CONNECTING ───────▶ HANDSHAKE ───────────────────▶ READY
 *     ▲               │ failed            │ failed                     │ closed
 *     └───────────────┴───────────────────┴────────────────────────────┘
 *
 *   in flight   [ r1 ][ r2 ][ r3 ][ r4 ]        replies come in this order
 *   out buffer        taken ┘└ r3  r4           r1, r2 may have been executed; r3, r4 certainly not
 * </pre>
 *
 * When a socket that has answered before closes, requests of which bytes were taken get an error; the others stay and
 * go out on the next one. When a socket never answered anything, or could not be had, all of them get an error at once.
 */
public final class BackendConnection {

    private static final Logger log = LoggerFactory.getLogger(BackendConnection.class);

    /** A reply that long is passed on in pieces instead of being gathered first. */
    private static final int STREAM_FROM_BYTES = 64 << 10;

    /** Requests that were not sent do not wait longer than that for another attempt. */
    private static final long LONGEST_RETRY_WAIT_NANOS = Duration.ofMillis(100).toNanos();

    private static final String CLOSED_BY_SERVER = "closed by the server";

    private enum State {
        DOWN,
        CONNECTING,
        HANDSHAKE,
        READY
    }

    /** Whether it gets requests: see {@link ServerConnections}. */
    enum Standing {
        SUCCESSOR,
        IN_USE,
        RETIRED
    }

    private final Backend backend;
    private final Loop loop;
    private final OutBuffer out;
    private final ReplyDecoder decoder;
    private final @Nullable ReplyDecoder teller; // of replies that no client can ask for; null where there are none
    private final ReconnectPlan plan;
    private final Lateness lateness;
    private final BackendBudget budget;
    private final InFlight inFlight = new InFlight();
    private final ConnectionCounts counts;
    private final RoleCheck role;

    private final @Nullable KeptReads keptReads; // null where sent reads are not to be sent once more
    private final @Nullable RequestJoiner joiner; // null where each request goes by itself

    private BackendSettings settings;
    private long timeoutNanos;
    private long hardTimeoutNanos;
    private State state = State.DOWN;
    private @Nullable Socket socket; // the only one that is listened to
    private @Nullable Connection connection; // the socket's, once open
    private int handshakeReplies; // still to come
    private int expired; // oldest requests whose deadline has been dealt with
    private boolean headStarted; // a piece of the oldest reply has been passed on
    private long newestEnd; // of the newest request, in bytes appended
    private boolean unfinished; // a part of a request is at the end of the out buffer
    private int returnsAtOpen; // how often the server had been taken back when the socket was opened
    private boolean heardThisSocket; // it has answered something that is no error
    private long appendedBefore; // total of the out buffer when it was last asked whether it is idle
    private long usedUntil;
    private Standing standing;
    private long retiredAt;
    private @Nullable InetAddress openAt; // where a server with a name was found

    BackendConnection(Backend backend, Standing standing) {
        this.backend = backend;
        this.standing = standing;
        this.role = new RoleCheck(backend);
        this.loop = backend.loop();
        this.settings = backend.settings();
        this.timeoutNanos = nanosOrNever(settings.timeout());
        this.hardTimeoutNanos = nanosOrNever(settings.hardTimeout());
        this.out = new OutBuffer(loop.resources().allocator());
        this.counts = new ConnectionCounts(backend.counters(), out, inFlight);
        this.plan = new ReconnectPlan(backend, now());
        this.lateness = new Lateness(backend, now());
        this.budget = backend.newBudget(now());
        this.keptReads = settings.retries().reads() ? new KeptReads() : null;
        this.joiner = newJoiner();
        this.decoder = joiner == null ? backend.protocol().newReplyDecoder() : joiner.replies();
        this.teller = backend.protocol().asksForItself() ? decoder : null;
    }

    /** Where each read must be able to go once more by itself, none is joined with another. */
    private @Nullable RequestJoiner newJoiner() {
        RequestJoiner.Factory joiners = backend.protocol().joiners();
        return joiners == null || keptReads != null ? null : joiners.create(this::answeredRequests);
    }

    /** The pool has other settings now. */
    void onSettings() {
        settings = backend.settings();
        timeoutNanos = nanosOrNever(settings.timeout());
        hardTimeoutNanos = nanosOrNever(settings.hardTimeout());
        plan.onSettings();
        budget.bound(settings.maxQueuedBytes(), settings.maxInFlight(), settings.stallTimeout());
    }

    private static long nanosOrNever(@Nullable Duration duration) {
        return duration == null ? Long.MAX_VALUE : duration.toNanos();
    }

    // ---- requests

    /** Whether a request cannot be taken now but soon; whoever wants to wait is told by the {@link #budget()}. */
    public boolean mustWait() {
        return budget.isFull() && !budget.isStalled();
    }

    public BackendBudget budget() {
        return budget;
    }

    /** Why a request is not taken now; null if it would be. A refusal for want of a connection counts as a failure. */
    public @Nullable ErrorKind refusal() {
        if (!role.isUnchanged()) {
            ErrorKind demoted = demotion();
            if (demoted != null) {
                return demoted;
            }
        }
        if (state == State.DOWN && plan.isTooEarly(now())) {
            backend.failed(Signal.CONNECT_FAILED, 1); // as in twemproxy, where each request would try to connect
            return ErrorKind.UNREACHABLE;
        }
        return budget.isFull() ? ErrorKind.STALLED : null;
    }

    /** Why the server's role forbids a request; null if it is a primary again, and this is news here. */
    private @Nullable ErrorKind demotion() {
        if (!role.isDemoted() && state != State.READY) {
            role.look();
            plan.tryNow(now());
            return null;
        }
        if (state == State.DOWN && !plan.isTooEarly(now())) {
            connect();
        }
        return ErrorKind.DEMOTED;
    }

    /** Requests so far. */
    long requests() {
        return counts.requests();
    }

    /** Those of them of which no reply is awaited any more. */
    long answeredRequests() {
        return counts.requests() - inFlight.size();
    }

    /**
     * Those and the oldest others that were sent and whose requesters have been told that they are late, so that no reply
     * to them will be passed on. What the server may still do then is what it may do after a connection was lost, too.
     */
    long concludedRequests() {
        long taken = bytesTaken();
        int late = 0;
        while (!headStarted && late < expired && inFlight.end(late) <= taken) {
            late++;
        }
        return answeredRequests() + late;
    }

    private long unsentBytes() {
        return connection == null ? out.waiting() : connection.unsentBytes();
    }

    /** What to tell the requester about a {@link #refusal()}. */
    public String describe(ErrorKind refusal) {
        return switch (refusal) {
            case UNREACHABLE -> plan.describe(now());
            case DEMOTED -> plan.describeDemotion(now());
            default -> budget.describe();
        };
    }

    /** Appends a request as it is, or as a part of the one before it; to be followed by {@link #sent}. */
    public void append(Request request) {
        if (joiner == null) {
            request.appendTo(out);
        } else if (joiner.append(request, counts.requests(), out)) {
            counts.onJoined();
        }
    }

    /** Where else to append a request, all of it, before calling {@link #sent}. */
    public OutBuffer out() {
        return out;
    }

    /**
     * What has been appended since the last call is one request, whose reply goes to {@code sink}.
     *
     * @param read whether it changes nothing, so that it may be sent once more
     */
    public void sent(ReplySink sink, boolean read) {
        long now = now();
        long end = out.appended();
        int kept = keptReads != null && read ? keptReads.keep(out, end - newestEnd) : 0;
        newestEnd = end;
        inFlight.add(sink, now, end, kept);
        budget.onRequest(unsentBytes(), inFlight.size(), now);
        counts.onRequest();
        backend.deadlines().watch();
        if (state == State.READY && connection != null) {
            connection.flushThisTurn();
        } else if (state == State.DOWN) {
            connect();
        }
    }

    /**
     * What has been appended since the last call is one request of several that bring a reply each: {@code others} of
     * them go to {@code each}, the last one to {@code last}. All of it is sent on one socket or none. Where it ends is
     * said of the last reply only, and of the others that they end in its first byte: so as soon as any byte was taken,
     * a part of a request was.
     */
    public void sentTogether(ReplySink each, int others, ReplySink last) {
        long now = now();
        for (int i = 0; i < others; i++) {
            inFlight.add(each, now, newestEnd + 1, 0);
            counts.onRequest();
        }
        sent(last, false);
    }

    /**
     * Appending a request failed half way. What follows in the out buffer would be taken for the rest of it, so nothing
     * of the buffer may be sent.
     */
    public void abandonUnfinished(Throwable cause) {
        log.error("Server connection given up: pool={} server={}", backend.pool(), backend.name(), cause);
        heardThisSocket = false; // what waits is failed as well
        if (state == State.DOWN) {
            failAll("a request could not be appended");
            budget.onFailed(out.waiting(), inFlight.size());
            counts.settle(unsentBytes());
        } else {
            unfinished = true;
            fail("a request could not be appended");
            unfinished = false;
        }
    }

    /** This connection did not take a request, and its requester is told why. */
    public void refused(ErrorKind refusal) {
        counts.onError(refusal);
    }

    private long now() {
        return loop.resources().clock().nanos();
    }

    // ---- connecting

    /** Connects unless that is done or under way. */
    void connect() {
        if (state != State.DOWN) {
            return;
        }
        state = State.CONNECTING;
        Socket next = new Socket();
        socket = next;
        long wait = backend.pacer().waitNanos(backend.random());
        if (wait == 0) {
            next.start();
        } else {
            counts.onConnectDelayed();
            loop.schedule(next::start, Duration.ofNanos(wait));
        }
    }

    /** The same words whichever transport says it: applications group errors by their text. */
    private static String reason(Throwable cause) {
        String message = cause.getMessage();
        if (cause instanceof UnknownHostException) {
            return "unknown host: " + message;
        }
        if (message == null) {
            return cause.getClass().getSimpleName();
        }
        return message.contains("Connection refused") ? "connection refused" : message;
    }

    private void onOpen(Connection opened) {
        if (log.isDebugEnabled()) { // the peer's name is asked of the kernel
            log.debug("Connected: pool={} server={} to={}", backend.pool(), backend.name(), opened.peer());
        }
        connection = opened;
        returnsAtOpen = backend.returns();
        counts.onOpen();
        heardThisSocket = false;
        decoder.next();
        failTaken("an earlier connection"); // none is left, or its reply would go to another's requester
        openAt = backend.hasName() ? opened.source() : null;
        Handshake handshake = backend.protocol().handshake();
        handshakeReplies = handshake.replies() + (role.asks() ? 1 : 0);
        if (handshakeReplies == 0) {
            becomeReady(opened);
        } else {
            state = State.HANDSHAKE;
            role.onAsked();
            opened.sendAhead(
                    Unpooled.wrappedBuffer(handshake.bytes(), backend.protocol().roleQuestion()));
        }
    }

    private void becomeReady(Connection opened) {
        state = State.READY;
        if (standing == Standing.SUCCESSOR) {
            standing = Standing.IN_USE;
            backend.onReady(this);
        }
        counts.onReady();
        opened.flushThisTurn();
        usedUntil = now();
        backend.idle().watch();
    }

    // ---- replies

    private int onData(ByteBuf in) {
        Socket heard = socket; // whoever gets a reply may bring this socket to its end, and another one to its begin
        try {
            while (in.isReadable() && socket == heard) {
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
        if (socket != heard) {
            in.skipBytes(in.readableBytes());
        }
        return 0;
    }

    private void onReply(ByteBuf in, int length) throws ProtocolException {
        int start = in.readerIndex();
        if (state == State.HANDSHAKE) {
            onHandshakeReply(in, start, length);
            return;
        }
        ReplySink sink = Delivery.recipient(inFlight, teller);
        noteHealth(in, start, length);
        counts.onReply(now());
        removeHead();
        budget.onAnswer(inFlight.size());
        if (sink != null) {
            lateness.onInTime();
            Delivery.deliver(sink, decoder, in, start, length);
        }
    }

    /**
     * An error ends no back-off: "max number of clients reached" is one, and then the server closes. It does end a row of
     * failures, as in twemproxy, unless it tells of the server's own trouble.
     */
    private void noteHealth(ByteBuf in, int start, int length) {
        if (!headStarted && backend.protocol().isError(in, start)) {
            counts.onErrorReply();
            if (backend.protocol().saysServerIsReplica(in, start, length)) {
                role.onReadOnly();
            }
            if (backend.protocol().saysServerInTrouble(in, start, length)) {
                backend.failed(Signal.TROUBLE_REPLY, 1);
            } else {
                backend.succeeded();
            }
            return;
        }
        if (!heardThisSocket) {
            heardThisSocket = true;
            plan.onAnswered();
        }
        backend.succeeded();
    }

    private void onHandshakeReply(ByteBuf in, int start, int length) {
        if (role.asks() && handshakeReplies == 1) {
            onRole(backend.protocol().roleIn(in, start, length));
        } else if (backend.protocol().isError(in, start)) {
            String text =
                    in.toString(start, length, StandardCharsets.ISO_8859_1).strip();
            fail("handshake refused: " + text);
        } else if (--handshakeReplies == 0 && connection != null) {
            becomeReady(connection);
        }
    }

    private void onRole(ServerRole told) {
        boolean isGood = role.onAnswer(told, standing == Standing.IN_USE);
        if (isGood && connection != null) {
            becomeReady(connection);
        } else {
            fail("it is a replica");
        }
    }

    /** Passes a piece of a large reply on, so that it need not be gathered here; what nobody is to get is refused. */
    private int passOnLarge(ByteBuf in) throws ProtocolException {
        int piece = decoder.scanned();
        if (state == State.HANDSHAKE && piece >= STREAM_FROM_BYTES) {
            throw new ProtocolException("an answer to the handshake of more than " + STREAM_FROM_BYTES + " bytes");
        }
        ReplySink sink = state == State.READY ? Delivery.recipient(inFlight, teller) : null;
        if (state == State.READY && piece > 0 && (headStarted || piece >= STREAM_FROM_BYTES)) {
            headStarted = true;
            budget.onAnswer(inFlight.size());
            if (sink != null) {
                Delivery.deliver(sink, in, in.readerIndex(), piece, false);
            }
            in.skipBytes(piece);
            decoder.pieceTaken();
        }
        return headStarted ? 0 : decoder.missing();
    }

    // ---- deadlines

    /** Answers requests whose deadline has passed; gives the connection up when its oldest is too old. */
    void sweep(long now) {
        int late = 0;
        while (expired < inFlight.size() && now - inFlight.sentAt(expired) >= timeoutNanos) {
            late += expire(expired, now) ? 1 : 0;
            expired++;
        }
        if (late > 0) {
            backend.failed(Signal.DEADLINE, late);
            counts.onTimeout();
            lateness.onLate(now, millis(timeoutNanos), inFlight.size());
        }
        if (!inFlight.isEmpty() && now - inFlight.sentAt(0) >= hardTimeoutNanos) {
            log.warn(
                    "Server connection given up: pool={} server={} oldest_request={}ms in_flight={}",
                    backend.pool(),
                    backend.name(),
                    millis(now - inFlight.sentAt(0)),
                    inFlight.size());
            fail("no reply for " + millis(now - inFlight.sentAt(0)) + "ms");
        }
        budget.sweep(now, bytesTaken(), expired > 0);
        if (standing == Standing.RETIRED) {
            leave(now);
        }
    }

    private boolean expire(int position, long now) {
        ReplySink sink = inFlight.sink(position);
        if (sink == null || (position == 0 && headStarted)) { // a reply that is arriving may finish
            return false;
        }
        inFlight.disown(position);
        answer(
                sink,
                ErrorKind.TIMED_OUT,
                "server=" + backend.name() + " waited=" + millis(now - inFlight.sentAt(position)) + "ms");
        return true;
    }

    private long bytesTaken() {
        return out.appended() - (connection == null ? out.waiting() : connection.unsentBytes());
    }

    boolean isIdle() {
        return inFlight.isEmpty() && !budget.hasWaiters();
    }

    /** Those who wait for room ask again, now. */
    void releaseWaiters() {
        budget.releaseWaiters();
    }

    // ---- giving way

    /** Whether it was opened before the server was a replica, and may still be used. */
    boolean isOutdated() {
        return state == State.READY && !role.isUnchanged();
    }

    /** Whether it is open, to none of these addresses. */
    boolean isReadyElsewhere(Set<InetAddress> addresses) {
        return state == State.READY && openAt != null && !addresses.contains(openAt);
    }

    /** Gets no more requests, and goes when those it has are answered. */
    void retire() {
        standing = Standing.RETIRED;
        retiredAt = now();
        releaseWaiters();
        backend.deadlines().watch();
    }

    private void leave(long now) {
        if (state == State.READY && isIdle()) {
            closeUnused();
            counts.onClosed();
        } else if (state != State.DOWN
                && now - retiredAt >= settings.drainTimeout().toNanos()) {
            close("another connection has taken its place, and no answer in time");
        }
        if (state == State.DOWN) {
            backend.onGone(this);
        }
    }

    /** Whether it is not to be had again when it is lost. */
    private boolean isEnding() {
        return standing != Standing.IN_USE || backend.isClosing();
    }

    // ---- ends

    /** Ends the socket, or the attempt to get one, and answers those who cannot wait for another. */
    private void fail(String cause) {
        loop.resources().clock().refresh(); // what ends a connection may come without bytes
        boolean wasReady = state == State.READY;
        int hadRequests = inFlight.size();
        state = State.DOWN;
        socket = null;
        lateness.forget();
        Connection closing = connection;
        connection = null;
        if (closing != null) {
            closing.close();
            counts.onClosed();
        }
        decoder.next();
        if (wasReady && heardThisSocket && standing == Standing.IN_USE) {
            failTaken(cause);
            plan.onLost(cause, now());
        } else {
            plan.onFailed(cause, now(), role.isDemoted());
            counts.onUnreachable();
            if (wasReady || unfinished || !waitForAnotherAttempt()) {
                failAll(cause);
            }
        }
        budget.onFailed(out.waiting(), inFlight.size());
        counts.settle(unsentBytes());
        if (standing == Standing.SUCCESSOR) {
            standing = Standing.RETIRED;
            backend.onSuccessorFailed(this);
        } else if (!isEnding()) {
            countFailure(wasReady, cause);
            boolean saysNothing = role.isDemoted() || (wasReady && (hadRequests == 0 || isOlderThanReturn()));
            if (!saysNothing) {
                int lost = hadRequests - inFlight.size();
                backend.failed(wasReady ? Signal.CLOSED : Signal.CONNECT_FAILED, Math.max(1, lost));
            }
            connectAgain();
        }
    }

    /**
     * Whether the server has been taken back since the socket was opened. A socket that nobody used meanwhile may long be
     * dead, as when the server's machine lost power; that is no reason to leave the server out again.
     */
    private boolean isOlderThanReturn() {
        return returnsAtOpen != backend.returns();
    }

    private void countFailure(boolean wasReady, String cause) {
        if (wasReady) {
            counts.onLostConnection(cause.equals(CLOSED_BY_SERVER));
        } else {
            counts.onConnectFailed();
        }
    }

    /**
     * Those of which bytes were taken may have been executed: nobody may send them again, but for reads that no other of
     * them follows. A read before a lost write must not be sent again, or it could see what was written after it.
     */
    private void failTaken(String cause) {
        int retries = retryableReads();
        int taken = inFlight.size() - inFlight.endingBeyond(out.taken());
        for (int i = taken - retries; i > 0; i--) {
            failHead(ErrorKind.CONNECTION_LOST, cause);
        }
        if (retries > 0) {
            sendAgain(retries);
        } else if (!inFlight.isEmpty() && inFlight.start() < out.taken()) {
            failAll(cause); // one of which a part was taken: the rest of it is no request
        }
    }

    /** How many of the newest requests that were taken are reads to be sent once more. */
    private int retryableReads() {
        int taken = inFlight.size() - inFlight.endingBeyond(out.taken());
        if (keptReads == null || isEnding() || taken == 0 || inFlight.end(taken - 1) != out.taken()) {
            return 0;
        }
        int reads = 0;
        while (reads < taken && mayBeSentAgain(taken - 1 - reads)) {
            reads++;
        }
        return reads > 0 && backend.mayRetry(reads) ? reads : 0;
    }

    private boolean mayBeSentAgain(int position) {
        return inFlight.keptBytes(position) > 0
                && !inFlight.wasRetried(position)
                && inFlight.sink(position) != null
                && !(position == 0 && headStarted);
    }

    /** Sends the oldest requests once more, all of them reads. */
    private void sendAgain(int reads) {
        int bytes = 0;
        for (int i = 0; i < reads; i++) {
            bytes += inFlight.keptBytes(i);
            inFlight.markRetried(i);
        }
        if (keptReads != null) {
            out.putBack(keptReads.oldest(bytes));
        }
        counts.onRetry(reads);
    }

    /** Whether what waits, none of it sent, may wait for one more attempt to connect; only at the begin of an outage. */
    private boolean waitForAnotherAttempt() {
        int waiting = inFlight.size();
        if (waiting == 0
                || settings.retries().percent() == 0
                || isEnding()
                || role.isDemoted()
                || plan.waitNanos(now()) > LONGEST_RETRY_WAIT_NANOS) {
            return false;
        }
        for (int i = 0; i < waiting; i++) {
            if (inFlight.wasRetried(i)) {
                return false;
            }
        }
        if (!backend.mayRetry(waiting)) {
            return false;
        }
        for (int i = 0; i < waiting; i++) {
            inFlight.markRetried(i);
        }
        counts.onRetry(waiting);
        return true;
    }

    private void failAll(String cause) {
        while (!inFlight.isEmpty()) {
            boolean taken = inFlight.end(0) <= out.taken();
            ErrorKind notSent = role.isDemoted() ? ErrorKind.DEMOTED : ErrorKind.UNREACHABLE;
            failHead(taken ? ErrorKind.CONNECTION_LOST : notSent, cause);
        }
        out.clear();
        inFlight.beginAt(out.appended());
        if (joiner != null) {
            joiner.forget();
        }
    }

    private void failHead(ErrorKind kind, String cause) {
        ReplySink sink = inFlight.sink(0);
        long waited = now() - inFlight.sentAt(0);
        boolean started = headStarted;
        counts.onLost();
        removeHead();
        if (sink == null) {
            return;
        }
        String detail = "server=" + backend.name() + " waited=" + millis(waited) + "ms cause=" + cause;
        if (started) {
            counts.onError(kind);
            Delivery.breakOff(sink, detail + " in the middle of its reply");
        } else {
            answer(sink, kind, detail);
        }
    }

    private void removeHead() {
        if (keptReads != null) {
            keptReads.drop(inFlight.keptBytes(0));
        }
        inFlight.removeHead();
        expired = Math.max(0, expired - 1);
        headStarted = false;
    }

    private void answer(ReplySink sink, ErrorKind kind, String detail) {
        counts.onError(kind);
        Delivery.deliver(sink, backend.protocol().error(kind, detail));
    }

    private void connectAgain() {
        long wait = plan.waitNanos(now());
        if (!inFlight.isEmpty() && wait == 0) {
            connect();
        } else if (!inFlight.isEmpty() || backend.isKeptConnected()) {
            loop.schedule(this::connectWhenDue, Duration.ofNanos(wait));
        }
    }

    /** A request may have tried meanwhile, in vain; then its failure has planned the next attempt, and not for now. */
    void connectWhenDue() {
        boolean wanted = standing == Standing.IN_USE
                && (backend.isKeptConnected() || (!inFlight.isEmpty() && !backend.isClosing()));
        if (wanted && plan.waitNanos(loop.resources().clock().refresh()) == 0) {
            connect();
        }
    }

    /** Closes for good. What is in flight is answered with an error that tells the cause. */
    void close(String cause) {
        if (state == State.DOWN) {
            failAll(cause);
            budget.onFailed(out.waiting(), inFlight.size());
            counts.settle(unsentBytes());
        } else {
            heardThisSocket = false;
            fail(cause);
        }
    }

    // ---- idle

    /** Whether it may still become idle; if it has been for so long, it closes, and the next request connects anew. */
    boolean staysOpen(long now, long idleTimeoutNanos) {
        if (!inFlight.isEmpty() || out.appended() != appendedBefore) {
            appendedBefore = out.appended();
            usedUntil = now;
        }
        if (state == State.READY && now - usedUntil >= idleTimeoutNanos) {
            log.debug("Server connection closed, it was idle: pool={} server={}", backend.pool(), backend.name());
            closeUnused();
            counts.onIdle();
        }
        return state != State.DOWN;
    }

    /** Nothing is in flight, so nobody is to be told; and it is no failure of the server's. */
    private void closeUnused() {
        Connection closing = connection;
        state = State.DOWN;
        socket = null;
        connection = null;
        decoder.next();
        if (closing != null) {
            closing.close();
        }
    }

    private static long millis(long nanos) {
        return Math.max(0, nanos / 1_000_000);
    }

    /** The events of one socket; those of an older one than the current are not heard. */
    private final class Socket implements ConnectionHandler {

        private boolean isCurrent() {
            return socket == this;
        }

        @Override
        public void onOpen(Connection opened) {
            if (isCurrent()) {
                BackendConnection.this.onOpen(opened);
            } else {
                opened.close();
            }
        }

        void start() {
            if (isCurrent()) {
                loop.connect(backend.address(), settings.connectOptions(), out, this, this::onConnectFailed);
                loop.schedule(this::giveUp, settings.connectTimeout());
            }
        }

        void onConnectFailed(Throwable cause) {
            if (isCurrent()) {
                fail("cannot connect: " + reason(cause));
            }
        }

        /** The time for the whole attempt is over: looking the name up, connecting, the handshake. */
        void giveUp() {
            if (isCurrent() && state != State.READY) {
                String missing = state == State.HANDSHAKE ? "no answer to the handshake in " : "cannot connect in ";
                fail(missing + settings.connectTimeout().toMillis() + "ms");
            }
        }

        @Override
        public int onData(ByteBuf in) {
            if (isCurrent()) {
                int offered = in.readableBytes();
                int missing = BackendConnection.this.onData(in);
                counts.onBytes(offered - in.readableBytes());
                return missing;
            }
            in.skipBytes(in.readableBytes());
            return 0;
        }

        @Override
        public void onInputClosed() {
            onClosed();
        }

        @Override
        public void onSent() {
            if (isCurrent()) {
                long unsent = unsentBytes();
                budget.onSent(unsent);
                counts.settle(unsent);
            }
        }

        @Override
        public void onClosed() {
            if (isCurrent()) {
                fail(CLOSED_BY_SERVER);
            }
        }
    }
}
