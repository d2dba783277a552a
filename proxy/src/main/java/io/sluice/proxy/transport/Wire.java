package io.sluice.proxy.transport;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A socket as its {@link StreamConnection} drives it, whichever way the kernel is spoken to. It reports by
 * {@link StreamConnection}'s {@code on...} methods, of which {@code onClosed} comes once and last. Event-loop only.
 */
interface Wire {

    boolean isReading();

    /** Whether input is wanted. At first it is. A read already under way may still report. */
    void setReading(boolean reading);

    /**
     * Stops reading for good. Bytes that the kernel has handed out already are still reported; those it has not stay in
     * the socket, for whoever has it next.
     *
     * @param whenStopped run once no read is under way any more, perhaps before this returns
     * @return the number of the socket's descriptor; -1 if this wire cannot tell, and then nothing is done
     */
    int stopReading(Runnable whenStopped);

    /**
     * Takes from {@code out} what it can send; called again only after {@link StreamConnection#onWritten()}, which may
     * come before this returns.
     */
    void write(OutBuffer out);

    /** Sends {@code first}, direct memory, with nothing else under way. Takes it over. Nothing is reported for it. */
    void writeAhead(ByteBuf first);

    /** Bytes taken that the socket does not have yet; what surrounds them in memory may be counted, too. */
    long unwritten();

    /** Tells the peer that no more will come. */
    void endOutput();

    void close();

    Future<?> schedule(Runnable task, int seconds);

    String peer();

    /** The peer's IP address; null if it has none, or not any more. */
    @Nullable InetAddress source();
}
