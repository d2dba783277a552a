package io.sluice.proxy.protocol;

import io.netty.buffer.ByteBuf;

/** Finds where a server's replies end. Resumable at every byte; of one connection. Event-loop only. */
public interface ReplyDecoder {

    /**
     * Scans on from where it stopped.
     *
     * @return whether the reply that begins at the reader index, or of which earlier pieces were taken, is complete
     *     with {@link #scanned()} bytes; these may be none, where one reply of the server is the reply to several
     */
    boolean decode(ByteBuf in) throws ProtocolException;

    /** Whether what was scanned of the current reply is the answer to a question that the proxy asks, and no client can. */
    default boolean isForProxy() {
        return false;
    }

    /** Bytes from the reader index on that surely belong to the current reply. */
    int scanned();

    /** The caller has consumed all scanned bytes of a reply that is not complete yet. */
    void pieceTaken();

    /** Passes on a complete reply, or the end of one, for which these scanned bytes stand. Borrows {@code in}. */
    default void passOn(ReplySink sink, ByteBuf in, int start, int length) {
        sink.onReply(in, start, length, true);
    }

    /** The caller has consumed a complete reply. */
    void next();

    /** Bytes without which it cannot go on; 0 if not known. */
    int missing();
}
