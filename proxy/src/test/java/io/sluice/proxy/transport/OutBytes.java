package io.sluice.proxy.transport;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Looks into an out buffer as its socket would. */
public final class OutBytes {

    private OutBytes() {}

    /** Takes everything that waits; one char stands for one byte. */
    public static String takeAll(OutBuffer out) {
        StringBuilder text = new StringBuilder();
        ByteBuf chunk;
        while ((chunk = out.take()) != null) {
            text.append(chunk.toString(StandardCharsets.ISO_8859_1));
            chunk.release();
        }
        return text.toString();
    }
}
