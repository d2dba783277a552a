package io.sluice.proxy.dispatch.window;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.protocol.CacheOutcome;
import io.sluice.proxy.protocol.CacheWords;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.ReplySink;
import org.jspecify.annotations.Nullable;

/**
 * Does on the old owner whatever the client wants, then takes the key off both: some proxies may read the new owner
 * already, and the new value must be nowhere where they would find it only later.
 *
 * <pre>
 *   old: the request ─▶ old: delete ─▶ new: delete ─▶ old: delete ─▶ client gets the first reply
 * </pre>
 */
final class InvalidatingVisit extends Visit {

    private final CacheWords words;
    private final @Nullable Backend[] toEmpty;
    private int emptied = -1; // -1: not yet carried out
    private ByteBuf answer = Unpooled.EMPTY_BUFFER;

    InvalidatingVisit(CacheWindow window, Errand errand, ReplySink whole) {
        super(window, errand, whole);
        this.words = window.words();
        Backend home = errand.ends().home();
        this.toEmpty = new @Nullable Backend[] {home, errand.ends().other(), home};
    }

    @Override
    boolean changes() {
        return true;
    }

    @Override
    void start() {
        ask(errand.ends().home(), false, out -> out.append(errand.text()));
    }

    @Override
    void onAnswer(ByteBuf reply, int offset, int length) {
        if (emptied < 0) {
            answer = kept(reply, offset, length);
            empty();
        } else if (words.outcome(reply, offset, length) == CacheOutcome.FAILED) {
            finishWithError(reply, offset, length);
        } else {
            empty();
        }
    }

    private ByteBuf kept(ByteBuf reply, int offset, int length) {
        return mayKeep(length)
                ? Unpooled.copiedBuffer(reply.slice(offset, length))
                : window.protocol()
                        .error(ErrorKind.OVERLOADED, "too much is held for this client (limits.client_held_bytes)");
    }

    private void empty() {
        emptied++;
        if (emptied == toEmpty.length) {
            finish(answer);
            return;
        }
        Backend server = toEmpty[emptied];
        if (server == null) {
            empty();
        } else {
            ask(server, false, out -> words.appendRemoval(errand.key(), out));
        }
    }
}
