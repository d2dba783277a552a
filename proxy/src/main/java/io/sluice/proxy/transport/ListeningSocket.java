package io.sluice.proxy.transport;

import io.netty.channel.Channel;

/** A socket that accepts clients. May be used from any thread. */
public final class ListeningSocket {

    private final Channel channel;

    ListeningSocket(Channel channel) {
        this.channel = channel;
    }

    /** Stops accepting; returns when the socket is closed. Connections accepted before live on. */
    public void close() {
        channel.close().syncUninterruptibly();
    }

    /** Where it listens, with the port that was really taken. */
    public String address() {
        return String.valueOf(channel.localAddress());
    }
}
