package io.sluice.proxy.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.Mapping;
import io.sluice.proxy.admission.Refusal;
import io.sluice.proxy.tls.ListenerContexts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a listener for TLS, until it is a client's. Event-loop only.
 *
 * <pre>
 *   accepted ─▶ [ PROXY header ] ─▶ [ handshake ] ─▶ a session is made for it
 *                └ if configured      └ bounded in number and time
 * </pre>
 */
final class TlsArrival implements HeaderStage.Outcome, TlsOpening.Outcome {

    /** Ciphertext of one connection that may wait for its socket; then the rest stays in the out buffer. */
    static final int MOST_TAKEN_BYTES = 256 << 10;

    /** How long closing waits for the peer to take the last bytes. */
    private static final int CLOSE_NOTIFY_MILLIS = 1_000;

    /** The longest first message of TLS that is looked at for a host: the most that one record can hold. */
    private static final int MAX_CLIENT_HELLO_BYTES = 1 << 14;

    private final Channel channel;
    private final TlsDoor door;
    private final HandshakeGate gate;
    private final Function<Channel, ChannelWire> session;
    private @Nullable InetSocketAddress announced;
    private boolean entered; // through the gate
    private boolean left;

    /** @param session makes the client's session and its wire; called once, when TLS has been agreed on */
    TlsArrival(Channel channel, TlsDoor door, HandshakeGate gate, Function<Channel, ChannelWire> session) {
        this.channel = channel;
        this.door = door;
        this.gate = gate;
        this.session = session;
    }

    /** Called when the channel is set up, before it is open. */
    void begin() {
        channel.config().setRecvByteBufAllocator(Loop.tlsReads());
        @Nullable InetAddress peer = ChannelWire.addressOf(channel);
        if (!door.arrivals().mayCome()) {
            channel.close();
        } else if (door.headers().refuses(peer)) {
            onRefused(Refusal.HEADER_UNTRUSTED);
            channel.close();
        } else if (!gate.enter(channel.parent(), door.maxHandshakes(), () -> proceed(peer))) {
            onRefused(Refusal.TOO_FAST);
            channel.close();
        } else if (!entered) {
            channel.config().setAutoRead(false); // until there is room for its handshake
        }
    }

    /** Perhaps later than {@link #begin}. */
    private void proceed(@Nullable InetAddress peer) {
        entered = true;
        if (!channel.isOpen()) { // it went while it waited
            leave();
            return;
        }
        channel.closeFuture().addListener(closed -> leave());
        if (door.headers().expectsHeaderOf(peer)) {
            channel.pipeline().addLast(new HeaderStage(door.headers().timeout(), this));
        } else {
            channel.pipeline().addLast(encryption(), opening());
        }
        channel.config().setAutoRead(true);
    }

    private void leave() {
        if (!left) {
            left = true;
            gate.leave(channel.parent());
        }
    }

    @Override
    public void onHeader(ChannelHandlerContext ctx, @Nullable InetSocketAddress client) {
        announced = client;
        ChannelPipeline pipeline = ctx.pipeline();
        pipeline.addLast(encryption(), opening());
    }

    private TlsOpening opening() {
        return new TlsOpening(door.handshakeTimeout(), this);
    }

    private ChannelHandler encryption() {
        ListenerContexts contexts = door.contexts().get();
        @Nullable Mapping<String, SslContext> byName = contexts.byName();
        return byName == null ? withoutTimeout(contexts.standard().newHandler(channel.alloc())) : new ByName(byName);
    }

    /** {@link TlsOpening} has the time for the whole handshake. */
    private static SslHandler withoutTimeout(SslHandler handler) {
        handler.setHandshakeTimeoutMillis(0);
        handler.setCloseNotifyFlushTimeoutMillis(CLOSE_NOTIFY_MILLIS);
        return handler;
    }

    @Override
    public void onRefused(Refusal refusal) {
        door.arrivals().onRefused(refusal, peer());
    }

    @Override
    public void onOpen(ChannelHandlerContext ctx) {
        leave();
        door.arrivals().onHandshake();
        ChannelWire wire = session.apply(channel);
        if (announced != null) {
            wire.connection().announce(announced);
        }
        ctx.pipeline().addLast(wire);
    }

    @Override
    public void onFailed(Throwable cause) {
        leave();
        door.arrivals().onHandshakeFailed(TlsFailures.kindOf(cause), peer(), TlsFailures.reason(cause));
    }

    private String peer() {
        return announced == null ? String.valueOf(channel.remoteAddress()) : announced.toString();
    }

    /** Chooses the certificate by the host that the client wants. */
    private static final class ByName extends SniHandler {
        ByName(Mapping<String, SslContext> contexts) {
            super(contexts, MAX_CLIENT_HELLO_BYTES, 0);
        }

        @Override
        protected SslHandler newSslHandler(SslContext context, ByteBufAllocator allocator) {
            return withoutTimeout(context.newHandler(allocator));
        }
    }
}
