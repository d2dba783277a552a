package io.sluice.proxy.protocol.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** The few replies we say ourselves. Each call gives a new heap buffer. */
final class RespText {

    private RespText() {}

    static ByteBuf simple(String text) {
        return ascii("+" + text + "\r\n");
    }

    static ByteBuf integer(long value) {
        return ascii(":" + value + "\r\n");
    }

    static ByteBuf bulk(String latin1) {
        return ascii("$" + latin1.length() + "\r\n" + latin1 + "\r\n");
    }

    static ByteBuf nil() {
        return ascii("$-1\r\n");
    }

    /** Text that already is RESP; one char stands for one byte. */
    static ByteBuf ascii(String resp) {
        return Unpooled.wrappedBuffer(resp.getBytes(StandardCharsets.ISO_8859_1));
    }
}
