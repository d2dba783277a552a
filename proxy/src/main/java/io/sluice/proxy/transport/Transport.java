package io.sluice.proxy.transport;

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
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Optional;

/** The kernel interfaces that can carry the bytes, in the order in which they are tried: docs/decisions/0008. */
public enum Transport {
    /** io_uring: fewest system calls. Off in many containers. */
    IO_URING {
        @Override
        public Optional<String> unavailableBecause() {
            if (!IoUring.isAvailable()) {
                return Optional.of(reason(IoUring.unavailabilityCause()));
            }
            return BareSockets.areUsable()
                    ? Optional.empty()
                    : Optional.of("this JVM does not tell the addresses of buffers");
        }

        @Override
        IoHandlerFactory ioHandlerFactory() {
            return Gathering.of(IoUringIoHandler.newFactory(RING_ENTRIES));
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

    private static final int RING_ENTRIES = 1024;

    /** Why this transport cannot be used here; empty when it can. Probing loads native code. */
    public abstract Optional<String> unavailableBecause();

    abstract IoHandlerFactory ioHandlerFactory();

    abstract Class<? extends ServerChannel> serverChannel(boolean unixSocket);

    abstract Class<? extends Channel> channel(boolean unixSocket);

    /** Whether sockets are driven without Netty's channels, but for those with TLS. */
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
