package io.sluice.proxy.backend;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.protocol.ReplySink;
import org.junit.jupiter.api.Test;

/** What goes wrong with one requester must not reach the loop that hands replies to all the others. */
class DeliveryTest {

    /** As a client does whose buffers cannot grow any more. */
    private static final ReplySink OUT_OF_MEMORY = new ReplySink() {
        @Override
        public void onReply(ByteBuf source, int offset, int length, boolean last) {
            throw new OutOfMemoryError("direct");
        }

        @Override
        public void onBroken(String detail) {
            throw new IllegalStateException("broken twice");
        }
    };

    @Test
    void aReplyThatCannotBeTakenStaysWithItsRequester() {
        ByteBuf reply = Unpooled.wrappedBuffer(new byte[] {'+', 'O', 'K', '\r', '\n'});

        assertThatCode(() -> Delivery.deliver(OUT_OF_MEMORY, reply)).doesNotThrowAnyException();
        assertThatCode(() -> Delivery.deliver(OUT_OF_MEMORY, reply, 0, 2, false))
                .doesNotThrowAnyException();
    }

    @Test
    void aBreakThatCannotBeToldOfStaysWithItsRequester() {
        assertThatCode(() -> Delivery.breakOff(OUT_OF_MEMORY, "server=a")).doesNotThrowAnyException();
    }
}
