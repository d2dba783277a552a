package io.sluice.routing.hash;

import java.nio.charset.StandardCharsets;

/**
 * Which part of a key is hashed: what lies between the first {@code open} and the first {@code close} after it, if both
 * are there and something lies between; else the whole key. The two may be the same character.
 *
 * <p>A part of a key is handed out as a <em>span</em>, its offset and length packed into one long, so that finding it
 * allocates nothing.
 */
public record HashTag(byte open, byte close) {

    /** The tag of codis and of Redis Cluster: <code>{}</code>. */
    public static final HashTag BRACES = new HashTag((byte) '{', (byte) '}');

    /** Throws {@code IllegalArgumentException} unless the text has exactly two bytes. */
    public static HashTag of(String twoCharacters) {
        byte[] bytes = twoCharacters.getBytes(StandardCharsets.UTF_8);
        if (bytes.length != 2) {
            throw new IllegalArgumentException("A hash tag has exactly two characters, found '" + twoCharacters + "'");
        }
        return new HashTag(bytes[0], bytes[1]);
    }

    /** The part to hash; an empty tag does not count, the whole key is hashed then. */
    public long span(byte[] key, int offset, int length) {
        return span(key, offset, length, 1);
    }

    /** The part to hash; an empty tag counts, as codis has it: nothing is hashed then. */
    public long spanMaybeEmpty(byte[] key, int offset, int length) {
        return span(key, offset, length, 0);
    }

    private long span(byte[] key, int offset, int length, int shortest) {
        int end = offset + length;
        int start = after(open, key, offset, end);
        int stop = after(close, key, start, end) - 1;
        return start < 0 || stop - start < shortest ? wholeKey(offset, length) : pack(start, stop - start);
    }

    /** The index after the first occurrence of the byte, or -1. */
    private static int after(byte wanted, byte[] key, int from, int end) {
        for (int i = from; i >= 0 && i < end; i++) {
            if (key[i] == wanted) {
                return i + 1;
            }
        }
        return -1;
    }

    /** The span that is the whole key. */
    public static long wholeKey(int offset, int length) {
        return pack(offset, length);
    }

    private static long pack(int offset, int length) {
        return ((long) offset << Integer.SIZE) | length;
    }

    public static int offset(long span) {
        return (int) (span >>> Integer.SIZE);
    }

    public static int length(long span) {
        return (int) span;
    }

    /** The two characters, as the file writes them. */
    @Override
    public String toString() {
        return new String(new byte[] {open, close}, StandardCharsets.UTF_8);
    }
}
