package io.sluice.proxy.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.testing.RespFrames;
import io.sluice.proxy.transport.Connection;
import io.sluice.proxy.transport.ConnectionHandler;
import io.sluice.proxy.transport.OutBuffer;
import io.sluice.proxy.transport.OutBytes;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A client's end of a connection: keeps what the handler does not consume, as the real one does. */
final class FakeConnection implements Connection {

    private final OutBuffer out;
    private final ConnectionHandler handler;
    private @Nullable InetAddress source = InetAddress.getLoopbackAddress();
    private String kept = "";
    private boolean reading = true;
    private boolean resumed;
    private boolean closing;
    private boolean closed;
    private @Nullable InetSocketAddress announced;
    private int unreadBytes;

    FakeConnection(OutBuffer out, ConnectionHandler handler) {
        this.out = out;
        this.handler = handler;
        handler.onOpen(this);
    }

    // ---- the client's side

    /** Sends bytes, which are in another buffer each time. */
    void receive(String text) {
        ByteBuf in =
                Unpooled.wrappedBuffer(RespFrames.bytes("??" + kept + text)).skipBytes(2);
        handler.onData(in);
        kept = kept.concat(text).substring(kept.length() + text.length() - in.readableBytes());
        endTurn();
    }

    void endInput() {
        handler.onInputClosed();
        endTurn();
    }

    /** What comes at the end of an event-loop turn: bytes kept are offered to a handler that reads again. */
    void endTurn() {
        while (resumed) {
            resumed = false;
            receive("");
        }
    }

    /** Everything that waits for the client. */
    String takeAll() {
        String taken = OutBytes.takeAll(out);
        handler.onSent();
        endTurn();
        return taken;
    }

    void hangUp() {
        closed = true;
        handler.onClosed();
    }

    String kept() {
        return kept;
    }

    boolean isReading() {
        return reading;
    }

    boolean isClosing() {
        return closing;
    }

    boolean isClosed() {
        return closed;
    }

    // ---- the proxy's side

    @Override
    public void flushThisTurn() {}

    @Override
    public void sendAhead(ByteBuf first) {
        throw new AssertionError("Nothing is said to a client before it asks");
    }

    @Override
    public long unsentBytes() {
        return out.waiting();
    }

    @Override
    public void setReading(boolean read) {
        resumed |= read && !reading;
        reading = read;
    }

    @Override
    public void closeAfterFlush() {
        closing = true;
        reading = false;
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public String peer() {
        return "fake";
    }

    @Override
    public int stopReading(Runnable whenStopped) {
        setReading(false);
        whenStopped.run();
        return 99;
    }

    @Override
    public byte[] unread() {
        return new byte[0];
    }

    @Override
    public int unreadBytes() {
        return unreadBytes;
    }

    void unreadBytes(int bytes) {
        unreadBytes = bytes;
    }

    @Override
    public @Nullable InetAddress source() {
        return source;
    }

    @Override
    public void announce(InetSocketAddress client) {
        source = client.getAddress();
        announced = client;
    }

    @Override
    public @Nullable InetSocketAddress announced() {
        return announced;
    }
}
