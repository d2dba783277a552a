package io.sluice.proxy.transport;

import io.netty.buffer.ByteBuf;

/** What a {@link Connection} tells its owner. All methods are called on the event loop. */
public interface ConnectionHandler {

    /** The stream can be used from now on. Called once, before any other method. */
    void onOpen(Connection connection);

    /**
     * Bytes have arrived. Borrows {@code in}; what is left unread is kept and offered again, together with what comes
     * next.
     *
     * @return how many further bytes it takes at least to make progress; 0 when nothing was left or nothing is known
     */
    int onData(ByteBuf in);

    /** The peer sends no more; it may still read. */
    void onInputClosed();

    /** The socket has taken some or all of what was handed to it; {@link Connection#unsentBytes} says how much is left. */
    void onSent();

    /** The stream is gone. Called once, last; never before {@link #onOpen}. */
    void onClosed();
}
