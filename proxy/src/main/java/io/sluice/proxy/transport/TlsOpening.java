package io.sluice.proxy.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.concurrent.Future;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Stands behind TLS in a pipeline until the handshake has ended, well or badly, and tells once. Event-loop only. */
final class TlsOpening extends ChannelInboundHandlerAdapter {

    /** What comes after. */
    interface Outcome {
        /** The connection can be used: puts what is to use it behind {@code ctx}, which then leaves the pipeline. */
        void onOpen(ChannelHandlerContext ctx);

        /** No TLS came about; the channel is closing. */
        void onFailed(Throwable cause);
    }

    private final Duration timeout;
    private final Outcome outcome;
    private @Nullable Future<?> timer;
    private boolean ended;

    TlsOpening(Duration timeout, Outcome outcome) {
        this.timeout = timeout;
        this.outcome = outcome;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer = ctx.executor()
                .schedule(
                        () -> fail(
                                ctx, new SslHandshakeTimeoutException("no handshake in " + timeout.toMillis() + "ms")),
                        timeout.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    /** A connection that cannot be used yet is not open. */
    @Override
    public void channelActive(ChannelHandlerContext ctx) {}

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
            open(ctx);
        } else if (event instanceof SniCompletionEvent || event instanceof SslHandshakeCompletionEvent) {
            SslCompletionEvent completion = (SslCompletionEvent) event;
            if (!completion.isSuccess()) {
                fail(ctx, completion.cause());
            }
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    private void open(ChannelHandlerContext ctx) {
        if (end()) {
            outcome.onOpen(ctx);
            ctx.fireChannelActive();
            if (!ctx.isRemoved()) {
                ctx.pipeline().remove(this);
            }
        }
    }

    private void fail(ChannelHandlerContext ctx, Throwable cause) {
        if (end()) {
            outcome.onFailed(cause);
            ctx.close();
        }
    }

    private boolean end() {
        if (ended) {
            return false;
        }
        ended = true;
        if (timer != null) {
            timer.cancel(false);
        }
        return true;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(ctx, new ClosedChannelException());
        ctx.fireChannelInactive();
    }

    /** TLS tells a failure twice, once as an event; and behind this one there is nobody yet to tell. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(ctx, cause);
    }

    /** The channel was closed before it was open. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        fail(ctx, new ClosedChannelException());
    }
}
