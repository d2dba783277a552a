package io.sluice.proxy.transport;

import io.netty.channel.Channel;

/** A socket that accepts clients. May be used from any thread. */
public final class ListeningSocket {

    private final String address;
    private final Runnable close;

    private ListeningSocket(String address, Runnable close) {
        this.address = address;
        this.close = close;
    }

    static ListeningSocket of(Channel channel) {
        return new ListeningSocket(
                String.valueOf(channel.localAddress()), () -> channel.close().syncUninterruptibly());
    }

    static ListeningSocket of(BareListener listener) {
        return new ListeningSocket(listener.name(), listener::stop);
    }

    /** Stops accepting; returns when the socket is closed. Connections accepted before live on. */
    public void close() {
        close.run();
    }

    /** Where it listens, with the port that was really taken. */
    public String address() {
        return address;
    }
}
