package io.sluice.proxy.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.unix.Socket;
import io.sluice.routing.topology.ServerAddress;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One event loop and its connections. */
public final class Loop {

    /**
     * How to connect to a server.
     *
     * @param timeout how long the handshake of the transport may take
     * @param tcpKeepalive whether the connection sends keepalive probes
     */
    public record ConnectOptions(Duration timeout, boolean tcpKeepalive) {}

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
        Consumer<SocketAddress> connect =
                resolved -> connect(resolved, address.isUnixSocket(), options, out, handler, onFailure);
        if (address.isUnixSocket()) {
            connect.accept(transport.unixAddress(address.hostOrPath()));
        } else {
            resolver.resolve(address.hostOrPath(), address.port(), eventLoop, connect, onFailure);
        }
    }

    private void connect(
            SocketAddress address,
            boolean unixSocket,
            ConnectOptions options,
            OutBuffer out,
            ConnectionHandler handler,
            Consumer<Throwable> onFailure) {
        if (transport.isBare() && eventLoop instanceof IoEventLoop ioLoop) {
            connectBare(ioLoop, address, unixSocket, options, out, handler, onFailure);
        } else {
            connectChannel(address, unixSocket, options, out, handler, onFailure);
        }
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
            OutBuffer out,
            ConnectionHandler handler,
            Consumer<Throwable> onFailure) {
        Bootstrap bootstrap = new Bootstrap()
                .group(eventLoop)
                .channel(transport.channel(unixSocket))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        options.timeout().toMillis())
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        adopt(channel, out, handler);
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
