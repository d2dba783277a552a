package io.sluice.proxy.transport;

import io.netty.channel.Channel;

/**
 * Bounds the handshakes that are under way on one listening socket: when there are too many, it accepts nobody until
 * one has ended, and those who come meanwhile wait in the kernel's backlog. A few more than the bound may be let in,
 * since a socket is asked for several clients at once. Event-loop only.
 */
final class HandshakeGate {

    private int most;
    private int underWay;
    private boolean shut;

    /** @param mostNow that may be under way from now on */
    void enter(Channel listener, int mostNow) {
        most = mostNow;
        underWay++;
        if (underWay >= most && !shut) {
            shut = true;
            listener.config().setAutoRead(false);
        }
    }

    void leave(Channel listener) {
        underWay--;
        if (underWay < most && shut) {
            shut = false;
            listener.config().setAutoRead(true);
        }
    }

    int underWay() {
        return underWay;
    }
}
