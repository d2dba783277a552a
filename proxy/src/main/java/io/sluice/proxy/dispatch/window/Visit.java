package io.sluice.proxy.dispatch.window;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.backend.BackendConnection;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.transport.OutBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One key's part of a request on its way to one or both of two servers: one question at a time, the next one when the
 * reply is here. An error that stands in the place of a reply ends it, and is the client's reply. Event-loop only.
 */
abstract class Visit implements ReplySink {

    private static final Logger log = LoggerFactory.getLogger(Visit.class);

    final CacheWindow window;
    final Errand errand;
    private final ReplySink whole;
    private int kept; // bytes, as the whole was told
    private @Nullable ByteBuf gathered; // of a reply that comes in pieces
    private boolean tooMuch;
    private boolean ofProxy; // the last question
    private boolean relays;
    private boolean relayed; // a piece of a reply
    private boolean over;

    Visit(CacheWindow window, Errand errand, ReplySink whole) {
        this.window = window;
        this.errand = errand;
        this.whole = whole;
    }

    final long number() {
        return errand.number();
    }

    /** Takes over so many bytes of which the whole has been told. */
    final void keeps(int bytes) {
        kept += bytes;
    }

    /** Whether requests that follow it must not overtake it. */
    abstract boolean changes();

    /** Asks the first question. */
    abstract void start();

    /** Begins: whatever goes wrong, it ends. */
    final void begin() {
        try {
            start();
        } catch (Throwable e) {
            onFailure(e);
        }
    }

    /** As when memory runs out. A visit that never ended would keep its client, its key and the whole change waiting. */
    private void onFailure(Throwable cause) {
        log.error("A request for a key of two servers failed", cause);
        finishBroken("a request for a key that changes its server failed");
    }

    /** Borrows the whole reply to the last question, or what stands in its place. */
    abstract void onAnswer(ByteBuf reply, int offset, int length);

    // ---- questions

    /** Asks a server what no client can ask; its reply comes to {@link #onAnswer}. */
    final void ask(Backend server, boolean read, Consumer<OutBuffer> question) {
        ask(server, read, true, question);
    }

    /** The same with a question in the words of clients. */
    final void askPlainly(Backend server, boolean read, Consumer<OutBuffer> question) {
        ask(server, read, false, question);
    }

    private void ask(Backend server, boolean read, boolean own, Consumer<OutBuffer> question) {
        ofProxy = own;
        BackendConnection connection = server.connection(errand.client());
        ErrorKind refusal = connection.refusal();
        if (refusal != null) {
            connection.refused(refusal);
            answered(window.protocol().error(refusal, connection.describe(refusal)));
            return;
        }
        append(connection, question);
        connection.sent(this, read);
    }

    /** The same, and its reply is the client's. */
    final void askForClient(Backend server, Consumer<OutBuffer> question) {
        relays = true;
        askPlainly(server, CacheWindow.isRead(errand.command()), question);
    }

    /** Tells a server something, and {@code heard} of its reply. Nobody waits for it, and it is not told if that had to wait. */
    final void tell(Backend server, ReplySink heard, Consumer<OutBuffer> request) {
        BackendConnection connection = server.connection(errand.client());
        if (!connection.mustWait() && connection.refusal() == null) {
            append(connection, request);
            connection.sent(heard, false);
        }
    }

    static void append(BackendConnection connection, Consumer<OutBuffer> request) {
        try {
            request.accept(connection.out());
        } catch (RuntimeException | Error e) {
            connection.abandonUnfinished(e);
            throw e;
        }
    }

    // ---- answers

    @Override
    public final boolean isOfProxy() {
        return ofProxy;
    }

    @Override
    public final void onReply(ByteBuf source, int offset, int length, boolean last) {
        if (over) {
            return;
        }
        try {
            if (relays) {
                relay(source, offset, length, last);
            } else {
                onPiece(source, offset, length, last);
            }
        } catch (Throwable e) {
            onFailure(e);
        }
    }

    /** Gathers what comes in pieces. */
    void onPiece(ByteBuf source, int offset, int length, boolean last) {
        if (last && gathered == null && !tooMuch) {
            onAnswer(source, offset, length);
            return;
        }
        gather(source, offset, length);
        if (last) {
            answerGathered();
        }
    }

    private void gather(ByteBuf source, int offset, int length) {
        ByteBuf all = gathered;
        int had = all == null ? 0 : all.readableBytes();
        if (tooMuch || had + length > window.maxGatheredBytes() || !whole.keep(length)) {
            tooMuch = true;
            return;
        }
        kept += length;
        if (all == null) {
            all = Unpooled.buffer(length);
            gathered = all;
        }
        all.writeBytes(source, offset, length);
    }

    private void answerGathered() {
        ByteBuf all = gathered;
        gathered = null;
        if (tooMuch || all == null) {
            tooMuch = false;
            answered(window.protocol()
                    .error(
                            ErrorKind.OVERLOADED,
                            "a value exceeds " + window.maxGatheredBytes() + " bytes (limits.client_held_bytes)"));
        } else {
            onAnswer(all, 0, all.readableBytes());
        }
    }

    /** An error of ours is the answer. */
    private void answered(ByteBuf error) {
        if (relays) {
            relay(error, error.readerIndex(), error.readableBytes(), true);
        } else {
            onAnswer(error, error.readerIndex(), error.readableBytes());
        }
    }

    /** Keeps bytes that the visit copies; false if they may not be kept. */
    final boolean mayKeep(int bytes) {
        if (bytes > window.maxGatheredBytes() || !whole.keep(bytes)) {
            return false;
        }
        kept += bytes;
        return true;
    }

    @Override
    public final void onBroken(String detail) {
        if (over) {
            return;
        }
        gathered = null;
        tooMuch = false;
        if (relayed) {
            finishBroken(detail);
            return;
        }
        try {
            answered(window.protocol().error(ErrorKind.CONNECTION_LOST, detail));
        } catch (Throwable e) {
            onFailure(e);
        }
    }

    // ---- the client's reply

    /** A piece of the client's reply. */
    final void relay(ByteBuf source, int offset, int length, boolean last) {
        if (last) {
            finish(source, offset, length);
        } else {
            relayed = true;
            whole.onReply(source, offset, length, false);
        }
    }

    final void finish(ByteBuf reply) {
        finish(reply, reply.readerIndex(), reply.readableBytes());
    }

    /** The last piece of the client's reply, or all of it. */
    final void finish(ByteBuf source, int offset, int length) {
        end();
        try {
            whole.onReply(source, offset, length, true);
        } finally {
            window.ended(this, errand);
        }
    }

    private void finishBroken(String detail) {
        if (!over) {
            end();
            try {
                whole.onBroken(detail);
            } finally {
                window.ended(this, errand);
            }
        }
    }

    private void end() {
        over = true;
        whole.dropped(kept); // now, since the whole is counted from its first byte
        kept = 0;
    }

    /** The client gets the error that stands in the place of an answer, or is told that the answer is none. */
    final void finishWithError(ByteBuf reply, int offset, int length) {
        if (window.protocol().isError(reply, offset)) {
            finish(reply, offset, length);
        } else {
            fail(ErrorKind.INTERNAL, "a server gave no answer to a question that keys which change their server need");
        }
    }

    final void fail(ErrorKind kind, String detail) {
        window.countError(kind);
        finish(window.protocol().error(kind, detail));
    }
}
