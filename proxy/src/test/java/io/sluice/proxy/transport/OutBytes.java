package io.sluice.proxy.transport;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Looks into an out buffer as its socket would. */
public final class OutBytes {

    private OutBytes() {}

    /** Takes everything that waits; one char stands for one byte. */
    public static String takeAll(OutBuffer out) {
        return String.join("", takeChunks(out));
    }

    /** The same, as a socket gets it. */
    public static List<String> takeChunks(OutBuffer out) {
        List<String> chunks = new ArrayList<>();
        ByteBuf chunk;
        while ((chunk = out.take()) != null) {
            chunks.add(chunk.toString(StandardCharsets.ISO_8859_1));
            chunk.release();
        }
        return chunks;
    }
}
