package io.sluice.proxy.transport;

import io.netty.channel.Channel;

/** A socket that accepts clients. May be used from any thread. */
public final class ListeningSocket {

    private final String address;
    private final Runnable close;
    private final int descriptor;

    private ListeningSocket(String address, Runnable close, int descriptor) {
        this.address = address;
        this.close = close;
        this.descriptor = descriptor;
    }

    static ListeningSocket of(Channel channel) {
        return new ListeningSocket(
                String.valueOf(channel.localAddress()), () -> channel.close().syncUninterruptibly(), -1);
    }

    static ListeningSocket of(BareListener listener) {
        return new ListeningSocket(
                listener.name(), listener::stop, listener.fd().intValue());
    }

    /** Stops accepting; returns when the socket is closed. Connections accepted before live on. */
    public void close() {
        close.run();
    }

    /** The number of its descriptor; -1 if that is not told. */
    public int descriptor() {
        return descriptor;
    }

    /** Where it listens, with the port that was really taken. */
    public String address() {
        return address;
    }
}
