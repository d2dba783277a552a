package io.sluice.routing.hash;

/**
 * Paul Hsieh's SuperFastHash, as twemproxy has it (hashkit/nc_hsieh.c): it starts from 0 instead of the length, and of
 * three bytes at the end the third is signed.
 */
final class Hsieh {

    private Hsieh() {}

    static int hash(byte[] key, int offset, int length) {
        int hash = 0;
        int tail = offset + (length & ~3);
        for (int i = offset; i < tail; i += 4) {
            hash += LittleEndian.shortAt(key, i);
            hash = (hash << 16) ^ (LittleEndian.shortAt(key, i + 2) << 11) ^ hash;
            hash += hash >>> 11;
        }
        return avalanche(addTail(hash, key, tail, length & 3));
    }

    private static int addTail(int before, byte[] key, int tail, int length) {
        int hash = before;
        switch (length) {
            case 3 -> {
                hash += LittleEndian.shortAt(key, tail);
                hash ^= hash << 16;
                hash ^= key[tail + 2] << 18;
                hash += hash >>> 11;
            }
            case 2 -> {
                hash += LittleEndian.shortAt(key, tail);
                hash ^= hash << 11;
                hash += hash >>> 17;
            }
            case 1 -> {
                hash += key[tail] & 0xff;
                hash ^= hash << 10;
                hash += hash >>> 1;
            }
            default -> {} // a multiple of four has no tail
        }
        return hash;
    }

    private static int avalanche(int before) {
        int hash = before;
        hash ^= hash << 3;
        hash += hash >>> 5;
        hash ^= hash << 4;
        hash += hash >>> 17;
        hash ^= hash << 25;
        hash += hash >>> 6;
        return hash;
    }
}
