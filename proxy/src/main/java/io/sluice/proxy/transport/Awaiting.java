package io.sluice.proxy.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.Socket;
import io.netty.channel.uring.IoUringIoEvent;
import org.jspecify.annotations.Nullable;

/**
 * Waits for a socket to become readable or writable, for those who use it themselves; the same on epoll and io_uring.
 * On io_uring each wait ends with its event, and the socket must stay open until the wait has ended. Event-loop only.
 */
final class Awaiting {

    private final Socket socket;
    private final boolean uring;
    private @Nullable IoRegistration registration;
    private int mask;
    private long wait; // id of the wait under way, on io_uring
    private boolean waiting;
    private boolean closing;

    Awaiting(Socket socket, boolean uring) {
        this.socket = socket;
        this.uring = uring;
    }

    void registered(IoRegistration registered) {
        registration = registered;
    }

    /** Waits for POLLIN or POLLOUT, whose bits epoll has, too. */
    void begin(int events) {
        mask = events;
        again();
    }

    /** Waits for the next event. */
    void again() {
        if (registration == null || waiting || closing) {
            return;
        }
        wait = registration.submit(uring ? UringOps.poll(socket.intValue(), mask) : EpollIoOps.valueOf(mask));
        waiting = true;
    }

    /** To be called first with each event. */
    void onEvent(IoEvent event) {
        if (!(event instanceof IoUringIoEvent completion)) {
            return; // epoll goes on reporting
        }
        if (completion.opcode() == UringOps.POLL_ADD) {
            waiting = false;
        }
    }

    /** Waits for nothing until {@link #again()}. */
    void pause() {
        if (registration != null && !uring) {
            waiting = false;
            registration.submit(EpollIoOps.NONE);
        }
    }

    /** Ends the wait; when {@link #isOver()}, the socket may be closed or used otherwise. */
    void close() {
        if (!closing) {
            closing = true;
            if (!uring) {
                waiting = false;
            } else if (waiting && registration != null) {
                registration.submit(UringOps.cancel(wait));
            }
        }
    }

    boolean isClosing() {
        return closing;
    }

    boolean isOver() {
        return closing && !waiting;
    }

    /** Nothing more is reported. */
    void end() {
        if (registration != null) {
            registration.cancel();
        }
    }
}
