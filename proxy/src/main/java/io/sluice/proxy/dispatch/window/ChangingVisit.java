package io.sluice.proxy.dispatch.window;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.CacheOutcome;
import io.sluice.proxy.protocol.CacheUse;
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
 *   home: look, claim ─┬─ value ──▶ other: delete ────────────────────────────────────────────┐
 *                      ├─ claimed ─▶ other: look ─▶ other: take off ─▶ home: fill the claim ──┴▶ home: change this version
 *                      │                   └─ nothing ─▶ client: nothing there
 *                      └─ claimed by another ─▶ home: end that claim ─▶ from the beginning
 * </pre>
 *
 * Whenever something is not as it was a moment ago, it begins anew: what is changed is the version that was found, since in
 * the place of that another's claim may stand by then. A value may be lost on the way, as a cache may lose any; it never
 * comes back. Where a server knows no claims, the other one is emptied, and the request finds nothing.
 */
final class ChangingVisit extends Visit {

    private enum Phase {
        LOOKING,
        EMPTYING,
        CHANGING,
        /** A server would not do it: because of a claim, or of the value? */
        CHECKING,
        LOOKING_THERE,
        TAKING,
        FILLING,
        ENDING_CLAIM
    }

    private static final CachedValue NOTHING = CachedValue.without(CachedValue.State.NOTHING, 0);
    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

    private final CacheWords words;
    private final Step step;
    private final Backend home;
    private final @Nullable Backend other;
    private CacheUse use; // what is left to do
    private Phase phase = Phase.LOOKING;
    private int attempts;
    private boolean claimed;
    private long claim;
    private CachedValue value = NOTHING;
    private ByteBuffer bytes = NO_BYTES; // of the value, if they are needed
    private ByteBuf refusal = Unpooled.EMPTY_BUFFER;

    ChangingVisit(CacheWindow window, Step step, CacheUse use, Errand errand, ReplySink whole) {
        super(window, errand, whole);
        this.words = window.words();
        this.step = step;
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
        if (attempts++ == CacheWindow.MOST_ATTEMPTS) {
            drop();
            fail(ErrorKind.MOVING, "others change the key at the same time, nothing was done");
            return;
        }
        claimed = false;
        value = NOTHING;
        if (window.isPlain(home)) {
            empty();
            return;
        }
        phase = Phase.LOOKING;
        boolean claims = mayClaim();
        ask(home, !claims, out -> words.appendLook(errand.key(), claims, out));
    }

    private boolean mayClaim() {
        return step == Step.WINDOW && other != null && !window.isPlain(other);
    }

    @Override
    void onAnswer(ByteBuf reply, int offset, int length) {
        switch (phase) {
            case LOOKING -> onLook(words.cached(reply, offset, length), reply, offset, length);
            case EMPTYING -> onEmptied(reply, offset, length);
            case CHANGING -> onChanged(reply, offset, length);
            case CHECKING -> onChecked(words.cached(reply, offset, length), reply, offset, length);
            case LOOKING_THERE -> onLookThere(words.cached(reply, offset, length), reply, offset, length);
            case TAKING -> onTaken(reply, offset, length);
            case FILLING -> onFilled(reply, offset, length);
            case ENDING_CLAIM -> onClaimEnded(reply, offset, length);
        }
    }

    // ---- at home

    private void onLook(CachedValue found, ByteBuf reply, int offset, int length) {
        switch (found.state()) {
            case VALUE -> {
                if (!words.needsValue(errand.command())) {
                    value = found;
                    empty();
                } else if (remember(found, reply)) {
                    empty();
                }
            }
            case CLAIMED -> {
                claimed = true;
                claim = found.version();
                lookThere();
            }
            case CLAIMED_BY_OTHER -> {
                if (mayClaim()) {
                    phase = Phase.ENDING_CLAIM;
                    ask(home, false, out -> words.appendRemoval(errand.key(), found.version(), out));
                } else {
                    onNothing();
                }
            }
            case NOTHING -> onNothing();
            case NOT_UNDERSTOOD -> {
                window.onPlain(home);
                start();
            }
            case FAILED -> finishWithError(reply, offset, length);
        }
    }

