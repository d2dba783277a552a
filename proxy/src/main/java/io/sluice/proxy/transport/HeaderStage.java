package io.sluice.proxy.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import io.sluice.proxy.admission.Refusal;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Stands first in a pipeline until the PROXY header has come; the bytes behind it go on. Event-loop only. */
final class HeaderStage extends ByteToMessageDecoder {

    /** What comes after. */
    interface Outcome {
        /** Puts what is to get the rest behind {@code ctx}, which then leaves the pipeline. */
        void onHeader(ChannelHandlerContext ctx, @Nullable InetSocketAddress client);

        /** There is none; the channel is closing. Not called when the peer just went. */
        void onRefused(Refusal refusal);
    }

    private final Duration timeout;
    private final Outcome outcome;
    private @Nullable Future<?> timer;
    private boolean ended;

    HeaderStage(Duration timeout, Outcome outcome) {
        this.timeout = timeout;
        this.outcome = outcome;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer = ctx.executor()
                .schedule(() -> refuse(ctx, Refusal.HEADER_LATE), timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (ended) {
            in.skipBytes(in.readableBytes());
            return;
        }
        try {
            ProxyHeader header = ProxyHeader.read(in);
            if (header != null) {
                end();
                in.skipBytes(header.length());
                outcome.onHeader(ctx, header.client());
                ctx.pipeline().remove(this);
            }
        } catch (ProxyHeader.MalformedException e) {
            in.skipBytes(in.readableBytes());
            refuse(ctx, Refusal.HEADER_MALFORMED);
        }
    }

    private void refuse(ChannelHandlerContext ctx, Refusal refusal) {
        if (!ended) {
            end();
            outcome.onRefused(refusal);
            ctx.close();
        }
    }

    private void end() {
        ended = true;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /** Called when the peer goes as well: what has come of a header then is no matter. */
    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        end();
        in.skipBytes(in.readableBytes());
        ctx.close();
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        end();
    }

    /** A reset: nobody is refused, and there is nobody yet to tell. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        end();
        ctx.close();
    }
}
