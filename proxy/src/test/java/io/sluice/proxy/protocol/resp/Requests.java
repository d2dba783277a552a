package io.sluice.proxy.protocol.resp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.testing.RespFrames;

/** Requests as the decoder finds them. */
final class Requests {

    private Requests() {}

    static Request of(String... arguments) {
        RespRequestDecoder decoder =
                new RespRequestDecoder(RedisCommands.TABLE, new RespLimits(64 << 20, 1 << 20, 4096));
        try {
            assertThat(decoder.decode(Unpooled.wrappedBuffer(RespFrames.bytes(RespFrames.request(arguments)))))
                    .isTrue();
        } catch (ProtocolException e) {
            throw new AssertionError(e);
        }
        return decoder.request();
    }
}
