package io.sluice.proxy.protocol.resp;

import io.sluice.proxy.testing.Pieces;
import io.sluice.proxy.testing.RequestDecoding;

/** What the request decoder makes of some bytes that arrive in pieces. */
final class Decoding {

    private Decoding() {}

    /** Decodes {@code input} cut before each of {@code cuts}, which rise. */
    static RequestDecoding of(RespLimits limits, String input, int... cuts) {
        return RequestDecoding.of(new RespRequestDecoder(RedisCommands.TABLE, limits), input, cuts);
    }

    static RequestDecoding byteByByte(RespLimits limits, String input) {
        return of(limits, input, Pieces.everyByte(input));
    }
}
