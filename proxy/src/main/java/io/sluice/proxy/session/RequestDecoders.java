package io.sluice.proxy.session;

import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.RequestDecoder;
import java.util.ArrayDeque;

/**
 * Request decoders of one event loop. All clients use the same one in turn; a client whose request is not complete
 * takes it away until the rest has come. Event-loop only.
 */
public final class RequestDecoders {

    private static final int MAX_IDLE = 64;

    private final Protocol protocol;
    private final ArrayDeque<RequestDecoder> idle = new ArrayDeque<>();

    public RequestDecoders(Protocol protocol) {
        this.protocol = protocol;
    }

    RequestDecoder take() {
        RequestDecoder decoder = idle.pollLast();
        return decoder != null ? decoder : protocol.newRequestDecoder();
    }

    void give(RequestDecoder decoder) {
        decoder.reset();
        if (idle.size() < MAX_IDLE) {
            idle.addLast(decoder);
        }
    }
}
