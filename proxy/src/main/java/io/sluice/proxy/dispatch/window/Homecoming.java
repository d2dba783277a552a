package io.sluice.proxy.dispatch.window;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.backend.BackendConnection;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.CachedValue;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.transport.OutBuffer;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a value that a client has read to its home, while nobody waits for it: off the other server, if it still is what
 * was read there, then into the place that was claimed at home before that, if nobody has written or deleted the key
 * since. So a value is never on both servers, and an old one never comes back, however late this is. Event-loop only.
 */
final class Homecoming implements ReplySink {

    private final CacheWindow window;
    private final Errand errand;
    private final Backend home;
    private final Backend other;
    private final CachedValue value;
    private final ByteBuffer bytes;
    private final long claim;
    private boolean taken;

    private Homecoming(
            CacheWindow window,
            Errand errand,
            Backend home,
            Backend other,
            CachedValue value,
            ByteBuffer bytes,
            long claim) {
        this.window = window;
        this.errand = errand;
        this.home = home;
        this.other = other;
        this.value = value;
        this.bytes = bytes;
        this.claim = claim;
    }

    /** Null for a value that is about to expire, or if too many are on their way. Copies it from the reply. */
    static @Nullable Homecoming of(
            CacheWindow window,
            Errand errand,
            Backend home,
            Backend other,
            CachedValue value,
            ByteBuf reply,
            long claim) {
        if (value.secondsLeft() == 0 || !window.enterWay(value.length())) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocate(value.length());
        reply.getBytes(value.start(), bytes);
        bytes.flip();
        return new Homecoming(window, errand, home, other, value, bytes, claim);
    }

    void start() {
        tell(other, out -> window.words().appendRemoval(errand.key(), value.version(), out));
    }

    /** Asks, unless that had to wait. */
    private void tell(Backend server, Consumer<OutBuffer> request) {
        BackendConnection connection = server.connection(errand.client());
        if (connection.mustWait() || connection.refusal() != null) {
            end();
        } else {
            append(connection, request);
            connection.sent(this, false);
        }
    }

    private void append(BackendConnection connection, Consumer<OutBuffer> request) {
        try {
            Visit.append(connection, request);
        } catch (RuntimeException | Error e) {
            end(); // nobody will tell of it
            throw e;
        }
    }

    @Override
    public boolean isOfProxy() {
        return true;
    }

    @Override
    public void onReply(ByteBuf source, int offset, int length, boolean last) {
        if (!last) {
            return;
        }
        switch (window.words().outcome(source, offset, length)) {
            case DONE -> {
                if (taken) {
                    window.count(PoolMetric.WINDOW_FILLS);
                    end();
                } else {
                    taken = true;
                    tell(home, out -> window.words().appendFill(errand.key(), value, bytes, claim, out));
                }
            }
            case ABSENT, CHANGED -> {
                window.count(PoolMetric.WINDOW_FILLS_REFUSED);
                end();
                dropClaim();
            }
            case FAILED -> end(); // no room there, or the server is gone: both are told of elsewhere
        }
    }

    private void dropClaim() {
        BackendConnection connection = home.connection(errand.client());
        if (!taken && !connection.mustWait() && connection.refusal() == null) {
            Visit.append(connection, out -> window.words().appendRemoval(errand.key(), claim, out));
            connection.sent(Unheard.SINK, false);
        }
    }

    @Override
    public void onBroken(String detail) {
        end();
    }

    /** A claim that is left is over soon by itself. */
    private void end() {
        window.leaveWay(value.length());
    }
}
