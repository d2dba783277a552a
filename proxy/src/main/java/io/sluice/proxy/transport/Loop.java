package io.sluice.proxy.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.channel.unix.Socket;
import io.netty.handler.ssl.SslHandler;
import io.sluice.proxy.tls.ServerContext;
import io.sluice.routing.topology.ServerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One event loop and its connections. */
public final class Loop {

    /**
     * How to connect to a server.
     *
     * @param timeout how long the handshake of the transport may take
     * @param tcpKeepalive whether the connection sends keepalive probes
     * @param tls the certificates of the moment; null for clear text
     */
    public record ConnectOptions(
            Duration timeout,
            boolean tcpKeepalive,
            @Nullable Supplier<ServerContext> tls) {

        /** In clear text. */
        public ConnectOptions(Duration timeout, boolean tcpKeepalive) {
            this(timeout, tcpKeepalive, null);
        }
    }

    private static final int LEAST_TLS_READ_BYTES = 512;
    private static final int FIRST_TLS_READ_BYTES = 2 << 10;
    private static final int MOST_TLS_READ_BYTES = 64 << 10;

    private final Transport transport;
    private final EventLoop eventLoop;
    private final LoopResources resources;
    private final AddressResolver resolver;
    private final ScheduledExecutorService timer;

    Loop(Transport transport, EventLoop eventLoop, AddressResolver resolver, ScheduledExecutorService timer) {
        this.transport = transport;
        this.eventLoop = eventLoop;
        this.resolver = resolver;
        this.timer = timer;
        this.resources = new LoopResources(
                new LoopClock(System::nanoTime), new TurnQueue(eventLoop), PooledByteBufAllocator.DEFAULT);
    }

    /** What this loop's connections share. Event-loop only. */
    public LoopResources resources() {
        return resources;
    }

    public boolean inEventLoop() {
        return eventLoop.inEventLoop();
    }

    /** Runs a task on the loop. From any thread. */
    public void execute(Runnable task) {
        eventLoop.execute(task);
    }