    /** What the other server has cannot be brought home if it knows no versions: then it is gone. */
    private void onNothing() {
        if (step == Step.WINDOW && use != CacheUse.READ_VERSION && other != null && window.isPlain(other)) {
            empty();
        } else {
            finish(words.absent(errand.command()));
        }
    }

    /** False, and the client has its error, if it is too large to be kept. */
    private boolean remember(CachedValue found, ByteBuf reply) {
        if (!mayKeep(found.length())) {
            drop();
            fail(ErrorKind.OVERLOADED, "too much is held for this client (limits.client_held_bytes)");
            return false;
        }
        value = found;
        bytes = ByteBuffer.allocate(found.length());
        reply.getBytes(found.start(), bytes);
        bytes.flip();
        return true;
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
        if (other == null || use == CacheUse.READ_VERSION || other.isLeaving()) {
            act();
        } else {
            phase = Phase.EMPTYING;
            askPlainly(other, false, out -> words.appendRemoval(errand.key(), out));
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
        if (window.isPlain(home)) {
            askForClient(home, out -> out.append(errand.text()));
        } else if (value.state() != CachedValue.State.VALUE) {
            finish(words.absent(errand.command()));
        } else if (use == CacheUse.READ_VERSION) {
            finish(words.done(errand.command(), errand.key(), value, bytes));
        } else {
            phase = Phase.CHANGING;
            change();
        }
    }

    private void change() {
        if (use == CacheUse.CHECKED_CHANGE) {
            askPlainly(home, false, out -> out.append(errand.text()));
        } else {
            ask(
                    home,
                    false,
                    out -> words.appendChange(errand.command(), errand.text(), errand.key(), value, bytes, out));
        }
    }

    private void onChanged(ByteBuf reply, int offset, int length) {
        if (use == CacheUse.CHECKED_CHANGE) {
            onCheckedChange(reply, offset, length);
            return;
        }
        switch (words.outcome(reply, offset, length)) {
            case DONE -> onDone(words.version(reply, offset, length));
            case ABSENT, CHANGED -> start();
            case FAILED -> finishWithError(reply, offset, length);
        }
    }

    /** Older servers do not tell the version: then it is read. */
    private void onDone(long version) {
        if (version == 0 && words.needsValue(errand.command())) {
            use = CacheUse.READ_VERSION;
            start();
        } else {
            finish(words.done(errand.command(), errand.key(), value.withVersion(version), bytes));
        }
    }

    private void onCheckedChange(ByteBuf reply, int offset, int length) {
        if (words.isRefusedChange(reply, offset, length)) {
            refusal = Unpooled.copiedBuffer(reply.slice(offset, length));
            phase = Phase.CHECKING;
            ask(home, true, out -> words.appendLook(errand.key(), false, out));
        } else {
            finish(reply, offset, length);
        }
    }

    private void onChecked(CachedValue found, ByteBuf reply, int offset, int length) {
        switch (found.state()) {
            case VALUE, NOT_UNDERSTOOD -> finish(refusal);
            case NOTHING, CLAIMED, CLAIMED_BY_OTHER -> start();
            case FAILED -> finishWithError(reply, offset, length);
        }
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
                } else if (remember(found, reply)) {
                    take();
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

    private void take() {
        if (other == null) {
            throw new IllegalStateException("A value was found on no server");
        }
        phase = Phase.TAKING;
        ask(other, false, out -> words.appendRemoval(errand.key(), value.version(), out));
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
                onHome(words.version(reply, offset, length));
            }
            case ABSENT, CHANGED -> {
                window.count(PoolMetric.WINDOW_FILLS_REFUSED);
                start();
            }
            case FAILED -> finishWithError(reply, offset, length);
        }
    }

    /** Older servers do not tell the version: then it is looked for. */
    private void onHome(long version) {
        if (version == 0) {
            start();
        } else {
            value = value.withVersion(version);
            act();
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
