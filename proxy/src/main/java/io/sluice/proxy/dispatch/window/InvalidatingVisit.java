package io.sluice.proxy.dispatch.window;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.protocol.CacheOutcome;
import io.sluice.proxy.protocol.CacheUse;
import io.sluice.proxy.protocol.CacheWords;
import io.sluice.proxy.protocol.CachedValue;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.ReplySink;
import org.jspecify.annotations.Nullable;

/**
 * Does on the old owner whatever the client wants, then takes the key off both: some proxies may read the new owner
 * already, and the new value must be nowhere where they would find it only later. On the way back others may have claimed
 * the place, to whom this owner is the new one: what depends on what is there must not take a claim for a value.
 *
 * <pre>
 *   old: look ─┬────────────────────────▶ old: the request ─▶ old: delete ─▶ new: delete ─▶ old: delete ─▶ client gets
 *              └─ claim ─▶ old: end it ─▶                                                                  its reply
 * </pre>
 */
final class InvalidatingVisit extends Visit {

    private enum Phase {
        LOOKING,
        ENDING_CLAIM,
        ACTING,
        EMPTYING
    }

    private final CacheWords words;
    private final CacheUse use;
    private final Backend home;
    private final @Nullable Backend[] toEmpty;
    private Phase phase = Phase.LOOKING;
    private int emptied = -1;
    private ByteBuf answer = Unpooled.EMPTY_BUFFER;

    InvalidatingVisit(CacheWindow window, CacheUse use, Errand errand, ReplySink whole) {
        super(window, errand, whole);
        this.words = window.words();
        this.use = use;
        this.home = errand.ends().home();
        this.toEmpty = new @Nullable Backend[] {home, errand.ends().other(), home};
    }

    @Override
    boolean changes() {
        return true;
    }

    @Override
    void start() {
        boolean depends = use == CacheUse.ADD || use == CacheUse.CHANGE;
        if (depends && !window.isPlain(home)) {
            ask(home, true, out -> words.appendLook(errand.key(), false, out));
        } else {
            act();
        }
    }

    private void act() {
        phase = Phase.ACTING;
        ask(home, false, out -> out.append(errand.text()));
    }

    @Override
    void onAnswer(ByteBuf reply, int offset, int length) {
        switch (phase) {
            case LOOKING -> onLook(words.cached(reply, offset, length), reply, offset, length);
            case ENDING_CLAIM -> unlessFailed(reply, offset, length, this::act);
            case ACTING -> {
                answer = kept(reply, offset, length);
                phase = Phase.EMPTYING;
                empty();
            }
            case EMPTYING -> unlessFailed(reply, offset, length, this::empty);
        }
    }

    private void onLook(CachedValue found, ByteBuf reply, int offset, int length) {
        switch (found.state()) {
            case VALUE, NOTHING -> act();
            case CLAIMED, CLAIMED_BY_OTHER -> {
                phase = Phase.ENDING_CLAIM;
                ask(home, false, out -> words.appendRemoval(errand.key(), found.version(), out));
            }
            case NOT_UNDERSTOOD -> {
                window.onPlain(home);
                act();
            }
            case FAILED -> finishWithError(reply, offset, length);
        }
    }

    private void unlessFailed(ByteBuf reply, int offset, int length, Runnable next) {
        if (words.outcome(reply, offset, length) == CacheOutcome.FAILED) {
            finishWithError(reply, offset, length);
        } else {
            next.run();
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
        if (server == null || server.isLeaving()) { // then nobody reads it: the change has been aborted
            empty();
        } else {
            ask(server, false, out -> words.appendRemoval(errand.key(), out));
        }
    }
}