    /**
     * Runs a task on the loop after a time. From any thread. While a task waits on an io_uring loop itself, each turn
     * sets up and takes down a timer of the kernel's; another thread waits for less.
     */
    public void schedule(Runnable task, Duration delay) {
        if (transport == Transport.IO_URING) {
            timer.schedule(() -> eventLoop.execute(task), delay.toNanos(), TimeUnit.NANOSECONDS);
        } else {
            eventLoop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** Runs a task on the loop when all that is ready now has had its turn. From any thread. */
    public void executeNextTurn(Runnable task) {
        if (eventLoop instanceof SingleThreadEventLoop withTurns) {
            withTurns.executeAfterEventLoopIteration(task);
        } else {
            eventLoop.execute(task);
        }
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    /** Makes a connection of a connected socket. Takes it over. Event-loop only. */
    void adopt(Socket socket, OutBuffer out, ConnectionHandler handler) {
        adopt(socket, out, handler, Unpooled.EMPTY_BUFFER);
    }

    /** The same for one of which {@code unread}, borrowed, has been read before. */
    void adopt(Socket socket, OutBuffer out, ConnectionHandler handler, ByteBuf unread) {
        IoEventLoop ioLoop = (IoEventLoop) eventLoop;
        switch (transport) {
            case IO_URING -> UringWire.open(socket, ioLoop, resources, out, handler, unread);
            case EPOLL -> EpollWire.open(socket, ioLoop, resources, out, handler, unread);
            case NIO -> throw new IllegalStateException("NIO has channels only");
        }
    }

    /** Makes a connection of a channel that belongs to this loop. */
    void adopt(Channel channel, OutBuffer out, ConnectionHandler handler) {
        ChannelWire wire = new ChannelWire(channel, resources, out, handler);
        channel.config().setRecvByteBufAllocator(new ReadTargetAllocator(wire.connection()::readTarget));
        channel.pipeline().addLast(wire);
    }

    /**
     * Connects to a server. Event-loop only.
     *
     * @param out what it sends; stays the caller's, who may use it with the next connection
     * @param onFailure gets the reason when no connection came about; then {@code handler} is never called
     */
    public void connect(
            ServerAddress address,
            ConnectOptions options,
            OutBuffer out,
            ConnectionHandler handler,
            Consumer<Throwable> onFailure) {
        Consumer<SocketAddress> connect = resolved -> connect(resolved, address, options, out, handler, onFailure);
        if (address.isUnixSocket()) {
            connect.accept(transport.unixAddress(address.hostOrPath()));
        } else {
            resolver.resolve(address.hostOrPath(), address.port(), eventLoop, connect, onFailure);
        }
    }

    /** All addresses that a server's host name has now. From any thread; calls back on the loop. */
    public void lookUp(
            ServerAddress server, Consumer<? super List<InetAddress>> onFound, Consumer<Throwable> onFailure) {
        resolver.addresses(server.hostOrPath(), eventLoop, onFound, onFailure);
    }

    private void connect(
            SocketAddress address,
            ServerAddress server,
            ConnectOptions options,
            OutBuffer out,
            ConnectionHandler handler,
            Consumer<Throwable> onFailure) {
        if (options.tls() != null) {
            connectTls(address, server, options, options.tls().get(), out, handler, onFailure);
        } else if (transport.isBare() && eventLoop instanceof IoEventLoop ioLoop) {
            connectBare(ioLoop, address, server.isUnixSocket(), options, out, handler, onFailure);
        } else {
            connectChannel(address, server.isUnixSocket(), options, channel -> adopt(channel, out, handler), onFailure);
        }
    }

    private void connectTls(
            SocketAddress address,
            ServerAddress server,
            ConnectOptions options,
            ServerContext tls,
            OutBuffer out,
            ConnectionHandler handler,
            Consumer<Throwable> onFailure) {
        ToldOnce failure = new ToldOnce(onFailure); // a channel that does not connect has no handshake either
        TlsOpening.Outcome outcome = new TlsOpening.Outcome() {
            @Override
            public void onOpen(ChannelHandlerContext ctx) {
                ctx.pipeline()
                        .addLast(new ChannelWire(ctx.channel(), resources, out, handler, TlsArrival.MOST_TAKEN_BYTES));
            }

            @Override
            public void onFailed(Throwable cause) {
                failure.accept(new IOException("TLS: " + TlsFailures.reason(cause), cause));
            }
        };
        connectChannel(
                address,
                server.isUnixSocket(),
                options,
                channel -> {
                    channel.config().setRecvByteBufAllocator(tlsReads());
                    SslHandler encryption =
                            tls.context().newHandler(channel.alloc(), tls.nameOf(server.hostOrPath()), server.port());
                    encryption.setHandshakeTimeoutMillis(0); // the opening has the time for it
                    channel.pipeline().addLast(encryption, new TlsOpening(options.timeout(), outcome));
                },
                failure);
    }

    /** Passes on the first reason only. */
    private static final class ToldOnce implements Consumer<Throwable> {
        private final Consumer<Throwable> listener;
        private boolean told;

        ToldOnce(Consumer<Throwable> listener) {
            this.listener = listener;
        }

        @Override
        public void accept(Throwable cause) {
            if (!told) {
                told = true;
                listener.accept(cause);
            }
        }
    }

    /** Once per turn, so that a fast peer does not keep the others waiting. */
    static RecvByteBufAllocator tlsReads() {
        return new AdaptiveRecvByteBufAllocator(LEAST_TLS_READ_BYTES, FIRST_TLS_READ_BYTES, MOST_TLS_READ_BYTES)
                .maxMessagesPerRead(1);
    }

    private void connectBare(
            IoEventLoop ioLoop,
            SocketAddress address,
            boolean unixSocket,
            ConnectOptions options,
            OutBuffer out,
            ConnectionHandler handler,
            Consumer<Throwable> onFailure) {
        try {
            Socket socket = BareSockets.forServer(unixSocket, options.tcpKeepalive());
            BareConnect.start(
                    socket,
                    address,
                    options.timeout(),
                    ioLoop,
                    transport == Transport.IO_URING,
                    connected -> adopt(connected, out, handler),
                    onFailure);
        } catch (IOException e) {
            eventLoop.execute(() -> onFailure.accept(e));
        }
    }

    private void connectChannel(
            SocketAddress address,
            boolean unixSocket,
            ConnectOptions options,
            Consumer<Channel> onChannel,
            Consumer<Throwable> onFailure) {
        Bootstrap bootstrap = new Bootstrap()
                .group(eventLoop)
                .channel(transport.channel(unixSocket))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        options.timeout().toMillis())
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        onChannel.accept(channel);
                    }
                });
        if (!unixSocket) {
            bootstrap.option(ChannelOption.TCP_NODELAY, true);
            bootstrap.option(ChannelOption.SO_KEEPALIVE, options.tcpKeepalive());
        }
        bootstrap.connect(address).addListener(done -> {
            if (!done.isSuccess()) {
                onFailure.accept(done.cause());
            }
        });
    }
}
