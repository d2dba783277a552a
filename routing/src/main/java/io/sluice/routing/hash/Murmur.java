package io.sluice.routing.hash;

/** Austin Appleby's MurmurHash2, seeded with the length as twemproxy does (hashkit/nc_murmur.c). */
final class Murmur {

    private static final int SEED = 0xdeadbeef;
    private static final int MULTIPLIER = 0x5bd1e995;
    private static final int SHIFT = 24;

    private Murmur() {}

    static int hash(byte[] key, int offset, int length) {
        int hash = (SEED * length) ^ length;
        int tail = offset + (length & ~3);
        for (int i = offset; i < tail; i += 4) {
            int word = LittleEndian.intAt(key, i) * MULTIPLIER;
            hash = (hash * MULTIPLIER) ^ ((word ^ (word >>> SHIFT)) * MULTIPLIER);
        }
        if ((length & 3) != 0) {
            hash = (hash ^ LittleEndian.tailAt(key, tail, length & 3)) * MULTIPLIER;
        }
        hash = (hash ^ (hash >>> 13)) * MULTIPLIER;
        return hash ^ (hash >>> 15);
    }
}
