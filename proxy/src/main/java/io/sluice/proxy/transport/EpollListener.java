package io.sluice.proxy.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listening socket driven by epoll without a channel. Event-loop only, but for {@link #start} and {@link #stop}. */
final class EpollListener implements EpollIoHandle {

    private static final Logger log = LoggerFactory.getLogger(EpollListener.class);

    /** Clients accepted before those connected have their turn. */
    private static final int MAX_ACCEPTS_PER_TURN = 64;

    /** How long to wait when the process has no file descriptor left, say. */
    private static final int PAUSE_SECONDS = 1;

    /** Length, IPv6 address, scope, port: what the native code fills in. */
    private static final int ADDRESS_BYTES = 25;

    private final Socket socket;
    private final IoEventLoop loop;
    private final Consumer<Socket> onAccepted;
    private final byte[] address = new byte[ADDRESS_BYTES]; // of the client; not used
    private @Nullable IoRegistration registration;

    private EpollListener(Socket socket, IoEventLoop loop, Consumer<Socket> onAccepted) {
        this.socket = socket;
        this.loop = loop;
        this.onAccepted = onAccepted;
    }

    /** Takes over a listening socket. {@code onAccepted} is called on the loop and takes over each client's socket. */
    static EpollListener start(Socket socket, IoEventLoop loop, Consumer<Socket> onAccepted) {
        EpollListener listener = new EpollListener(socket, loop, onAccepted);
        listener.registration = loop.register(listener).syncUninterruptibly().getNow();
        listener.accepting(true);
        return listener;
    }

    /** Stops accepting; returns when the socket is closed. */
    void stop() {
        loop.submit(this::close).syncUninterruptibly();
    }

    private void accepting(boolean wanted) {
        if (registration != null && registration.isValid()) {
            registration.submit(wanted ? EpollIoOps.EPOLLIN : EpollIoOps.NONE);
        }
    }

    @Override
    public void handle(IoRegistration registered, IoEvent event) {
        try {
            for (int i = 0; i < MAX_ACCEPTS_PER_TURN; i++) {
                int accepted = socket.accept(address);
                if (accepted < 0) {
                    return;
                }
                onAccepted.accept(new Socket(accepted));
            }
        } catch (IOException e) {
            log.warn("Cannot accept clients for {}s: address={} error={}", PAUSE_SECONDS, name(), e.getMessage());
            accepting(false);
            loop.schedule(() -> accepting(true), PAUSE_SECONDS, TimeUnit.SECONDS);
        }
    }

    String name() {
        return BareSockets.nameOf(socket);
    }

    @Override
    public void close() {
        if (socket.isOpen()) {
            try {
                socket.close();
            } catch (IOException e) {
                log.debug("Not closed: address={}", name(), e);
            }
            if (registration != null) {
                registration.cancel();
            }
        }
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }
}
