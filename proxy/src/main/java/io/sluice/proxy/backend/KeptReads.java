package io.sluice.proxy.backend;

import io.sluice.proxy.transport.OutBuffer;

/**
 * The bytes of reads in flight on one connection, in order, so that they can be sent once more. What finds no room is
 * not kept. Event-loop only.
 */
final class KeptReads {

    /** All that is kept for one connection. */
    static final int CAPACITY_BYTES = 64 << 10;

    /** Larger reads are not kept. */
    static final int MOST_BYTES_EACH = 4 << 10;

    private final byte[] ring = new byte[CAPACITY_BYTES];
    private long begin;
    private long end;

    /** Keeps the newest {@code length} bytes of the out buffer; returns how many are kept: all or 0. */
    int keep(OutBuffer out, long length) {
        if (length > MOST_BYTES_EACH || end - begin + length > CAPACITY_BYTES) {
            return 0;
        }
        int bytes = (int) length;
        int at = index(end);
        int first = Math.min(bytes, CAPACITY_BYTES - at);
        if (!out.copyNewest(bytes, ring, at, first)) {
            return 0;
        }
        end += bytes;
        return bytes;
    }

    private static int index(long position) {
        return (int) (position & (CAPACITY_BYTES - 1));
    }

    /** The oldest are not needed any more. */
    void drop(int bytes) {
        begin += bytes;
    }

    /** The oldest, as they were; they stay. */
    byte[] oldest(int bytes) {
        byte[] copy = new byte[bytes];
        int at = index(begin);
        int first = Math.min(bytes, CAPACITY_BYTES - at);
        System.arraycopy(ring, at, copy, 0, first);
        System.arraycopy(ring, 0, copy, first, bytes - first);
        return copy;
    }
}
