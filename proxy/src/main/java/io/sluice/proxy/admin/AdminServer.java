package io.sluice.proxy.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Where people and collectors look inside. It has a thread of its own, so that whoever asks, however often and however
 * slowly he reads, takes nothing from those who serve clients but processor time. May be used from any thread.
 */
public final class AdminServer implements AutoCloseable {

    private static final int BACKLOG = 128;
    private static final int SHUTDOWN_SECONDS = 2;

    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("admin", true), NioIoHandler.newFactory());
    private final ChannelGroup open = new DefaultChannelGroup(group.next(), true); // all, those that listen included
    private final AdminConnections connections;
    private final AdminPages pages;
    private final AdminActions actions;
    private final AdminGate gate;
    private final StatsReport stats;

    public AdminServer(ProxyView proxy, AdminLimits limits) {
        LatencyWindow window = new LatencyWindow();
        this.connections = new AdminConnections(limits);
        this.pages = new AdminPages(proxy, window);
        this.actions = new AdminActions(proxy);
        this.gate = new AdminGate(proxy.config().monitoring().token());
        this.stats = new StatsReport(proxy);
        every(LatencyWindow.PERIOD.toMillis(), window::turn);
        every(WorkerPulse.PERIOD.toMillis(), proxy.pulse()::ask);
    }

    private void every(long millis, Runnable task) {
        group.next().scheduleAtFixedRate(task, millis, millis, TimeUnit.MILLISECONDS);
    }

    /** Opens the pages; returns the address with the port that was really taken. */
    public InetSocketAddress serveHttp(InetSocketAddress address) throws IOException {
        return listen(
                address,
                channel -> channel.pipeline()
                        .addLast(
                                new HttpServerCodec(
                                        AdminLimits.MAX_REQUEST_LINE_BYTES,
                                        AdminLimits.MAX_HEADER_BYTES,
                                        AdminLimits.MAX_BODY_PIECE_BYTES),
                                new HttpHandler(pages, actions, gate, connections)));
    }

    /** Opens twemproxy's statistics; returns the address with the port that was really taken. */
    public InetSocketAddress serveStats(InetSocketAddress address) throws IOException {
        return listen(address, channel -> channel.pipeline().addLast(new StatsHandler(stats, connections)));
    }

    private InetSocketAddress listen(InetSocketAddress address, Consumer<Channel> onAccept) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        open.add(channel);
                        onAccept.accept(channel);
                    }
                });
        var bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw bound.cause() instanceof BindException taken
                    ? taken
                    : new IOException(bound.cause().getMessage(), bound.cause());
        }
        open.add(bound.channel());
        return (InetSocketAddress) bound.channel().localAddress();
    }

    /** Its addresses are free when this returns. A loop that is busy when it is told to end closes no channel by itself. */
    @Override
    public void close() {
        open.close().awaitUninterruptibly(SHUTDOWN_SECONDS, TimeUnit.SECONDS);
        group.shutdownGracefully(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(SHUTDOWN_SECONDS, TimeUnit.SECONDS);
    }
}
