package io.sluice.proxy.transport;

import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One attempt to connect a socket that has no channel. Event-loop only. */
final class BareConnect implements EpollIoHandle, IoUringIoHandle {

    /** Whoever wants the connection gives up by itself; this is for the socket, which nobody else would close. */
    private static final Duration GRACE = Duration.ofMillis(100);

    private final Socket socket;
    private final IoEventLoop loop;
    private final Awaiting awaiting;
    private final Consumer<Socket> onConnected;
    private final Consumer<Throwable> onFailure;
    private @Nullable Future<?> timeout;
    private @Nullable Throwable failure;
    private boolean ended;

    private BareConnect(
            Socket socket,
            IoEventLoop loop,
            boolean uring,
            Consumer<Socket> onConnected,
            Consumer<Throwable> onFailure) {
        this.socket = socket;
        this.loop = loop;
        this.awaiting = new Awaiting(socket, uring);
        this.onConnected = onConnected;
        this.onFailure = onFailure;
    }

    /**
     * Connects. Takes over the socket, and hands it over to {@code onConnected}, or closes it and says why. Neither is
     * called before this returns.
     */
    static void start(
            Socket socket,
            SocketAddress address,
            Duration timeout,
            IoEventLoop loop,
            boolean uring,
            Consumer<Socket> onConnected,
            Consumer<Throwable> onFailure) {
        BareConnect attempt = new BareConnect(socket, loop, uring, onConnected, onFailure);
        loop.execute(() -> attempt.start(address, timeout));
    }

    private void start(SocketAddress address, Duration patience) {
        @Nullable IoRegistration registration = loop.register(this).getNow(); // at once, since we are on the loop
        if (registration == null) {
            end(new IOException("the event loop takes no more sockets"));
            return;
        }
        awaiting.registered(registration);
        try {
            if (socket.connect(address)) {
                end(null);
            } else {
                awaiting.begin(UringOps.POLLOUT);
                timeout = loop.schedule(
                        () -> end(new ConnectTimeoutException("no answer in " + patience.toMillis() + "ms")),
                        patience.plus(GRACE).toNanos(),
                        TimeUnit.NANOSECONDS);
            }
        } catch (IOException e) {
            end(e);
        }
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
        awaiting.onEvent(event);
        if (awaiting.isClosing()) {
            report();
            return;
        }
        try {
            if (socket.finishConnect() && socket.remoteAddress() != null) { // an event may be an earlier socket's
                end(null);
            } else {
                awaiting.again();
            }
        } catch (Throwable e) { // it must not end the loop of all the others
            end(e);
        }
    }

    private void end(@Nullable Throwable cause) {
        if (!awaiting.isClosing()) {
            failure = cause;
            if (timeout != null) {
                timeout.cancel(false);
            }
            awaiting.close();
            report();
        }
    }

    /** Only when nothing waits for the socket any more may it be closed, or used by somebody else. */
    private void report() {
        if (ended || !awaiting.isOver()) {
            return;
        }
        ended = true;
        awaiting.end();
        if (failure == null) {
            onConnected.accept(socket);
        } else {
            BareSockets.close(socket);
            onFailure.accept(failure);
        }
    }

    /** The event loop ends. */
    @Override
    public void close() {
        end(new IOException("the proxy is stopping"));
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }
}
