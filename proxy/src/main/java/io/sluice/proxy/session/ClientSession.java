package io.sluice.proxy.session;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.command.Command;
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
import io.sluice.proxy.transport.DirectMemory;
import io.sluice.proxy.transport.OutBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client connection: requests in, replies out in request order. Event-loop only. */
public final class ClientSession implements ConnectionHandler, PendingReplies.Owner {

    private static final Logger log = LoggerFactory.getLogger(ClientSession.class);

    private static final int MAX_HELD_WHEN_SCARCE_BYTES = 256 << 10;
    private static final int MAX_UNAUTHENTICATED_BYTES = 16 << 10;

    private final ClientSessions sessions;
    private final Protocol protocol;
    private final RequestDispatcher dispatcher;
    private final ClientLimits limits;
    private final SessionState state;
    private final PendingReplies pending;

    private @Nullable Connection connection;
    private @Nullable RequestDecoder partial; // holds the beginning of a request
    private boolean paused;
    private boolean inputClosed;
    private boolean evicted;

    ClientSession(ClientSessions sessions, SessionState state, OutBuffer out) {
        this.sessions = sessions;
        this.protocol = sessions.protocol();
        this.dispatcher = sessions.dispatcher();
        this.limits = sessions.limits();
        this.state = state;
        this.pending = sessions.newPendingReplies(out, this);
    }

    @Override
    public void onOpen(Connection opened) {
        connection = opened;
        log.debug("Client connected: client={} id={}", opened.peer(), state.id());
        if (!sessions.admit(this)) {
            answer(protocol.error(ErrorKind.OVERLOADED, "max number of clients reached (limits.max_clients)"));
            state.closeAfterReplies();
            closeIfDone();
        }
    }

    // ---- requests

    @Override
    public int onData(ByteBuf in) {
        RequestDecoder decoder = partial != null ? partial : sessions.decoders().take();
        partial = null;
        int missing = 0;
        try {
            while (mayRead()) {
                if (!decoder.decode(in)) {
                    missing = decoder.missing();
                    boundBeforeAuthentication(in.readableBytes());
                    refuseWhenMemoryIsScarce(in.readableBytes());
                    break;
                }
                handle(decoder.request());
                in.skipBytes(decoder.consumed());
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
        return missing;
    }

    /** A large request is not gathered at the cost of all others. */
    private void refuseWhenMemoryIsScarce(int heldBytes) {
        if (heldBytes > MAX_HELD_WHEN_SCARCE_BYTES && DirectMemory.isScarce()) {
            answer(protocol.error(ErrorKind.OVERLOADED, "memory is too scarce for a request of this size"));
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

    private void handle(Request request) {
        ReplySink slot = pending.append(request.wantsReply()); // first: it fixes this reply's place in the output
        Command command = request.command();
        ErrorKind fault = request.fault();
        if (fault != null) {
            fail(slot, protocol.error(fault, request.faultDetail()));
        } else if (command == null) {
            fail(slot, protocol.badRequest(ErrorKind.UNKNOWN_COMMAND, request));
        } else if (!state.isAuthenticated() && !protocol.allowedUnauthenticated(request)) {
            fail(slot, protocol.error(ErrorKind.NOT_AUTHENTICATED, ""));
        } else if (!command.arityAllows(request.count())) {
            fail(slot, protocol.badRequest(ErrorKind.WRONG_ARGUMENT_COUNT, request));
        } else {
            carryOut(command, request, slot);
        }
        pauseAtLimits();
    }

    private void carryOut(Command command, Request request, ReplySink slot) {
        switch (command.handling()) {
            case FORWARD -> dispatcher.dispatch(command, request, state.id(), slot);
            case LOCAL -> protocol.answerLocally(request, state, slot);
            case SESSION, REFUSED ->
                fail(
                        slot,
                        protocol.error(
                                ErrorKind.REFUSED,
                                "'" + command.name() + "' is not served by this proxy: " + command.refusal()));
        }
    }

    private static void fail(ReplySink slot, ByteBuf error) {
        slot.onReply(error, 0, error.readableBytes(), true);
    }

    private void answer(ByteBuf reply) {
        fail(pending.append(true), reply);
    }

    /** One error in its place, then the end: what follows in the stream means nothing. */
    private void refuse(ProtocolException e, boolean wantsReply) {
        log.debug("Protocol error: client={} error={}", peer(), e.getMessage());
        if (wantsReply) {
            answer(protocol.error(ErrorKind.PROTOCOL, e.getMessage()));
        }
        state.closeAfterReplies();
    }

    // ---- limits

    private void pauseAtLimits() {
        if (pending.size() >= limits.maxInFlight() || unsentBytes() >= limits.maxUnsentBytes()) {
            setPaused(true);
        }
    }

    private void resumeBelowLimits() {
        if (paused && pending.size() <= limits.maxInFlight() / 2 && unsentBytes() <= limits.maxUnsentBytes() / 2) {
            setPaused(false);
        }
    }

    private void setPaused(boolean pause) {
        paused = pause;
        if (connection != null) {
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
            closeIfMemoryIsScarce(connection);
            resumeBelowLimits();
            if (state.isClosing()) {
                closeIfDone();
            }
        }
    }

    /** Replies to requests already sent still come; who does not read them goes before everybody runs out of memory. */
    private void closeIfMemoryIsScarce(Connection client) {
        if (!evicted && client.unsentBytes() > limits.maxUnsentBytes() && DirectMemory.isScarce()) {
            evicted = true; // replies may come until the socket is closed
            log.warn(
                    "Client closed, it does not take its replies and memory is scarce: client={} unsent_bytes={}",
                    peer(),
                    client.unsentBytes());
            client.close();
        }
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
        resumeBelowLimits();
    }

    // ---- ends

    /** Answers what is in flight, then closes. */
    void drain() {
        state.closeAfterReplies();
        if (connection != null) {
            connection.setReading(false);
        }
        closeIfDone();
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
        if (!paused) { // else what has been read and not handled yet comes first
            state.closeAfterReplies();
            closeIfDone();
        }
    }

    @Override
    public void onClosed() {
        log.debug("Client gone: id={} replies_owed={}", state.id(), pending.size());
        connection = null;
        pending.abandonAll();
        if (partial != null) {
            sessions.decoders().give(partial);
            partial = null;
        }
        sessions.remove(this);
    }

    private String peer() {
        return connection == null ? "gone" : connection.peer();
    }
}
