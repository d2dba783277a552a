package io.sluice.proxy.admin;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One collector of twemproxy's: it connects, reads JSON up to the end, and is gone. Admin thread only. */
final class StatsHandler extends ChannelInboundHandlerAdapter {

    private static final Logger log = LoggerFactory.getLogger(StatsHandler.class);

    private final StatsReport report;
    private final AdminConnections connections;

    StatsHandler(StatsReport report, AdminConnections connections) {
        this.report = report;
        this.connections = connections;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (connections.admit(ctx.channel())) {
            byte[] json = report.json().getBytes(StandardCharsets.UTF_8);
            if (connections.hasRoomFor(json.length)) {
                connections.finish(ctx, Unpooled.wrappedBuffer(json));
            } else {
                ctx.close();
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("Stats connection lost: peer={}", ctx.channel().remoteAddress(), cause);
        ctx.close();
    }
}
