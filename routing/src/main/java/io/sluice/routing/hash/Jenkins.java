package io.sluice.routing.hash;

/** Bob Jenkins' hashes, as twemproxy has them (hashkit/nc_one_at_a_time.c, hashkit/nc_jenkins.c). */
final class Jenkins {

    private static final int LOOKUP3_START = 0xdeadbeef;
    private static final int LOOKUP3_INITIAL = 13;

    private Jenkins() {}

    /** One at a time, from 0; bytes are signed. */
    static int oneAtATime(byte[] key, int offset, int length) {
        int hash = 0;
        for (int i = offset; i < offset + length; i++) {
            hash += key[i];
            hash += hash << 10;
            hash ^= hash >>> 6;
        }
        hash += hash << 3;
        hash ^= hash >>> 11;
        return hash + (hash << 15);
    }

    /** {@code hashlittle} of lookup3, with 13 as its initial value; bytes are unsigned. */
    static int lookup3(byte[] key, int offset, int length) {
        int a = LOOKUP3_START + length + LOOKUP3_INITIAL;
        int b = a;
        int c = a;
        int i = offset;
        int left = length;
        for (; left > 12; left -= 12, i += 12) {
            a += LittleEndian.intAt(key, i);
            b += LittleEndian.intAt(key, i + 4);
            c += LittleEndian.intAt(key, i + 8);
            a = (a - c) ^ Integer.rotateLeft(c, 4);
            c += b;
            b = (b - a) ^ Integer.rotateLeft(a, 6);
            a += c;
            c = (c - b) ^ Integer.rotateLeft(b, 8);
            b += a;
            a = (a - c) ^ Integer.rotateLeft(c, 16);
            c += b;
            b = (b - a) ^ Integer.rotateLeft(a, 19);
            a += c;
            c = (c - b) ^ Integer.rotateLeft(b, 4);
            b += a;
        }
        if (left == 0) {
            return c; // only an empty key ends here: the loop keeps the last 1 to 12 bytes
        }
        a += tailWord(key, i, left);
        b += tailWord(key, i + 4, left - 4);
        c += tailWord(key, i + 8, left - 8);
        return finish(a, b, c);
    }

    private static int tailWord(byte[] key, int index, int left) {
        return LittleEndian.tailAt(key, index, Math.min(left, 4));
    }

    private static int finish(int firstWord, int secondWord, int thirdWord) {
        int a = firstWord;
        int b = secondWord;
        int c = thirdWord;
        c = (c ^ b) - Integer.rotateLeft(b, 14);
        a = (a ^ c) - Integer.rotateLeft(c, 11);
        b = (b ^ a) - Integer.rotateLeft(a, 25);
        c = (c ^ b) - Integer.rotateLeft(b, 16);
        a = (a ^ c) - Integer.rotateLeft(c, 4);
        b = (b ^ a) - Integer.rotateLeft(a, 14);
        return (c ^ b) - Integer.rotateLeft(b, 24);
    }
}
