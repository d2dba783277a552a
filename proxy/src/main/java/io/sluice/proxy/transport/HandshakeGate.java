package io.sluice.proxy.transport;

import io.netty.channel.Channel;
import java.util.ArrayDeque;

/**
 * Bounds the handshakes that are under way on one listening socket. When there are too many it accepts nobody until one
 * has ended, and those who come meanwhile wait in the kernel's backlog. Some will have been accepted all the same, since
 * io_uring accepts ahead: these wait here. Event-loop only.
 */
final class HandshakeGate {

    /** Accepted connections that wait for their handshake; further ones are closed. */
    static final int MOST_WAITING = 1024;

    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>(0);
    private int most;
    private int underWay;
    private boolean shut;

    /**
     * Begins a handshake, now or when there is room.
     *
     * @param mostNow that may be under way from now on
     * @param handshake ends with {@link #leave}
     * @return false if there are too many for it even to wait
     */
    boolean enter(Channel listener, int mostNow, Runnable handshake) {
        most = mostNow;
        if (underWay >= most) {
            return waiting.size() < MOST_WAITING && waiting.add(handshake);
        }
        begin(listener, handshake);
        return true;
    }

    private void begin(Channel listener, Runnable handshake) {
        underWay++;
        if (underWay >= most && !shut) {
            shut = true;
            listener.config().setAutoRead(false);
        }
        handshake.run();
    }

    void leave(Channel listener) {
        underWay--;
        while (underWay < most && !waiting.isEmpty()) {
            begin(listener, waiting.remove());
        }
        if (underWay < most && shut) {
            shut = false;
            listener.config().setAutoRead(true);
        }
    }
}
