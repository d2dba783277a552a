package io.sluice.routing.hash;

/**
 * Fowler, Noll and Vo's hashes, as twemproxy has them (hashkit/nc_fnv.c): bytes are signed, so 0x80 and more turn all
 * higher bits over. Of the 64-bit ones only the low half is used; both steps keep it independent of the high half, so
 * 32-bit arithmetic with the low halves of their constants gives the same.
 */
final class Fnv {

    private static final int BASIS_32 = 0x811c9dc5;
    private static final int PRIME_32 = 0x01000193;
    private static final int LOW_BASIS_64 = 0x84222325;
    private static final int LOW_PRIME_64 = 0x000001b3;

    private Fnv() {}

    static int fnv1(byte[] key, int offset, int length) {
        return multiplyThenMix(BASIS_32, PRIME_32, key, offset, length);
    }

    static int fnv1a(byte[] key, int offset, int length) {
        return mixThenMultiply(BASIS_32, PRIME_32, key, offset, length);
    }

    static int fnv1Low64(byte[] key, int offset, int length) {
        return multiplyThenMix(LOW_BASIS_64, LOW_PRIME_64, key, offset, length);
    }

    static int fnv1aLow64(byte[] key, int offset, int length) {
        return mixThenMultiply(LOW_BASIS_64, LOW_PRIME_64, key, offset, length);
    }

    private static int multiplyThenMix(int basis, int prime, byte[] key, int offset, int length) {
        int hash = basis;
        for (int i = offset; i < offset + length; i++) {
            hash = (hash * prime) ^ key[i];
        }
        return hash;
    }

    private static int mixThenMultiply(int basis, int prime, byte[] key, int offset, int length) {
        int hash = basis;
        for (int i = offset; i < offset + length; i++) {
            hash = (hash ^ key[i]) * prime;
        }
        return hash;
    }
}
