package io.sluice.proxy.protocol;

import io.sluice.proxy.transport.OutBuffer;
import java.util.function.LongSupplier;

/**
 * Makes one request of several that go to a server one behind the other, and their replies of its one reply. Of one
 * server connection. Event-loop only.
 *
 * <p>Requests on a connection have numbers, which rise by one. A joined request lies in the out buffer whole, in one
 * chunk, at any time: it is sent, or lost, with all its parts or not at all.
 */
public interface RequestJoiner {

    /** Makes joiners. */
    interface Factory {
        /**
         * A joiner for a new connection.
         *
         * @param oldest the number of the oldest request that awaits its reply
         */
        RequestJoiner create(LongSupplier oldest);
    }

    /**
     * Appends a request, if possible as a part of the one that was appended last.
     *
     * @param number of this request
     * @return whether it is such a part
     */
    boolean append(Request request, long number, OutBuffer out);

    /** Finds the reply to each request, joined or not. */
    ReplyDecoder replies();

    /** Nothing is in flight any more. */
    void forget();
}
