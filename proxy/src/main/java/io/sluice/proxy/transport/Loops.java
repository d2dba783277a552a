package io.sluice.proxy.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The event loops of the process and the sockets they listen on. May be used from any thread. */
public final class Loops {

    /** Makes the handler of a client that has just connected. Called on the loop that is to serve it. */
    public interface Acceptor {
        ConnectionHandler accept(int loop, OutBuffer out);
    }

    /**
     * Options of a listening socket.
     *
     * @param backlog pending connections that the kernel queues
     * @param tcpKeepalive whether accepted connections send keepalive probes
     */
    public record ListenOptions(int backlog, boolean tcpKeepalive) {}

    private final Transport transport;
    private final MultiThreadIoEventLoopGroup group;
    private final AddressResolver resolver;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("timer", true));
    private final List<Loop> loops = new ArrayList<>();

    /** Takes the resolver over. */
    public Loops(Transport transport, int count, AddressResolver resolver) {
        this.transport = transport;
        this.resolver = resolver;
        this.group = new MultiThreadIoEventLoopGroup(
                count, new DefaultThreadFactory("worker"), transport.ioHandlerFactory());
        for (int i = 0; i < count; i++) {
            loops.add(new Loop(transport, group.next(), resolver, timer));
        }
    }

    public int count() {
        return loops.size();
    }

    public Loop get(int index) {
        return loops.get(index);
    }

    /** Listens with SO_REUSEPORT on one loop, so that each loop can have its own socket on the same port. */
    public ListeningSocket listenTcp(int loop, SocketAddress address, ListenOptions options, Acceptor acceptor)
            throws IOException {
        if (transport.isBare()) {
            return listenBare(loop, address, options.backlog(), client -> adoptTcp(client, loop, options, acceptor));
        }
        EventLoop eventLoop = loops.get(loop).eventLoop();
        ServerBootstrap bootstrap = withReusedPort(
                        server(eventLoop, eventLoop, false, options, channel -> accept(channel, acceptor)))
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, options.tcpKeepalive());
        return bind(bootstrap, address);
    }

    private ServerBootstrap withReusedPort(ServerBootstrap bootstrap) {
        return switch (transport) {
            case IO_URING, EPOLL -> bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
            case NIO -> bootstrap.option(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), true);
        };
    }

    /**
     * Listens on one loop for clients that speak TLS; the same way otherwise.
     *
     * @param door asked for each client, on the loop; null while nobody is taken in
     * @param acceptor called when TLS has been agreed on
     */
    public ListeningSocket listenTls(
            int loop,
            SocketAddress address,
            ListenOptions options,
            Supplier<@Nullable TlsDoor> door,
            Acceptor acceptor) {
        EventLoop eventLoop = loops.get(loop).eventLoop();
        HandshakeGate gate = new HandshakeGate();
        Consumer<Channel> accept = channel -> {
            @Nullable TlsDoor now = door.get();
            if (now == null) {
                channel.close();
            } else {
                new TlsArrival(channel, now, gate, open -> tlsWire(open, loop, acceptor)).begin();
            }
        };
        ServerBootstrap bootstrap = withReusedPort(server(eventLoop, eventLoop, false, options, accept))
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, options.tcpKeepalive());
        return bind(bootstrap, address);
    }

    private ChannelWire tlsWire(Channel channel, int loop, Acceptor acceptor) {
        OutBuffer out = new OutBuffer(PooledByteBufAllocator.DEFAULT);
        return new ChannelWire(
                channel, loops.get(loop).resources(), out, acceptor.accept(loop, out), TlsArrival.MOST_TAKEN_BYTES);
    }

    /** Listens on a unix socket; its clients are spread over all loops. The file must not exist. */
    public ListeningSocket listenUnix(String path, ListenOptions options, Acceptor acceptor) throws IOException {
        if (transport.isBare()) {
            AtomicInteger accepted = new AtomicInteger();
            return listenBare(
                    0,
                    transport.unixAddress(path),
                    options.backlog(),
                    client -> adoptUnix(client, accepted.getAndIncrement(), acceptor));
        }
        ServerBootstrap bootstrap =
                server(loops.get(0).eventLoop(), group, true, options, channel -> accept(channel, acceptor));
        return bind(bootstrap, transport.unixAddress(path));
    }

    /** Whether sockets can be taken over from another process, and given to one. */
    public boolean canHandOver() {
        return transport.isBare();
    }

    /** Goes on listening on a TCP socket that another process opened. Takes it over. */
    public ListeningSocket listenInherited(
            int loop, int descriptor, boolean unixSocket, ListenOptions options, Acceptor acceptor) {
        AtomicInteger accepted = new AtomicInteger();
        Consumer<Socket> onAccepted = unixSocket
                ? client -> adoptUnix(client, accepted.getAndIncrement(), acceptor)
                : client -> adoptTcp(client, loop, options, acceptor);
        return ListeningSocket.of(BareListener.start(
                new Socket(descriptor),
                (IoEventLoop) loops.get(loop).eventLoop(),
                transport == Transport.IO_URING,
                onAccepted));
    }

    /**
     * Goes on with a client of another process. Takes the socket over. Event-loop only, of this loop.
     *
     * @param unread what has been read of it before; borrowed
     */
    public void adoptInherited(int loop, int descriptor, byte[] unread, Acceptor acceptor) {
        OutBuffer out = new OutBuffer(PooledByteBufAllocator.DEFAULT);
        loops.get(loop).adopt(new Socket(descriptor), out, acceptor.accept(loop, out), Unpooled.wrappedBuffer(unread));
    }

    /** Closes the descriptor of a socket that nobody wants. */
    public static void closeInherited(int descriptor) {
        BareSockets.close(new Socket(descriptor));
    }

    private ListeningSocket listenBare(int loop, SocketAddress address, int backlog, Consumer<Socket> onAccepted)
            throws IOException {
        IoEventLoop eventLoop = (IoEventLoop) loops.get(loop).eventLoop();
        return ListeningSocket.of(BareListener.start(
                BareSockets.listening(address, backlog), eventLoop, transport == Transport.IO_URING, onAccepted));
    }

    private void adoptTcp(Socket client, int loop, ListenOptions options, Acceptor acceptor) {
        try {
            BareSockets.setUp(client, options.tcpKeepalive());
            adopt(client, loop, acceptor);
        } catch (IOException e) { // gone already
            BareSockets.close(client);
        }
    }

    private void adoptUnix(Socket client, int count, Acceptor acceptor) {
        int index = Math.floorMod(count, loops.size());
        try {
            loops.get(index).execute(() -> adopt(client, index, acceptor));
        } catch (RejectedExecutionException e) { // that loop has ended already
            BareSockets.close(client);
        }
    }

    private void adopt(Socket client, int index, Acceptor acceptor) {
        OutBuffer out = new OutBuffer(PooledByteBufAllocator.DEFAULT);
        loops.get(index).adopt(client, out, acceptor.accept(index, out));
    }

    private ServerBootstrap server(
            EventLoop listening,
            EventLoopGroup serving,
            boolean unixSocket,
            ListenOptions options,
            Consumer<Channel> accept) {
        return new ServerBootstrap()
                .group(listening, serving)
                .channel(transport.serverChannel(unixSocket))
                .option(ChannelOption.SO_BACKLOG, options.backlog())
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new OnAccept(accept));
    }

    private static ListeningSocket bind(ServerBootstrap bootstrap, SocketAddress address) {
        return ListeningSocket.of(bootstrap.bind(address).syncUninterruptibly().channel());
    }

    private void accept(Channel channel, Acceptor acceptor) {
        int index = indexOf(channel.eventLoop());
        OutBuffer out = new OutBuffer(PooledByteBufAllocator.DEFAULT);
        loops.get(index).adopt(channel, out, acceptor.accept(index, out));
    }

    @SuppressWarnings("ReferenceEquality") // a loop is a thread, not a value
    private int indexOf(EventLoop eventLoop) {
        for (int i = 0; i < loops.size(); i++) {
            if (loops.get(i).eventLoop() == eventLoop) {
                return i;
            }
        }
        throw new IllegalStateException("A channel of a foreign event loop");
    }

    /** Ends the threads; connections still open are closed. Returns when that is done, or after {@code seconds}. */
    public void shutdown(int seconds) {
        resolver.close();
        loops.forEach(loop -> loop.execute(loop.resources().readBuffers()::release));
        group.shutdownGracefully(0, seconds, TimeUnit.SECONDS).awaitUninterruptibly(seconds, TimeUnit.SECONDS);
        timer.shutdownNow(); // last: what ends may still ask for a time
    }

    private static final class OnAccept extends ChannelInitializer<Channel> {
        private final Consumer<Channel> accept;

        OnAccept(Consumer<Channel> accept) {
            this.accept = accept;
        }

        @Override
        protected void initChannel(Channel channel) {
            accept.accept(channel);
        }
    }
}
