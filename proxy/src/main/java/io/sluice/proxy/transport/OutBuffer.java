package io.sluice.proxy.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Bytes waiting to be sent to one peer: one contiguous buffer, so that many small messages leave by one system call.
 *
 * <pre>
 *   append ─▶ [ chunk ][ chunk ][ current .... room ]
 *             └── take hands them over, oldest first
 * </pre>
 *
 * A full chunk is set aside instead of being grown, since growing copies. The totals rise, so whoever appends a
 * message knows by {@link #appended()} and {@link #taken()} whether any byte of it has left. Event-loop only.
 */
public final class OutBuffer {

    /** Size at which a chunk is set aside and the next one begun. */
    static final int CHUNK_BYTES = 64 << 10;

    private static final int FIRST_CHUNK_BYTES = 1 << 10;

    private final ByteBufAllocator allocator;
    private final ArrayDeque<ByteBuf> fullChunks = new ArrayDeque<>(0);
    private @Nullable ByteBuf current;
    private long appended;
    private long taken;

    public OutBuffer(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /** Copies {@code length} bytes; borrows {@code source} and leaves its indexes alone. */
    public void append(ByteBuf source, int offset, int length) {
        room(length).writeBytes(source, offset, length);
        appended += length;
    }

    public void append(byte[] source) {
        append(source, 0, source.length);
    }

    public void append(byte[] source, int offset, int length) {
        room(length).writeBytes(source, offset, length);
        appended += length;
    }

    /** Appends ASCII text. */
    public void append(String ascii) {
        appended += ByteBufUtil.writeAscii(room(ascii.length()), ascii);
    }

    public void append(byte single) {
        room(1).writeByte(single);
        appended++;
    }

    private ByteBuf room(int length) {
        ByteBuf buffer = current;
        if (buffer != null && buffer.readableBytes() + length > CHUNK_BYTES && buffer.isReadable()) {
            fullChunks.add(buffer);
            buffer = null;
        }
        if (buffer == null) {
            buffer = allocator.directBuffer(Math.max(FIRST_CHUNK_BYTES, length));
            current = buffer;
        }
        return buffer;
    }

    /**
     * Takes the newest bytes back, so that others can follow what is before them.
     *
     * @param more how many others
     * @return false, and nothing is done, if they are not here any more, or the others would come into another chunk
     */
    public boolean takeBack(int newest, int more) {
        ByteBuf buffer = current;
        if (buffer == null || buffer.readableBytes() < newest || buffer.readableBytes() + more > CHUNK_BYTES) {
            return false;
        }
        buffer.writerIndex(buffer.writerIndex() - newest);
        appended -= newest;
        return true;
    }

    /** Bytes appended since the beginning. */
    public long appended() {
        return appended;
    }

    /** Bytes handed over by {@link #take()} since the beginning. */
    public long taken() {
        return taken;
    }

    /** Bytes waiting here. */
    public long waiting() {
        return appended - taken;
    }

    public boolean isEmpty() {
        return appended == taken;
    }

    /** Hands over the oldest chunk, whose reference then is the caller's; null when nothing waits. */
    @Nullable ByteBuf take() {
        ByteBuf chunk = fullChunks.poll();
        if (chunk == null) {
            chunk = current;
            current = null;
        }
        if (chunk != null) {
            taken += chunk.readableBytes();
        }
        return chunk;
    }

    /**
     * Copies the newest {@code length} bytes: {@code first} of them to {@code offset}, the rest to the beginning of
     * {@code into}. Returns false, having copied nothing, if they do not lie in one piece any more.
     */
    public boolean copyNewest(int length, byte[] into, int offset, int first) {
        ByteBuf buffer = current;
        if (buffer == null || buffer.readableBytes() < length) {
            return false;
        }
        int from = buffer.writerIndex() - length;
        buffer.getBytes(from, into, offset, first);
        buffer.getBytes(from + first, into, 0, length - first);
        return true;
    }

    /** Puts back, before all that waits, the bytes that were taken last. */
    public void putBack(byte[] bytes) {
        ByteBuf chunk = allocator.directBuffer(bytes.length).writeBytes(bytes);
        fullChunks.addFirst(chunk);
        taken -= bytes.length;
    }

    /** Drops what waits, as if it had been taken. */
    public void clear() {
        ByteBuf chunk;
        while ((chunk = take()) != null) {
            chunk.release();
        }
    }
}
