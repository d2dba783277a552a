package io.sluice.proxy.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A socket behind a Netty channel: any transport, and whatever a pipeline can do. Event-loop only. */
final class ChannelWire extends ChannelInboundHandlerAdapter implements Wire, ChannelFutureListener {

    private final Channel channel;
    private final StreamConnection connection;
    private final int mostTakenBytes;
    private long bytesInFlight;
    private boolean inputEnded;

    ChannelWire(Channel channel, LoopResources resources, OutBuffer out, ConnectionHandler handler) {
        this(channel, resources, out, handler, Integer.MAX_VALUE);
    }

    /** @param mostTakenBytes of the out buffer at a time, but for its last chunk */
    ChannelWire(
            Channel channel, LoopResources resources, OutBuffer out, ConnectionHandler handler, int mostTakenBytes) {
        this.channel = channel;
        this.mostTakenBytes = mostTakenBytes;
        this.connection = new StreamConnection(this, resources, out, handler);
    }

    StreamConnection connection() {
        return connection;
    }

    // ---- in

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        connection.onOpen();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            connection.onBytes(in);
        } finally {
            in.release();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        boolean isEnd = event == ChannelInputShutdownEvent.INSTANCE || event instanceof SslCloseCompletionEvent;
        if (isEnd && !inputEnded) { // TLS says it, and then the socket does
            inputEnded = true;
            connection.onInputEnd();
        }
    }

    @Override
    public boolean isReading() {
        return channel.config().isAutoRead();
    }

    @Override
    public int stopReading(Runnable whenStopped) {
        return -1; // a channel keeps its descriptor to itself
    }

    @Override
    public void setReading(boolean reading) {
        channel.config().setAutoRead(reading);
    }

    // ---- out

    /** As much as may be in one go: Netty gathers the chunks in one system call. */
    @Override
    public void write(OutBuffer out) {
        @Nullable ByteBuf chunk = out.take();
        while (chunk != null) {
            bytesInFlight += chunk.readableBytes();
            @Nullable ByteBuf next = bytesInFlight < mostTakenBytes ? out.take() : null;
            if (next == null) {
                ChannelPromise done = channel.newPromise();
                done.addListener(this);
                channel.writeAndFlush(chunk, done);
            } else {
                channel.write(chunk, channel.voidPromise());
            }
            chunk = next;
        }
    }

    @Override
    public void operationComplete(ChannelFuture write) {
        bytesInFlight = 0;
        if (write.isSuccess()) {
            connection.onWritten();
        } else {
            connection.close();
        }
    }

    @Override
    public void writeAhead(ByteBuf first) {
        channel.writeAndFlush(first, channel.voidPromise());
    }

    @Override
    public long unwritten() {
        ChannelOutboundBuffer writing = channel.unsafe().outboundBuffer();
        long pending = writing == null ? 0 : writing.totalPendingWriteBytes();
        return pending == 0 ? bytesInFlight : Math.min(pending, bytesInFlight);
    }

    @Override
    public void endOutput() {
        @Nullable SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            shutdownOutput();
        } else {
            tls.closeOutbound().addListener(done -> shutdownOutput()); // when the peer has been told within TLS
        }
    }

    private void shutdownOutput() {
        if (channel instanceof DuplexChannel duplex) {
            duplex.shutdownOutput();
        } else {
            channel.close();
        }
    }

    // ---- end

    @Override
    public void close() {
        channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        connection.onClosed();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        @Nullable Throwable inner = cause instanceof DecoderException ? cause.getCause() : null; // as TLS has it
        connection.closeBecauseOf(inner == null ? cause : inner);
    }

    @Override
    public Future<?> schedule(Runnable task, int seconds) {
        return channel.eventLoop().schedule(task, seconds, TimeUnit.SECONDS);
    }

    @Override
    public String peer() {
        return String.valueOf(channel.remoteAddress());
    }

    @Override
    public @Nullable InetAddress source() {
        return addressOf(channel);
    }

    static @Nullable InetAddress addressOf(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress tcp ? tcp.getAddress() : null;
    }
}
