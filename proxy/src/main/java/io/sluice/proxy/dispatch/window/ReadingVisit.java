package io.sluice.proxy.dispatch.window;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.CacheWords;
import io.sluice.proxy.protocol.CachedValue;
import io.sluice.proxy.protocol.ReplySink;
import org.jspecify.annotations.Nullable;

/**
 * Reads a value from its home, or if that has nothing from the other server; then the value {@linkplain Homecoming goes
 * home}, unless it is so large that it comes in pieces.
 *
 * <pre>
 *   home: look, claim ─┬─ value ────────────────────────▶ client
 *                      └─ nothing ─▶ other: look ─┬─ value ─▶ client; then the value goes home
 *                                                 └─ nothing ─▶ client; then the claim is dropped
 * </pre>
 */
final class ReadingVisit extends Visit {

    private final CacheWords words;
    private final Backend home;
    private final @Nullable Backend other; // null if only the home is read
    private final boolean atOldHome;
    private boolean atHome = true;
    private boolean plainly; // the question is one that every server knows
    private boolean passing; // the first piece has gone to the client
    private boolean claimed;
    private long claim;

    ReadingVisit(CacheWindow window, Step step, Errand errand, ReplySink whole) {
        super(window, errand, whole);
        this.words = window.words();
        this.home = errand.ends().home();
        this.other = step == Step.WINDOW ? errand.ends().other() : null;
        this.atOldHome = step == Step.INVALIDATE;
    }

    @Override
    boolean changes() {
        return false;
    }

    @Override
    void start() {
        look(home);
    }

    private void look(Backend server) {
        plainly = window.isPlain(server);
        if (plainly) {
            askPlainly(server, true, out -> words.appendPlainLook(errand.key(), out));
        } else {
            boolean claims = atHome && other != null && !window.isPlain(other);
            ask(server, !claims, out -> words.appendLook(errand.key(), claims, out));
        }
    }

    /** The first piece says all but the rest of the value. */
    @Override
    void onPiece(ByteBuf source, int offset, int length, boolean last) {
        if (passing) {
            passOn(source, offset, length, last);
        } else if (plainly) {
            onPlainAnswer(source, offset, length, last);
        } else {
            onLook(words.cached(source, offset, length), source, offset, length, last);
        }
    }

    @Override
    void onAnswer(ByteBuf reply, int offset, int length) { // an error of ours
        drop();
        finish(reply, offset, length);
    }

    private void onPlainAnswer(ByteBuf source, int offset, int length, boolean last) {
        if (last && words.isNothing(source, offset, length)) {
            onNothing();
            return;
        }
        if (!window.protocol().isError(source, offset)) {
            countHit();
        }
        drop();
        relay(source, offset, length, last);
        passing = true;
    }

    private void onLook(CachedValue found, ByteBuf source, int offset, int length, boolean last) {
        switch (found.state()) {
            case VALUE -> onValue(found, source, offset + length - found.start(), last);
            case CLAIMED -> {
                claimed = atHome;
                claim = found.version();
                onNothing();
            }
            case NOTHING, CLAIMED_BY_OTHER -> onNothing();
            case NOT_UNDERSTOOD -> {
                Backend server = atHome || other == null ? home : other;
                window.onPlain(server);
                look(server);
            }
            case FAILED -> {
                drop();
                finishWithError(source, offset, length);
            }
        }
    }

    private void onNothing() {
        if (atHome && other != null) {
            atHome = false;
            look(other);
        } else {
            drop();
            window.count(PoolMetric.WINDOW_MISSES);
            finish(words.absent(errand.command()));
        }
    }

    /**
     * @param there bytes from the value's begin on that have come: it and its line end, if it is whole
     */
    private void onValue(CachedValue found, ByteBuf source, int there, boolean last) {
        countHit();
        Homecoming homecoming = last && claimed && other != null
                ? Homecoming.of(window, errand, home, other, found, source, claim)
                : null;
        if (homecoming == null) {
            drop();
        }
        byte[] before = words.beforeValue(errand.key(), found);
        if (last) {
            byte[] behind = words.behindValue();
            ByteBuf whole = Unpooled.buffer(before.length + there + behind.length);
            finish(whole.writeBytes(before)
                    .writeBytes(source, found.start(), there)
                    .writeBytes(behind));
            if (homecoming != null) {
                homecoming.start();
            }
        } else {
            passing = true;
            relay(Unpooled.wrappedBuffer(before), 0, before.length, false);
            relay(source, found.start(), there, false);
        }
    }

    private void passOn(ByteBuf source, int offset, int length, boolean last) {
        if (plainly) {
            relay(source, offset, length, last);
            return;
        }
        relay(source, offset, length, false);
        if (last) {
            finish(Unpooled.wrappedBuffer(words.behindValue()));
        }
    }

    private void countHit() {
        if (!atOldHome) {
            window.count(atHome ? PoolMetric.WINDOW_HITS_NEW : PoolMetric.WINDOW_HITS_OLD);
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
