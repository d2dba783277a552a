package io.sluice.proxy.session;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.access.User;
import io.sluice.proxy.access.Verdict;
import io.sluice.proxy.admission.Admission;
import io.sluice.proxy.admission.Refusal;
import io.sluice.proxy.budget.BackendBudget;
import io.sluice.proxy.budget.BudgetFigure;
import io.sluice.proxy.budget.ClientBudget;
import io.sluice.proxy.budget.Room;
import io.sluice.proxy.budget.WorkerBudget;
import io.sluice.proxy.command.Access;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.conversation.Client;
import io.sluice.proxy.conversation.Conversation;
import io.sluice.proxy.dispatch.RequestDispatcher;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.RequestDecoder;
import io.sluice.proxy.protocol.SessionState;
import io.sluice.proxy.transport.Connection;
import io.sluice.proxy.transport.ConnectionHandler;
import io.sluice.proxy.transport.OutBuffer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client connection: requests in, replies out in request order. Event-loop only. */
public final class ClientSession
        implements ConnectionHandler, PendingReplies.Owner, ClientBudget.Holder, BackendBudget.Waiter {

    private static final Logger log = LoggerFactory.getLogger(ClientSession.class);

    /** The longest request that is still gathered while the process holds too much. */
    private static final int MAX_REQUEST_WHEN_OVER_BYTES = 256 << 10;

    private static final int MAX_UNAUTHENTICATED_BYTES = 16 << 10;

    /** Of a client whose requests wait for something it has begun, so much is read at most. */
    private static final int MOST_BYTES_HELD_UP = 64 << 10;

    /** Requests of one client handled before others have their turn. */
    static final int MAX_REQUESTS_PER_TURN = 1024;

    private final ClientSessions sessions;
    private final Protocol protocol;
    private final RequestDispatcher dispatcher;
    private final WorkerBudget worker;
    private final ClientBudget budget;
    private final SessionState state;
    private final PendingReplies pending;
    private final ClientCounts counts;
    private final @Nullable Admission bounded; // counts requests of the pool; null if nobody does
    private final @Nullable Refusal refusedBefore; // it came too early
    private final @Nullable InetSocketAddress announcedBefore; // to another process

    private @Nullable Connection connection;
    private @Nullable InetAddress source; // as it was counted
    private long lastHeard;
    private @Nullable RequestDecoder partial; // holds the beginning of a request
    private boolean paused;
    private boolean givingWay; // to other clients, for this turn
    private boolean inputClosed;
    private @Nullable ClientDeparture departure; // another process is to go on with this client
    private @Nullable Conversation conversation; // null until it begins something that outlasts a request
    private @Nullable Room awaited; // what the next request needs

    /**
     * @param refusedBefore why the client is to be turned away; null if it is not known to be one too many
     * @param announcedBefore what a PROXY header has told another process; null for nothing
     */
    ClientSession(
            ClientSessions sessions,
            SessionState state,
            OutBuffer out,
            @Nullable Refusal refusedBefore,
            @Nullable InetSocketAddress announcedBefore) {
        this.sessions = sessions;
        this.protocol = sessions.protocol();
        this.dispatcher = sessions.dispatcher();
        this.worker = sessions.budget();
        this.budget = new ClientBudget(worker, sessions.limits(), this);
        this.state = state;
        this.counts = sessions.newCounts(out);
        this.pending = sessions.newPendingReplies(out, budget, counts, this);
        Admission admission = sessions.entry().admission();
        this.bounded = admission.boundsRequests() ? admission : null;
        this.refusedBefore = refusedBefore;
        this.announcedBefore = announcedBefore;
    }

    @Override
    public void onOpen(Connection opened) {
        connection = opened;
        if (announcedBefore != null) {
            opened.announce(announcedBefore);
        }
        if (log.isDebugEnabled()) { // the peer's name is asked of the kernel
            log.debug("Client connected: client={} id={}", opened.peer(), state.id());
        }
        lastHeard = counts.now();
        Refusal refusal = refusedBefore != null ? refusedBefore : admit(opened);
        if (refusal == null) {
            counts.onAccepted();
            if (state.isClosing() || sessions.isLeaving()) { // its user is gone; or it was not ready before we go
                drain();
            }
        } else {
            sessions.arrivals().onRefused(refusal, opened.peer());
            answer(protocol.error(ErrorKind.OVERLOADED, refusal.text()));
            state.closeAfterReplies();
            closeIfDone();
        }
    }

    private @Nullable Refusal admit(Connection opened) {
        if (sessions.entry().admission().countsAddresses()) { // else nobody asks the kernel
            source = opened.source();
        }
        return sessions.admit(this, source);
    }

    // ---- requests

    @Override
    public int onData(ByteBuf in) {
        int offered = in.readableBytes();
        int handled = 0;
        lastHeard = counts.now();
        RequestDecoder decoder = partial != null ? partial : sessions.decoders().take();
        partial = null;
        int missing = 0;
        try {
            while (mayRead()) {
                if (!decoder.decode(in)) {
                    missing = decoder.missing();
                    boundBeforeAuthentication(in.readableBytes());
                    refuseWhenOverBudget(in.readableBytes());
                    break;
                }
                if (!handle(decoder.request())) {
                    break;
                }
                in.skipBytes(decoder.consumed());
                if (++handled == MAX_REQUESTS_PER_TURN && in.isReadable()) {
                    giveWay();
                    break;
                }
            }
        } catch (ProtocolException e) {
            refuse(e, decoder.request().wantsReply());
        }
        giveBack(decoder);
        if (inputClosed && !paused) {
            state.closeAfterReplies();
        }
        if (state.isClosing()) {
            in.skipBytes(in.readableBytes());
            closeIfDone();
        }
        counts.onBytes(offered - in.readableBytes());
        if (in.readableBytes() > MOST_BYTES_HELD_UP && paused && connection != null) {
            connection.setReading(false);
        }
        countPartial(in.readableBytes(), missing);
        return missing;
    }

    /** A long pipeline goes on when everybody else on this loop has had a turn. */
    private void giveWay() {
        givingWay = true;
        setPaused(true);
        sessions.entry().nextTurn().execute(this::goOn);
    }

    private void goOn() {
        givingWay = false;
        if (connection != null) {
            resumeBelowLimits();
        }
    }

    /** What is left unread is kept, with as much room at most for what is missing. */
    private void countPartial(int unread, int missing) {
        budget.partial(unread + Math.min(unread, missing));
        settle();
    }

    /** A large request is not gathered at the cost of all others. */
    private void refuseWhenOverBudget(int heldBytes) {
        if (heldBytes > MAX_REQUEST_WHEN_OVER_BYTES && worker.isOver()) {
            worker.count(BudgetFigure.REFUSALS);
            counts.onError(ErrorKind.OVERLOADED);
            answer(protocol.error(
                    ErrorKind.OVERLOADED,
                    "the proxy holds too much for a request of this size (limits.process_buffer_bytes)"));
            state.closeAfterReplies();
        }
    }

    /** Strangers get no memory; the bound is the one Redis has for them. */
    private void boundBeforeAuthentication(int heldBytes) throws ProtocolException {
        if (!state.isAuthenticated() && heldBytes > MAX_UNAUTHENTICATED_BYTES) {
            throw new ProtocolException("unauthenticated request of more than " + MAX_UNAUTHENTICATED_BYTES + " bytes");
        }
    }

    private boolean mayRead() {
        return !paused && !state.isClosing();
    }

    private void giveBack(RequestDecoder decoder) {
        if (decoder.midRequest() && !state.isClosing()) {
            partial = decoder;
        } else {
            sessions.decoders().give(decoder);
        }
    }

    /** Returns false if the request must wait; then nothing was done. */
    private boolean handle(Request request) {
        Command command = request.command();
        boolean read = command != null && command.access() == Access.READ;
        ReplySlot slot = pending.append(request.wantsReply(), read); // first: it fixes this reply's place in the output
        ErrorKind fault = request.fault();
        if (fault != null) {
            fail(slot, fault, protocol.error(fault, request.faultDetail()));
        } else if (command == null) {
            fail(slot, ErrorKind.UNKNOWN_COMMAND, protocol.badRequest(ErrorKind.UNKNOWN_COMMAND, request));
        } else if (!state.isAuthenticated() && !protocol.allowedUnauthenticated(request)) {
            fail(slot, ErrorKind.NOT_AUTHENTICATED, protocol.error(ErrorKind.NOT_AUTHENTICATED, ""));
        } else if (!command.arityAllows(request.count())) {
            fail(slot, ErrorKind.WRONG_ARGUMENT_COUNT, protocol.badRequest(ErrorKind.WRONG_ARGUMENT_COUNT, request));
        } else if (state.restricted() != null && verdict(command, request) != Verdict.ALLOWED) {
            fail(slot, ErrorKind.NOT_PERMITTED, protocol.notPermitted(command, verdict(command, request)));
        } else if (!carryOut(command, request, slot)) {
            pending.takeBack();
            return false;
        }
        counts.onRequest();
        pauseAtLimits();
        return true;
    }

    /** What the rules of the client's user say. Only asked where he has limits. */
    private int verdict(Command command, Request request) {
        User user = state.restricted();
        return user == null ? Verdict.ALLOWED : user.verdict(command, request, sessions.keyArguments(request.count()));
    }

    private boolean carryOut(Command command, Request request, ReplySlot slot) {
        if (conversation != null && conversation.takes(command)) {
            return conversation.carryOut(command, request, slot);
        }
        switch (command.handling()) {
            case FORWARD -> {
                return isOneTooMany(slot) || forward(command, request, slot);
            }
            case SESSION -> {
                if (command.step().isForwarded() && isOneTooMany(slot)) {
                    return true;
                }
                return conversation().carryOut(command, request, slot);
            }
            case LOCAL -> {
                protocol.answerLocally(request, state, slot);
                noteFailedLogin();
            }
            case REFUSED ->
                fail(
                        slot,
                        ErrorKind.REFUSED,
                        protocol.error(
                                ErrorKind.REFUSED,
                                "'" + command.name() + "' is not served by this proxy: " + command.refusal()));
        }
        return true;
    }

    /** Whether the pool has as many requests in flight as it may; then this one gets an error. */
    private boolean isOneTooMany(ReplySlot slot) {
        if (bounded == null || slot.enter(bounded)) {
            return false;
        }
        fail(slot, ErrorKind.OVERLOADED, protocol.error(ErrorKind.OVERLOADED, tooManyInFlight(bounded)));
        return true;
    }

    private boolean forward(Command command, Request request, ReplySink replyTo) {
        ReplySink sink = sessions.sinkFor(command, request, replyTo);
        return sink == null || taken(dispatcher.dispatch(command, request, state.id(), sink));
    }

    private Conversation conversation() {
        if (conversation == null) {
            conversation = sessions.conversations().begin(new Partner());
        }
        return conversation;
    }

    private void noteFailedLogin() {
        String user = state.takeFailedLogin();
        if (user != null) {
            counts.onFailedLogin();
            sessions.failedLogins().warn(user, connection);
        }
    }

    private static String tooManyInFlight(Admission pool) {
        return "more than " + pool.rule().maxInFlight() + " requests of all clients in flight (max_in_flight)";
    }

    /** Stops reading until there is room, unless the request was taken. */
    private boolean taken(@Nullable Room full) {
        if (full == null) {
            return true;
        }
        awaited = full;
        full.await(this);
        setPaused(true);
        return false;
    }

    private void fail(ReplySink slot, ErrorKind kind, ByteBuf error) {
        counts.onError(kind);
        if (conversation != null) {
            conversation.onRefused();
        }
        slot.onReply(error, 0, error.readableBytes(), true);
    }

    private void answer(ByteBuf reply) {
        counts.onRequest();
        pending.append(true, false).onReply(reply, 0, reply.readableBytes(), true);
    }

    /** One error in its place, then the end: what follows in the stream means nothing. */
    private void refuse(ProtocolException e, boolean wantsReply) {
        log.debug("Protocol error: client={} error={}", peer(), e.getMessage());
        counts.onProtocolError();
        if (wantsReply) {
            answer(protocol.error(ErrorKind.PROTOCOL, e.getMessage()));
        }
        state.closeAfterReplies();
    }

    // ---- limits

    private void pauseAtLimits() {
        if (budget.isFull(pending.size())) {
            worker.count(BudgetFigure.CLIENT_PAUSES);
            setPaused(true);
        }
    }

    private void resumeBelowLimits() {
        if (paused && awaited == null && !givingWay && budget.hasRoom(pending.size()) && !isHeldUp()) {
            setPaused(false);
        }
    }

    private boolean isSubscribed() {
        return conversation != null && conversation.isSubscribed();
    }

    private boolean isHeldUp() {
        return conversation != null && conversation.holdsUp(pending.size());
    }

    @Override
    public void onRoom() {
        awaited = null;
        resumeBelowLimits();
    }

    private void stopWaiting() {
        if (awaited != null) {
            awaited.forget(this);
            awaited = null;
        }
    }

    private void settle() {
        budget.settle(unsentBytes());
    }

    private void setPaused(boolean pause) {
        paused = pause;
        if (connection != null) {
            if (!pause) {
                connection.setReading(
                        false); // a client that was held up has been listened to: what came is offered anew
            }
            connection.setReading(!pause && !state.isClosing());
        }
    }

    private long unsentBytes() {
        return connection == null ? 0 : connection.unsentBytes();
    }

    // ---- replies

    @Override
    public void onRepliesWritten() {
        if (connection != null) {
            connection.flushThisTurn();
            budget.onUnsent(connection.unsentBytes());
            resumeBelowLimits();
            if (state.isClosing()) {
                closeIfDone();
            }
            departWhenQuiet(); // where the last reply is one that nobody wants, nothing will be sent
        }
    }

    @Override
    public void onReplyHeld() {
        settle();
        resumeBelowLimits();
    }

    @Override
    public void onEvicted(long heldBytes, String reason) {
        counts.onEvicted();
        log.warn(
                "Client closed, {}: client={} held_bytes={} unsent_bytes={}", reason, peer(), heldBytes, unsentBytes());
        closeNow();
    }

    /** It cannot know what has become of a request, so it begins anew, as after the loss of its connection. */
    @Override
    public void onMustGo() {
        log.info("Client closed, the outcome of a request is not known: client={} id={}", peer(), state.id());
        drain();
    }

    @Override
    public void onReplyBroken() {
        log.debug("Client closed, a reply half sent cannot be finished: client={}", peer());
        if (connection != null) {
            connection.close();
        }
    }

    @Override
    public void onSent() {
        counts.settle(unsentBytes());
        budget.onSent();
        settle();
        resumeBelowLimits();
        departWhenQuiet();
    }

    // ---- another process

    /** Lets another process go on with the client, between two requests; closes it where that cannot be. */
    void handOver(Departure to) {
        if (connection == null || departure != null) {
            return;
        }
        if (state.isClosing() || inputClosed || (conversation != null && !conversation.isOver())) {
            drain();
            return;
        }
        ClientDeparture begun = new ClientDeparture(to, connection);
        departure = begun;
        stopWaiting(); // what waits has not been begun: the other process begins it
        if (begun.begin(this::departWhenQuiet)) {
            departWhenQuiet();
        } else {
            departure = null;
            drain();
        }
    }

    private void departWhenQuiet() {
        if (departure == null || connection == null || !departure.isReady()) { // not yet, or done
            return;
        }
        if (pending.size() == 0 && connection.unsentBytes() == 0 && !state.isClosing() && !inputClosed) {
            departure.depart(state.id(), state.carried());
            closeNow();
        }
    }

    // ---- ends

    /** The rules for users have changed: the client goes on with the new ones, or goes if its user is gone. */
    void applyRules() {
        if (!protocol.applyRules(state)) {
            log.info("Client closed, its user is gone: client={} id={}", peer(), state.id());
            drain();
        }
    }

    /** Answers what is in flight, then closes. */
    void drain() {
        state.closeAfterReplies();
        if (conversation != null) {
            conversation.drain();
        }
        stopWaiting();
        if (connection != null) {
            connection.setReading(false);
        }
        closeIfDone();
    }

    /** Closes it if it has been silent for so long while it waited for nothing. */
    void closeIfIdle(long now, long timeoutNanos) {
        if (pending.size() > 0 || paused || unsentBytes() > 0 || isSubscribed()) {
            lastHeard = now;
        } else if (now - lastHeard >= timeoutNanos && !state.isClosing()) {
            log.debug("Client closed, it was idle: client={} id={}", peer(), state.id());
            counts.onIdle();
            drain();
        }
    }

    void closeNow() {
        if (connection != null) {
            connection.close();
        }
    }

    private void closeIfDone() {
        if (pending.size() == 0 && connection != null) {
            connection.closeAfterFlush();
        }
    }

    /** The client sends no more but may wait for replies: {@code printf … | nc}. */
    @Override
    public void onInputClosed() {
        inputClosed = true;
        if (conversation != null) {
            conversation.onInputClosed();
        }
        if (!paused) { // else what has been read and not handled yet comes first
            state.closeAfterReplies();
            closeIfDone();
        }
    }

    @Override
    public void onClosed() {
        log.debug("Client gone: id={} replies_owed={}", state.id(), pending.size());
        connection = null;
        if (departure != null) {
            departure.giveUp();
        }
        stopWaiting();
        pending.abandonAll(); // before the conversation ends: what that has to say is for nobody
        if (conversation != null) {
            conversation.close();
        }
        budget.close();
        if (partial != null) {
            sessions.decoders().give(partial);
            partial = null;
        }
        if (sessions.remove(this, source)) {
            counts.onClosed(inputClosed || state.isClosing() || (departure != null && departure.hasGone()));
        }
    }

    private String peer() {
        return connection == null ? "gone" : connection.peer();
    }

    /** What a conversation knows of its client. */
    private final class Partner implements Client {

        @Override
        public long id() {
            return state.id();
        }

        @Override
        public boolean isQuiet() {
            return pending.size() <= 1;
        }

        @Override
        public boolean isNewest(ReplySink slot) {
            return pending.isNewest(slot);
        }

        @Override
        public boolean forward(Command command, Request request, ReplySink replyTo) {
            return ClientSession.this.forward(command, request, replyTo);
        }

        @Override
        public void await(Room full) {
            taken(full);
        }

        @Override
        public void holdUp() {
            paused = true;
        }

        @Override
        public void fail(ReplySink slot, ErrorKind kind, String detail) {
            ClientSession.this.fail(slot, kind, protocol.error(kind, detail));
        }

        @Override
        public boolean mayUseChannels(Command command, Request request, ReplySink slot) {
            User user = state.user();
            if (user == null || user.allowsChannels(command, request)) {
                return true;
            }
            ClientSession.this.fail(slot, ErrorKind.NOT_PERMITTED, protocol.notPermitted(command, Verdict.CHANNEL));
            return false;
        }

        @Override
        public void push(ByteBuf source, int offset, int length) {
            pending.push(source, offset, length);
        }

        @Override
        public boolean hold(int bytes) {
            return sessions.splits().hold(budget, bytes);
        }

        @Override
        public void release(int bytes) {
            sessions.splits().release(budget, bytes);
        }
    }
}
