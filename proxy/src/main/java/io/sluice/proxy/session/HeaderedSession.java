package io.sluice.proxy.session;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.admission.HeaderRule;
import io.sluice.proxy.admission.Refusal;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.transport.Connection;
import io.sluice.proxy.transport.ConnectionHandler;
import io.sluice.proxy.transport.OutBuffer;
import io.sluice.proxy.transport.ProxyHeader;
import org.jspecify.annotations.Nullable;

/**
 * A client whose connection may begin with a PROXY header: reads that, and is its session from there on. Event-loop only.
 *
 * <pre>
 *   opened ──▶ header awaited ──▶ session begun        bytes behind the header are the session's first
 *     │              └───────────▶ refused             one error, then the end
 *     └─ no header expected ─────▶ session begun
 * </pre>
 */
final class HeaderedSession implements ConnectionHandler {

    private final ClientSessions sessions;
    private final HeaderRule rule;
    private final OutBuffer out;
    private final @Nullable Refusal refusedBefore;
    private @Nullable Connection connection;
    private @Nullable ClientSession session; // null before it has begun
    private boolean refused;
    private @Nullable Departure departure; // another process is to go on with the client

    /** @param refusedBefore why the client is to be turned away; null if it is not known to be one too many */
    HeaderedSession(ClientSessions sessions, HeaderRule rule, OutBuffer out, @Nullable Refusal refusedBefore) {
        this.sessions = sessions;
        this.rule = rule;
        this.out = out;
        this.refusedBefore = refusedBefore;
    }

    @Override
    public void onOpen(Connection opened) {
        connection = opened;
        if (refusedBefore != null) {
            refuse(opened, refusedBefore);
        } else if (rule.refuses(opened.source())) {
            refuse(opened, Refusal.HEADER_UNTRUSTED);
        } else if (rule.expectsHeaderOf(opened.source())) {
            sessions.await(this);
            sessions.entry().timer().schedule(this::late, rule.timeout());
        } else {
            begin(opened);
        }
    }

    private ClientSession begin(Connection opened) {
        sessions.awaitNoMore(this);
        ClientSession begun = sessions.newOpenSession(out);
        session = begun;
        begun.onOpen(opened);
        return begun;
    }

    private void late() {
        if (session == null && !refused && connection != null) {
            refuse(connection, Refusal.HEADER_LATE);
        }
    }

    private void refuse(Connection opened, Refusal refusal) {
        refused = true;
        sessions.awaitNoMore(this);
        sessions.arrivals().onRefused(refusal, opened.peer());
        ErrorKind kind = refusal == Refusal.TOO_FAST ? ErrorKind.OVERLOADED : ErrorKind.PROTOCOL;
        ByteBuf error = sessions.protocol().error(kind, refusal.text());
        out.append(error, error.readerIndex(), error.readableBytes());
        opened.closeAfterFlush();
    }

    @Override
    public int onData(ByteBuf in) {
        if (session != null) {
            return session.onData(in);
        }
        if (refused || connection == null) {
            in.skipBytes(in.readableBytes());
            return 0;
        }
        try {
            ProxyHeader header = ProxyHeader.read(in);
            return header == null ? ProxyHeader.MAX_BYTES - in.readableBytes() : onHeader(header, connection, in);
        } catch (ProxyHeader.MalformedException e) {
            in.skipBytes(in.readableBytes());
            refuse(connection, Refusal.HEADER_MALFORMED);
            return 0;
        }
    }

    private int onHeader(ProxyHeader header, Connection opened, ByteBuf in) {
        in.skipBytes(header.length());
        if (header.client() != null) {
            opened.announce(header.client());
        }
        ClientSession begun = begin(opened);
        Departure to = departure;
        if (to != null) { // not before what came behind the header has been kept
            departure = null;
            sessions.entry().nextTurn().execute(() -> {
                begun.handOver(to);
                to.forget();
            });
        }
        return begun.onData(in);
    }

    /** Lets another process go on with the client once its header has come. */
    void handOver(Departure to) {
        if (departure == null) {
            departure = to;
            to.expect();
        }
    }

    void closeNow() {
        if (connection != null) {
            connection.close();
        }
    }

    @Override
    public void onInputClosed() {
        if (session != null) {
            session.onInputClosed();
        } else if (connection != null) {
            connection.close();
        }
    }

    @Override
    public void onSent() {
        if (session != null) {
            session.onSent();
        }
    }

    @Override
    public void onClosed() {
        connection = null;
        sessions.awaitNoMore(this);
        if (departure != null) {
            departure.forget();
            departure = null;
        }
        if (session != null) {
            session.onClosed();
        } else {
            out.clear();
        }
    }
}
