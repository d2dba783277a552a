package io.sluice.proxy.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listening socket without a channel. Event-loop only, but for {@link #start} and {@link #stop}. */
final class BareListener implements EpollIoHandle, IoUringIoHandle {

    private static final Logger log = LoggerFactory.getLogger(BareListener.class);

    /** Clients accepted before those connected have their turn. */
    private static final int MAX_ACCEPTS_PER_TURN = 64;

    /** How long to wait when the process has no file descriptor left, say. */
    private static final int PAUSE_SECONDS = 1;

    /** How long a stop waits for the event loop, which may be stuck. */
    private static final int STOP_SECONDS = 5;

    /** Length, IPv6 address, scope, port: what the native code fills in. */
    private static final int ADDRESS_BYTES = 25;

    private final Socket socket;
    private final IoEventLoop loop;
    private final Awaiting awaiting;
    private final Consumer<Socket> onAccepted;
    private final String name;
    private final Promise<Void> closed;
    private final byte[] address = new byte[ADDRESS_BYTES]; // of the client; not used

    private BareListener(Socket socket, IoEventLoop loop, boolean uring, Consumer<Socket> onAccepted) {
        this.socket = socket;
        this.loop = loop;
        this.awaiting = new Awaiting(socket, uring);
        this.onAccepted = onAccepted;
        this.name = BareSockets.nameOf(socket);
        this.closed = loop.newPromise();
    }

    /** Takes over a listening socket. {@code onAccepted} is called on the loop and takes over each client's socket. */
    static BareListener start(Socket socket, IoEventLoop loop, boolean uring, Consumer<Socket> onAccepted) {
        BareListener listener = new BareListener(socket, loop, uring, onAccepted);
        IoRegistration registration =
                loop.register(listener).syncUninterruptibly().getNow();
        loop.execute(() -> {
            listener.awaiting.registered(registration);
            listener.awaiting.begin(UringOps.POLLIN);
        });
        return listener;
    }

    /** Stops accepting; returns when the socket is closed, or after {@link #STOP_SECONDS}. */
    void stop() {
        loop.execute(this::close);
        if (!closed.awaitUninterruptibly(STOP_SECONDS, TimeUnit.SECONDS)) {
            log.warn("Not closed in {}s, its event loop does not answer: address={}", STOP_SECONDS, name);
        }
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
        awaiting.onEvent(event);
        if (awaiting.isClosing()) {
            finishClose();
        } else if (acceptAll()) {
            awaiting.again();
        } else {
            awaiting.pause();
            loop.schedule(awaiting::again, PAUSE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private boolean acceptAll() {
        try {
            for (int i = 0; i < MAX_ACCEPTS_PER_TURN; i++) {
                int accepted = socket.accept(address);
                if (accepted < 0) {
                    break;
                }
                accepted(new Socket(accepted));
            }
            return true;
        } catch (IOException e) {
            log.warn("Cannot accept clients for {}s: address={} error={}", PAUSE_SECONDS, name, e.getMessage());
            return false;
        }
    }

    /** One client's trouble, as when memory runs out, must not end the accepting. */
    private void accepted(Socket client) {
        try {
            onAccepted.accept(client);
        } catch (Throwable e) {
            log.error("Client closed, it could not be taken in: address={}", name, e);
            BareSockets.close(client);
        }
    }

    String name() {
        return name;
    }

    @Override
    public void close() {
        awaiting.close();
        finishClose();
    }

    private void finishClose() {
        if (awaiting.isOver() && closed.trySuccess(null)) {
            BareSockets.close(socket);
            awaiting.end();
        }
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }
}
