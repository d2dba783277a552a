package io.sluice.proxy.protocol.memcache;

import io.netty.buffer.ByteBuf;

/** Looks for the end of a word, eight bytes at a time. */
final class TextScan {

    private static final long EACH_BYTE = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long FIRST_PRINTABLE = ('!' & 0xFFL) * EACH_BYTE;

    private TextScan() {}

    /**
     * The index of the first space or control character from {@code index} on, or {@code end}.
     *
     * <p>A byte that is smaller than the one subtracted borrows, which sets its high bit; a byte whose high bit was set
     * before does not count. Only bytes behind the first hit may be hits by mistake.
     */
    static int endOfPrintable(ByteBuf in, int index, int end) {
        int at = index;
        for (; end - at >= Long.BYTES; at += Long.BYTES) {
            long word = in.getLongLE(at);
            long hits = (word - FIRST_PRINTABLE) & ~word & HIGH_BITS;
            if (hits != 0) {
                return at + (Long.numberOfTrailingZeros(hits) >>> 3);
            }
        }
        while (at < end && (in.getByte(at) & 0xFF) > ' ') {
            at++;
        }
        return at;
    }
}
