package io.sluice.proxy.transport;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One byte stream to a peer. Event-loop only.
 *
 * <p>This is the seam behind which a transport hides: nothing outside this package knows Netty's channels, so another
 * way to drive a socket can take their place.
 */
public interface Connection {

    /** Asks for what the out buffer holds to be sent at the end of this event-loop turn, together with all else it gets. */
    void flushThisTurn();

    /** Sends {@code first} now, ahead of what the out buffer holds. Takes over the buffer. */
    void sendAhead(ByteBuf first);

    /** Bytes accepted for the peer that the socket has not taken yet, the out buffer's included. */
    long unsentBytes();

    /**
     * Stops or resumes reading from the peer. Resuming first offers the bytes kept so far, even if there are none, to
     * the handler again, at the end of this event-loop turn.
     */
    void setReading(boolean reading);

    /** Closes once everything in the out buffer has been taken by the socket. Nothing more is read. */
    void closeAfterFlush();

    /** Closes now. What the socket has not taken is dropped; an out buffer shared with the owner stays as it is. */
    void close();

    /**
     * Stops reading for good, so that another process can go on with the socket: what has not been read stays in it.
     *
     * @param whenStopped run once {@link #unread()} does not change any more, perhaps before this returns
     * @return the number of the socket's descriptor; -1 if it cannot be given away, and then nothing is done
     */
    int stopReading(Runnable whenStopped);

    /** A copy of the bytes that have been read and belong to no complete request. */
    byte[] unread();

    /** How many these are. */
    int unreadBytes();

    /** Who is at the other end, for logs. */
    String peer();

    /** The IP address at the other end, or the announced one; null behind a unix socket. Asks the kernel. */
    @Nullable InetAddress source();

    /** From now on {@link #peer} and {@link #source} name this client, for whom the peer has connected. */
    void announce(InetSocketAddress client);

    /** Who was announced; null if nobody was. */
    @Nullable InetSocketAddress announced();
}
