package io.sluice.proxy.protocol;

import io.netty.buffer.ByteBuf;

/**
 * Finds requests in a client's bytes. Resumable at every byte: it remembers how far it came as offsets from the
 * buffer's reader index, so the unread bytes may move to another buffer between calls. Event-loop only.
 */
public interface RequestDecoder {

    /**
     * Looks for one request at the reader index. On success {@link #request()} stands on it, and the caller skips
     * {@link #consumed()} bytes when done with it. Without success the bytes stay unread, but for what carries no
     * request and is skipped.
     *
     * @return whether a request is complete
     */
    boolean decode(ByteBuf in) throws ProtocolException;

    Request request();

    /** Bytes the request took from the client. */
    int consumed();

    /** After {@code decode} returned false: bytes without which it cannot go on; 0 if not known. */
    int missing();

    /** Whether it has begun a request and must be kept with this client's bytes. */
    boolean midRequest();

    /** Forgets everything; releases what it holds. */
    void reset();
}
