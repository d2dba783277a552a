package io.sluice.proxy.transport;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringBufferRingConfig;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringFixedBufferRingAllocator;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Optional;

/** The kernel interfaces that can carry the bytes, in the order in which they are tried. */
public enum Transport {
    /** io_uring with a ring of read buffers: fewest system calls. Off in many containers. */
    IO_URING {
        @Override
        public Optional<String> unavailableBecause() {
            if (!IoUring.isAvailable()) {
                return Optional.of(reason(IoUring.unavailabilityCause()));
            }
            return IoUring.isRegisterBufferRingSupported()
                    ? Optional.empty()
                    : Optional.of("this kernel has no io_uring buffer rings");
        }

        @Override
        IoHandlerFactory ioHandlerFactory() {
            IoUringBufferRingConfig ring = IoUringBufferRingConfig.builder()
                    .bufferGroupId(BUFFER_GROUP)
                    .bufferRingSize(RING_BUFFERS)
                    .batchSize(RING_BUFFERS / 4)
                    .allocator(new IoUringFixedBufferRingAllocator(
                            PooledByteBufAllocator.DEFAULT, true, RING_BUFFER_BYTES))
                    .build();
            return IoUringIoHandler.newFactory(
                    new IoUringIoHandlerConfig().setRingSize(RING_ENTRIES).setBufferRingConfig(ring));
        }

        @Override
        Class<? extends ServerChannel> serverChannel(boolean unixSocket) {
            return unixSocket ? IoUringServerDomainSocketChannel.class : IoUringServerSocketChannel.class;
        }

        @Override
        Class<? extends Channel> channel(boolean unixSocket) {
            return unixSocket ? IoUringDomainSocketChannel.class : IoUringSocketChannel.class;
        }
    },
    /** epoll, as the C proxies use it. */
    EPOLL {
        @Override
        public Optional<String> unavailableBecause() {
            return Epoll.isAvailable() ? Optional.empty() : Optional.of(reason(Epoll.unavailabilityCause()));
        }

        @Override
        IoHandlerFactory ioHandlerFactory() {
            return KeptRegistrations.newFactory();
        }

        @Override
        Class<? extends ServerChannel> serverChannel(boolean unixSocket) {
            return unixSocket ? EpollServerDomainSocketChannel.class : EpollServerSocketChannel.class;
        }

        @Override
        Class<? extends Channel> channel(boolean unixSocket) {
            return unixSocket ? EpollDomainSocketChannel.class : EpollSocketChannel.class;
        }
    },
    /** The JDK's own; works everywhere. */
    NIO {
        @Override
        public Optional<String> unavailableBecause() {
            return Optional.empty();
        }

        @Override
        IoHandlerFactory ioHandlerFactory() {
            return NioIoHandler.newFactory();
        }

        @Override
        Class<? extends ServerChannel> serverChannel(boolean unixSocket) {
            return unixSocket ? NioServerDomainSocketChannel.class : NioServerSocketChannel.class;
        }

        @Override
        Class<? extends Channel> channel(boolean unixSocket) {
            return unixSocket ? NioDomainSocketChannel.class : NioSocketChannel.class;
        }

        @Override
        SocketAddress unixAddress(String path) {
            return UnixDomainSocketAddress.of(path);
        }
    };

    /** Buffers of one event loop's read ring; what is read at once is bounded by their number and size. */
    private static final short RING_BUFFERS = 64;

    private static final int RING_BUFFER_BYTES = 32 << 10;
    private static final int RING_ENTRIES = 1024;
    static final short BUFFER_GROUP = 1;

    /** Why this transport cannot be used here; empty when it can. Probing loads native code. */
    public abstract Optional<String> unavailableBecause();

    abstract IoHandlerFactory ioHandlerFactory();

    abstract Class<? extends ServerChannel> serverChannel(boolean unixSocket);

    abstract Class<? extends Channel> channel(boolean unixSocket);

    /** Whether sockets are driven without Netty's channels. */
    boolean isBare() {
        return this != NIO && BareSockets.areUsable();
    }

    SocketAddress unixAddress(String path) {
        return new DomainSocketAddress(path);
    }

    private static String reason(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}
