package io.sluice.proxy.backend;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.ReplyDecoder;
import io.sluice.proxy.protocol.ReplySink;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands replies to those who wait for them. Whatever goes wrong with one of them stays with it: the replies of the
 * others must go on to find theirs.
 */
final class Delivery {

    private static final Logger log = LoggerFactory.getLogger(Delivery.class);

    private Delivery() {}

    /**
     * Who awaits the reply that the decoder has found, or is about to; null if nobody does any more. A server that says what
     * its request cannot bring is refused: it is out of step, or not what it should be.
     *
     * @param teller the decoder, if it tells replies that no client can ask for; else null, which spares the question
     */
    static @Nullable ReplySink recipient(InFlight inFlight, @Nullable ReplyDecoder teller) throws ProtocolException {
        if (inFlight.isEmpty()) {
            throw new ProtocolException("a reply that nobody asked for");
        }
        ReplySink sink = inFlight.sink(0);
        if (teller != null && teller.isForProxy() && sink != null && !sink.isOfProxy()) {
            throw new ProtocolException("a reply to another question than was asked");
        }
        return sink;
    }

    /** Borrows {@code source}. */
    static void deliver(ReplySink sink, ByteBuf source, int offset, int length, boolean last) {
        try {
            sink.onReply(source, offset, length, last);
        } catch (Throwable e) {
            log.error("A reply could not be delivered", e);
        }
    }

    /** Delivers the reply, or the rest of it, that the decoder has found. Borrows {@code source}. */
    static void deliver(ReplySink sink, ReplyDecoder decoder, ByteBuf source, int offset, int length) {
        try {
            decoder.passOn(sink, source, offset, length);
        } catch (Throwable e) {
            log.error("A reply could not be delivered", e);
        }
    }

    /** Delivers all of {@code reply}. */
    static void deliver(ReplySink sink, ByteBuf reply) {
        deliver(sink, reply, reply.readerIndex(), reply.readableBytes(), true);
    }

    /** The rest of what was delivered in part will never come. */
    static void breakOff(ReplySink sink, String detail) {
        try {
            sink.onBroken(detail);
        } catch (Throwable e) {
            log.error("A broken reply could not be told of", e);
        }
    }
}
