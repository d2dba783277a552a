package io.sluice.proxy.admin;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts the connections of the admin thread and what waits to be sent on them, and ends them. Admin thread only. */
final class AdminConnections {

    private static final Logger log = LoggerFactory.getLogger(AdminConnections.class);

    /** How long a peer that has been sent everything may take to close. */
    private static final Duration DISCARD = Duration.ofSeconds(2);

    private final AdminLimits limits;
    private int open;
    private long pendingBytes;

    AdminConnections(AdminLimits limits) {
        this.limits = limits;
    }

    AdminLimits limits() {
        return limits;
    }

    /** Takes a connection in, or closes it because there are too many. */
    boolean admit(Channel channel) {
        if (open >= limits.maxConnections()) {
            log.debug("Admin connection refused: open={} peer={}", open, channel.remoteAddress());
            channel.close();
            return false;
        }
        open++;
        channel.closeFuture().addListener(closed -> open--);
        return true;
    }

    boolean hasRoomFor(int bytes) {
        return pendingBytes + bytes <= limits.maxPendingBytes();
    }

    /**
     * Sends the only reply of a connection and closes it when the peer does, or when it takes too long. Takes over the
     * message.
     *
     * @param bytes about as many as the message has
     */
    void finish(ChannelHandlerContext ctx, Object message, int bytes) {
        pendingBytes += bytes;
        closeAfter(ctx.channel(), limits.replyTimeout());
        ctx.writeAndFlush(message).addListener(written -> {
            pendingBytes -= bytes;
            if (written.isSuccess() && ctx.channel() instanceof DuplexChannel duplex) {
                duplex.shutdownOutput(); // closing with input unread would take the reply back from the peer
                closeAfter(ctx.channel(), DISCARD);
            } else {
                ctx.close();
            }
        });
    }

    void finish(ChannelHandlerContext ctx, ByteBuf message) {
        finish(ctx, message, message.readableBytes());
    }

    private static void closeAfter(Channel channel, Duration time) {
        channel.eventLoop().schedule(() -> channel.close(), time.toNanos(), TimeUnit.NANOSECONDS);
    }
}
