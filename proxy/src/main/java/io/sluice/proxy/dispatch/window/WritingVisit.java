package io.sluice.proxy.dispatch.window;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.protocol.CacheOutcome;
import io.sluice.proxy.protocol.CacheUse;
import io.sluice.proxy.protocol.CacheWords;
import io.sluice.proxy.protocol.CachedValue;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.ReplySink;
import org.jspecify.annotations.Nullable;

/**
 * Writes or removes a value whatever was there before. The other server is emptied first: so nobody can find the former
 * value there once the client has its reply.
 *
 * <pre>
 *   other: delete ─▶ home: the request ─▶ client
 * </pre>
 */
final class WritingVisit extends Visit {

    private enum Phase {
        EMPTYING,
        ACTING,
        /** Something was in the way of an add: a value, or only a claim? */
        LOOKING,
        ADDING_OVER_CLAIM
    }

    private final CacheWords words;
    private final CacheUse use;
    private final Backend home;
    private final @Nullable Backend other;
    private Phase phase = Phase.EMPTYING;
    private boolean otherHadIt;
    private int attempts;

    WritingVisit(CacheWindow window, CacheUse use, Errand errand, ReplySink whole) {
        super(window, errand, whole);
        this.words = window.words();
        this.use = use;
        this.home = errand.ends().home();
        this.other = errand.ends().other();
    }

    @Override
    boolean changes() {
        return true;
    }

    @Override
    void start() {
        if (other == null) {
            act();
        } else {
            askPlainly(other, false, out -> words.appendRemoval(errand.key(), out));
        }
    }

    private void act() {
        if (attempts++ == CacheWindow.MOST_ATTEMPTS) {
            fail(ErrorKind.MOVING, "others change the key at the same time, nothing was stored");
            return;
        }
        phase = Phase.ACTING;
        askPlainly(home, false, out -> out.append(errand.text()));
    }

    @Override
    void onAnswer(ByteBuf reply, int offset, int length) {
        switch (phase) {
            case EMPTYING -> onEmptied(reply, offset, length);
            case ACTING -> onActed(reply, offset, length);
            case LOOKING -> onLook(reply, offset, length);
            case ADDING_OVER_CLAIM -> onAddedOverClaim(reply, offset, length);
        }
    }

    private void onEmptied(ByteBuf reply, int offset, int length) {
        CacheOutcome outcome = words.outcome(reply, offset, length);
        if (outcome == CacheOutcome.FAILED) {
            finishWithError(reply, offset, length);
        } else {
            otherHadIt = outcome == CacheOutcome.DONE;
            act();
        }
    }

    private void onActed(ByteBuf reply, int offset, int length) {
        if (window.protocol().isError(reply, offset)) {
            finish(reply, offset, length);
        } else if (use == CacheUse.ADD && words.isRefusedAdd(reply, offset, length) && !window.isPlain(home)) {
            phase = Phase.LOOKING;
            ask(home, true, out -> words.appendLook(errand.key(), false, out));
        } else if (use == CacheUse.REMOVE && otherHadIt) {
            finish(words.removed());
        } else {
            finish(reply, offset, length);
        }
    }

    private void onLook(ByteBuf reply, int offset, int length) {
        CachedValue found = words.cached(reply, offset, length);
        switch (found.state()) {
            case VALUE -> finish(words.absent(errand.command()));
            case NOTHING -> act(); // it is gone
            case CLAIMED, CLAIMED_BY_OTHER -> {
                phase = Phase.ADDING_OVER_CLAIM;
                ask(home, false, out -> words.appendOver(errand.text(), found.version(), out));
            }
            case NOT_UNDERSTOOD -> {
                window.onPlain(home);
                finish(words.absent(errand.command()));
            }
            case FAILED -> finishWithError(reply, offset, length);
        }
    }

    private void onAddedOverClaim(ByteBuf reply, int offset, int length) {
        switch (words.outcome(reply, offset, length)) {
            case DONE -> finish(words.stored());
            case ABSENT, CHANGED -> act();
            case FAILED -> finishWithError(reply, offset, length);
        }
    }
}
