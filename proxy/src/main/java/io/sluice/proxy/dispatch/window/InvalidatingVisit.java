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
 * already, and the new value must be nowhere where they would find it only later. What would change a value finds none: it
 * could not stay anyway, and on the way back others, to whom this owner is the new one, claim places at any moment. Nor does
 * an add take such a claim for a value.
 *
 * <pre>
 *   set, delete   old: the request ──────────────────────────────┐
 *   add           old: look ─┬────────────────▶ old: the request ┴▶ old: delete ─▶ new: delete ─▶ old: delete ─▶ client
 *                            └ claim: end it ─▶                   │                                              gets its
 *   incr, cas …   (nothing there) ────────────────────────────────┘                                              reply
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
        switch (use) {
            case REPLACE, REMOVE -> act();
            case ADD -> {
                if (window.isPlain(home)) {
                    act();
                } else {
                    ask(home, true, out -> words.appendLook(errand.key(), false, out));
                }
            }
            case CHANGE, CHECKED_CHANGE -> {
                answer = words.absent(errand.command());
                phase = Phase.EMPTYING;
                empty();
            }
            case READ, READ_VERSION -> throw new IllegalStateException("Nothing is to be taken away after a read");
        }
    }

    private void act() {
        phase = Phase.ACTING;
        askPlainly(home, false, out -> out.append(errand.text()));
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
            askPlainly(server, false, out -> words.appendRemoval(errand.key(), out));
        }
    }
}
