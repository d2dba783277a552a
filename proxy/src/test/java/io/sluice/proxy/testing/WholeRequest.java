package io.sluice.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.RequestDecoder;
import java.util.Objects;

/** A request of a known command, as a session has it. */
public record WholeRequest(Command command, Request request) {

    /** One char for each byte. */
    public static WholeRequest of(Protocol protocol, String input) {
        RequestDecoder decoder = protocol.newRequestDecoder();
        try {
            assertThat(decoder.decode(Unpooled.wrappedBuffer(RespFrames.bytes(input))))
                    .isTrue();
        } catch (ProtocolException e) {
            throw new AssertionError(e);
        }
        return new WholeRequest(Objects.requireNonNull(decoder.request().command()), decoder.request());
    }
}
