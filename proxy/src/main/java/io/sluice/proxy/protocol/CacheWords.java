package io.sluice.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.transport.OutBuffer;
import java.nio.ByteBuffer;

/**
 * What a protocol says to the servers of a cache while keys go from one of them to another. One object per pool, for all
 * threads. Buffers it gives are for one use of the caller's, to be read only.
 */
public interface CacheWords {

    /** How long a claim lasts that nobody fills, in seconds. */
    int CLAIM_SECONDS = 3;

    CacheUse use(Command command);

    /** The request for one of its keys alone, as a server is to get it. */
    byte[] single(Request request, int keyArgument);

    // ---- reading

    /**
     * Appends the question for {@link #cached}.
     *
     * @param claim whether to claim the place if nothing is there
     */
    void appendLook(byte[] key, boolean claim, OutBuffer out);

    /** What the reply, or the first piece of it, says. */
    CachedValue cached(ByteBuf reply, int offset, int length);

    /** What a client gets before the bytes of a value. */
    byte[] beforeValue(byte[] key, CachedValue value);

    /** What it gets behind them and the line end that stands behind them in the reply to a look. */
    byte[] behindValue();

    /** Appends the question that every server knows; its reply is a client's. */
    void appendPlainLook(byte[] key, OutBuffer out);

    /** Whether the reply to that says that there is nothing. */
    boolean isNothing(ByteBuf reply, int offset, int length);

    // ---- writing

    /** Appends a removal of whatever is there. */
    void appendRemoval(byte[] key, OutBuffer out);

    /** Appends a removal of this version only. */
    void appendRemoval(byte[] key, long version, OutBuffer out);

    /** Appends a value, borrowed, for a place that has been claimed with this version. */
    void appendFill(byte[] key, CachedValue value, ByteBuffer bytes, long version, OutBuffer out);

    /** Appends what an {@link CacheUse#ADD} brings, in the place of the claim with this version. */
    void appendOver(byte[] add, long version, OutBuffer out);

    /**
     * Appends what a {@link CacheUse#CHANGE} does with a value that has been found, for as long as that has its version.
     *
     * @param request the client's
     * @param bytes the value's, borrowed; nothing if the command {@linkplain #needsValue needs none}
     */
    void appendChange(Command command, byte[] request, byte[] key, CachedValue found, ByteBuffer bytes, OutBuffer out);

    /** What the reply to any of these says. */
    CacheOutcome outcome(ByteBuf reply, int offset, int length);

    /** The version of what is there now, as the reply to a fill or a change that was carried out tells it; 0 if it does not. */
    long version(ByteBuf reply, int offset, int length);

    /** Whether a {@link CacheUse#CHANGE} or {@link CacheUse#READ_VERSION} takes the bytes of the value that is there. */
    boolean needsValue(Command command);

    /** Whether the reply to a {@link CacheUse#CHECKED_CHANGE} is that of a server which has a claim there, or no such value. */
    boolean isRefusedChange(ByteBuf reply, int offset, int length);

    /** Whether the reply to an {@link CacheUse#ADD} says that something was there. */
    boolean isRefusedAdd(ByteBuf reply, int offset, int length);

    // ---- replies of ours

    /** The reply to a request that finds nothing there. */
    ByteBuf absent(Command command);

    /**
     * The reply to a {@link CacheUse#CHANGE} that was carried out, or to a {@link CacheUse#READ_VERSION}.
     *
     * @param value what it was done with, as it is now
     * @param bytes the value's, borrowed; as for {@link #appendChange}
     */
    ByteBuf done(Command command, byte[] key, CachedValue value, ByteBuffer bytes);

    /** The reply to a request that stored something. */
    ByteBuf stored();

    /** The reply to a request that removed something. */
    ByteBuf removed();
}
