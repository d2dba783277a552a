package io.sluice.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.transport.OutBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a protocol says in conversations that last longer than one request: transactions, waits, scripts. One object per
 * pool, for all threads. Buffers it gives are for one use of the caller's, to be read only.
 */
public interface SessionWords {

    // ---- transactions

    /** The request that begins a transaction at a server. */
    byte[] begin();

    /** The request that has it carried out. */
    byte[] commit();

    /** The request after which a server watches no keys for this connection. */
    byte[] unwatch();

    ByteBuf done();

    /** The reply to a request that is part of a transaction from now on. */
    ByteBuf queued();

    /** The reply to the end of a transaction without requests. */
    ByteBuf nothingCommitted();

    /** The reply to the end of a transaction that was not carried out since a watched key may have changed. */
    ByteBuf notCommitted();

    ByteBuf mistake(SessionMistake mistake);

    /**
     * Where in the reply to a transaction of one request that request's own reply begins; {@code offset} if the reply is
     * an error about the whole. Of a reply that comes in pieces, the first is here.
     */
    int onlyReply(ByteBuf reply, int offset);

    // ---- scripts

    /** Remembers the script whose text a request brings. */
    void rememberScript(Request request, int argument);

    /** The digest by which a request names its script, if the text of that is known; else null. */
    @Nullable String knownScript(Request request);

    /** The same request with the script's text in the place of its digest; null if that is not known. */
    @Nullable ByteBuf withScript(Request request);

    /** Whether an error reply says that the server does not know the script, and so has done nothing. */
    boolean lacksScript(ByteBuf reply, int offset, int length);

    void forgetScripts();

    // ---- waits

    /**
     * How long a server may wait for data before it replies, in milliseconds; 0 for ever, or where the server may read
     * the time but we cannot; negative if not at all.
     */
    long waitMillis(Request request);

    /** Appends a request that may wait, with another time to wait, in milliseconds; 0 for ever. */
    void appendWaiting(Request request, long millis, OutBuffer out);

    /** Whether a reply says that the time was over and nothing has come. */
    boolean isNothing(ByteBuf reply, int offset);

    /** The reply that says so. */
    byte[] nothing();

    /** The request for the number that a server has given to this connection. */
    byte[] askConnectionNumber();

    /** The number; -1 if the reply tells none. */
    long connectionNumber(ByteBuf reply, int offset, int length);

    /** The request that ends, as if its time were over, the wait of the connection with this number. */
    byte[] endWait(long connectionNumber);
}
