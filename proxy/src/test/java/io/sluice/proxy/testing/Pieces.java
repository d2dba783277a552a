package io.sluice.proxy.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Where to cut what arrives in pieces, and how a piece lies in its buffer. */
public final class Pieces {

    private static final int PADDING = 3;
    private static final int MOST_PADDING = 64;

    private Pieces() {}

    public static int[] everyByte(String input) {
        return IntStream.range(1, Math.max(1, input.length())).toArray();
    }

    /** Up to {@code most} cuts, rising; two may be at the same place. */
    public static int[] random(String input, int most, SplittableRandom random) {
        return random.ints(random.nextInt(most + 1), 0, input.length() + 1)
                .sorted()
                .toArray();
    }

    /** Some bytes stand in front of the reader index, more with each piece, so that no offset is right by chance. */
    static ByteBuf buffer(String latin1, int piece) {
        int padding = PADDING * (piece + 1) % MOST_PADDING;
        ByteBuf buffer = Unpooled.buffer(padding + latin1.length());
        buffer.writeZero(padding).skipBytes(padding);
        buffer.writeCharSequence(latin1, StandardCharsets.ISO_8859_1);
        return buffer;
    }
}
