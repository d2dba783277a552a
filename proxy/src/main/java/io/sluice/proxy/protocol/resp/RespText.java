package io.sluice.proxy.protocol.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** The few replies we say ourselves. Each call gives a new heap buffer, unless it says otherwise. */
final class RespText {

    /** Headers of arrays up to this length are made once. */
    private static final int USUAL_ELEMENTS = 128;

    private static final byte[][] ARRAY_HEADERS = new byte[USUAL_ELEMENTS][];
    private static final ByteBuf[] ARRAY_HEADER_BUFFERS = new ByteBuf[USUAL_ELEMENTS];

    static {
        for (int i = 0; i < USUAL_ELEMENTS; i++) {
            ARRAY_HEADERS[i] = newArrayHeader(i);
            ARRAY_HEADER_BUFFERS[i] = Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(ARRAY_HEADERS[i]));
        }
    }

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

    /** {@code *12\r\n}; shared, to be read only. */
    static byte[] arrayHeader(int elements) {
        return elements < USUAL_ELEMENTS ? ARRAY_HEADERS[elements] : newArrayHeader(elements);
    }

    /** {@code *12\r\n}; shared by all threads, whose indexes nobody moves. */
    static ByteBuf arrayHeaderBuffer(int elements) {
        return elements < USUAL_ELEMENTS
                ? ARRAY_HEADER_BUFFERS[elements]
                : Unpooled.wrappedBuffer(newArrayHeader(elements));
    }

    private static byte[] newArrayHeader(int elements) {
        return ("*" + elements + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Text that already is RESP; one char stands for one byte. */
    static ByteBuf ascii(String resp) {
        return Unpooled.wrappedBuffer(resp.getBytes(StandardCharsets.ISO_8859_1));
    }
}
