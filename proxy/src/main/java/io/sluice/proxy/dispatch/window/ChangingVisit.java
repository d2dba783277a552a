package io.sluice.proxy.dispatch.window;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.CacheOutcome;
import io.sluice.proxy.protocol.CacheWords;
import io.sluice.proxy.protocol.CachedValue;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.ReplySink;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Does something with the value that is there. If only the other server has it, the value is brought home first: taken off
 * the other server, so that it is never on both while it changes, and put into a place that was claimed before, so that
 * nobody's newer value or delete is overwritten.
 *
 * <pre>
 *   home: look, claim ─┬─ value ──▶ other: delete ───────────────────────────────────────────┐
 *                      ├─ claimed ─▶ other: look ─▶ other: take off ─▶ home: fill the claim ──┴▶ home: the request
 *                      │                   └─ nothing ─▶ client: nothing there
 *                      └─ claimed by another ─▶ home: end that claim ─▶ from the beginning
 * </pre>
 *
 * Whenever something is not as it was a moment ago, it begins anew. A value may be lost on the way, as a cache may lose any;
 * it never comes back. Where a server knows no claims, the other one is emptied, and the request finds nothing.
 */
final class ChangingVisit extends Visit {

    private enum Phase {
        LOOKING,
        EMPTYING,
        LOOKING_THERE,
        TAKING,
        FILLING,
        ENDING_CLAIM
    }

    private final CacheWords words;
    private final Step step;
    private final Backend home;
    private final @Nullable Backend other;
    private final boolean reads;
    private Phase phase = Phase.LOOKING;
    private int attempts;
    private boolean claimed;
    private long claim;
    private CachedValue value = CachedValue.without(CachedValue.State.NOTHING, 0);
    private ByteBuffer bytes = ByteBuffer.allocate(0); // of the value that is brought home

    ChangingVisit(CacheWindow window, Step step, Errand errand, ReplySink whole) {
        super(window, errand, whole);
        this.words = window.words();
        this.step = step;
        this.home = errand.ends().home();
        this.other = errand.ends().other();
        this.reads = CacheWindow.isRead(errand.command());
    }

    @Override
    boolean changes() {
        return true;
    }

    @Override
    void start() {
        if (attempts++ == CacheWindow.MOST_ATTEMPTS) {
            drop();
            fail(ErrorKind.MOVING, "others change the key at the same time, nothing was done");
            return;
        }
        claimed = false;
        if (window.isPlain(home) || (other != null && window.isPlain(other))) {
            empty();
            return;
        }
        phase = Phase.LOOKING;
        boolean claims = step == Step.WINDOW && other != null;
        ask(home, !claims, out -> words.appendLook(errand.key(), claims, out));
    }

    @Override
    void onAnswer(ByteBuf reply, int offset, int length) {
        switch (phase) {
            case LOOKING -> onLook(words.cached(reply, offset, length), reply, offset, length);
            case EMPTYING -> onEmptied(reply, offset, length);
            case LOOKING_THERE -> onLookThere(words.cached(reply, offset, length), reply, offset, length);
            case TAKING -> onTaken(reply, offset, length);
            case FILLING -> onFilled(reply, offset, length);
            case ENDING_CLAIM -> onClaimEnded(reply, offset, length);
        }
    }

    // ---- at home

    private void onLook(CachedValue found, ByteBuf reply, int offset, int length) {
        switch (found.state()) {
            case VALUE -> empty();
            case CLAIMED -> {
                claimed = true;
                claim = found.version();
                lookThere();
            }
            case CLAIMED_BY_OTHER -> {
                if (step == Step.WINDOW && other != null) {
                    phase = Phase.ENDING_CLAIM;
                    ask(home, false, out -> words.appendRemoval(errand.key(), found.version(), out));
                } else {
                    finish(words.absent(errand.command()));
                }
            }
            case NOTHING -> finish(words.absent(errand.command()));
            case NOT_UNDERSTOOD -> {
                window.onPlain(home);
                start();
            }
            case FAILED -> finishWithError(reply, offset, length);
        }
    }

    private void onClaimEnded(ByteBuf reply, int offset, int length) {
        if (words.outcome(reply, offset, length) == CacheOutcome.FAILED) {
            finishWithError(reply, offset, length);
        } else {
            start();
        }
    }

    /** A server that has left meanwhile is read by nobody: the change is over. */
    private void empty() {
        if (other == null || reads || other.isLeaving()) {
            act();
        } else {
            phase = Phase.EMPTYING;
            ask(other, false, out -> words.appendRemoval(errand.key(), out));
        }
    }

    private void onEmptied(ByteBuf reply, int offset, int length) {
        if (words.outcome(reply, offset, length) == CacheOutcome.FAILED) {
            finishWithError(reply, offset, length);
        } else {
            act();
        }
    }

    private void act() {
        askForClient(home, out -> out.append(errand.text()));
    }

    // ---- from the other server

    private void lookThere() {
        if (other == null) {
            throw new IllegalStateException("A place was claimed, and there is nothing to fill it with");
        }
        phase = Phase.LOOKING_THERE;
        ask(other, true, out -> words.appendLook(errand.key(), false, out));
    }

    private void onLookThere(CachedValue found, ByteBuf reply, int offset, int length) {
        switch (found.state()) {
            case VALUE -> {
                if (found.secondsLeft() == 0) { // it is about to be gone
                    finishWithNothing();
                } else if (mayKeep(found.length())) {
                    take(found, reply);
                } else {
                    drop();
                    fail(ErrorKind.OVERLOADED, "too much is held for this client (limits.client_held_bytes)");
                }
            }
            case NOTHING, CLAIMED, CLAIMED_BY_OTHER -> finishWithNothing();
            case NOT_UNDERSTOOD -> {
                if (other != null) {
                    window.onPlain(other);
                }
                drop();
                start();
            }
            case FAILED -> {
                drop();
                finishWithError(reply, offset, length);
            }
        }
    }

    private void finishWithNothing() {
        drop();
        finish(words.absent(errand.command()));
    }

    private void take(CachedValue found, ByteBuf reply) {
        if (other == null) {
            throw new IllegalStateException("A value was found on no server");
        }
        value = found;
        bytes = ByteBuffer.allocate(found.length());
        reply.getBytes(found.start(), bytes);
        bytes.flip();
        phase = Phase.TAKING;
        ask(other, false, out -> words.appendRemoval(errand.key(), found.version(), out));
    }

    private void onTaken(ByteBuf reply, int offset, int length) {
        switch (words.outcome(reply, offset, length)) {
            case DONE -> {
                phase = Phase.FILLING;
                ask(home, false, out -> words.appendFill(errand.key(), value, bytes, claim, out));
            }
            case ABSENT, CHANGED -> {
                drop();
                start();
            }
            case FAILED -> {
                drop();
                finishWithError(reply, offset, length);
            }
        }
    }

    private void onFilled(ByteBuf reply, int offset, int length) {
        claimed = false;
        switch (words.outcome(reply, offset, length)) {
            case DONE -> {
                window.count(PoolMetric.WINDOW_PROMOTIONS);
                act();
            }
            case ABSENT, CHANGED -> {
                window.count(PoolMetric.WINDOW_FILLS_REFUSED);
                start();
            }
            case FAILED -> finishWithError(reply, offset, length);
        }
    }

    /** Nobody waits for the place any more. */
    private void drop() {
        if (claimed) {
            claimed = false;
            tell(home, Unheard.SINK, out -> words.appendRemoval(errand.key(), claim, out));
        }
    }
}
