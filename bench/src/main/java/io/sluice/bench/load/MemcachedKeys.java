package io.sluice.bench.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The keys, requests and replies of a memcached load. All keys and all values are of one length, so a reply's length
 * follows from its request; a value begins with its key, so a wrong one is seen.
 *
 * <pre> get key:00000042\r\n  ->  VALUE key:00000042 0 100\r\nkey:00000042xxxx...\r\nEND\r\n </pre>
 */
final class MemcachedKeys {

    static final int KEY_BYTES = 12;

    private static final byte[] END = ascii("END\r\n");
    private static final byte[] VALUE = ascii("VALUE ");

    private final byte[][] keys;
    private final int valueBytes;
    private final byte[] afterKey; // " 0 100\r\n"
    private final int blockBytes;

    MemcachedKeys(Workload workload) {
        this.valueBytes = workload.valueBytes();
        this.keys = new byte[workload.keys()][];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = ascii("key:%08d".formatted(i));
        }
        this.afterKey = ascii(" 0 " + valueBytes + "\r\n");
        this.blockBytes = VALUE.length + KEY_BYTES + afterKey.length + valueBytes + 2;
    }

    int count() {
        return keys.length;
    }

    void writeSet(ByteBuffer out, int number) {
        out.put(ascii("set " + ascii(keys[number]) + " 0 0 " + valueBytes + "\r\n" + value(number) + "\r\n"));
    }

    String value(int number) {
        return ascii(keys[number]) + "x".repeat(valueBytes - KEY_BYTES);
    }

    int setBytes() {
        return valueBytes + 64;
    }

    void writeGet(ByteBuffer out, int[] numbers) {
        out.put((byte) 'g').put((byte) 'e').put((byte) 't');
        for (int number : numbers) {
            out.put((byte) ' ').put(keys[number]);
        }
        out.put((byte) '\r').put((byte) '\n');
    }

    int getBytes(int keyCount) {
        return 5 + keyCount * (1 + KEY_BYTES);
    }

    int replyBytes(int keyCount) {
        return keyCount * blockBytes + END.length;
    }

    /**
     * Whether the reply to a get of {@code numbers} begins at {@code offset} and is all there; throws if another one is.
     * Values may come in any order.
     */
    boolean isReply(byte[] bytes, int offset, int limit, int[] numbers) {
        if (limit - offset < END.length) {
            return false;
        }
        if (bytes[offset] != 'V') {
            throw new UnexpectedReply(bytes, offset, limit);
        }
        if (limit - offset < replyBytes(numbers.length)) {
            return false;
        }
        int at = offset;
        for (int i = 0; i < numbers.length; i++) {
            if (!isBlock(bytes, at, numbers)) {
                throw new UnexpectedReply(bytes, at, limit);
            }
            at += blockBytes;
        }
        if (!startsWith(bytes, at, END)) {
            throw new UnexpectedReply(bytes, at, limit);
        }
        return true;
    }

    private boolean isBlock(byte[] bytes, int at, int[] numbers) {
        int keyAt = at + VALUE.length;
        int valueAt = keyAt + KEY_BYTES + afterKey.length;
        return startsWith(bytes, at, VALUE)
                && startsWith(bytes, keyAt + KEY_BYTES, afterKey)
                && isOneOf(bytes, keyAt, valueAt, numbers)
                && bytes[valueAt + valueBytes] == '\r'
                && bytes[valueAt + valueBytes + 1] == '\n';
    }

    private boolean isOneOf(byte[] bytes, int keyAt, int valueAt, int[] numbers) {
        for (int number : numbers) {
            if (startsWith(bytes, keyAt, keys[number])) {
                return startsWith(bytes, valueAt, keys[number]);
            }
        }
        return false;
    }

    private static boolean startsWith(byte[] bytes, int at, byte[] expected) {
        for (int i = 0; i < expected.length; i++) {
            if (bytes[at + i] != expected[i]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String ascii(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    /** A miss, an error, or a value of another key. */
    static final class UnexpectedReply extends RuntimeException {

        private static final long serialVersionUID = 1L;
        private static final int MAX_SHOWN = 80;

        UnexpectedReply(byte[] bytes, int offset, int limit) {
            super("unexpected reply: "
                    + new String(bytes, offset, Math.min(MAX_SHOWN, limit - offset), StandardCharsets.ISO_8859_1)
                            .lines()
                            .findFirst()
                            .orElse(""));
        }
    }
}
