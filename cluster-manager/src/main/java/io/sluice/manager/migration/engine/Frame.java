package io.sluice.manager.migration.engine;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * One command for the target, and what is known of it.
 *
 * <pre>
 *   int size | byte kind | int database | long offset | long expiry | int keys, positions | int parts, each: int length, bytes
 * </pre>
 *
 * @param kind what it does to its keys
 * @param database it is for
 * @param offset of the source's stream, after it; 0 while the first pass lasts
 * @param expiresAt by the target's clock, if it sets an expiry; else 0
 * @param keys positions of its keys in {@code parts}
 * @param parts name and arguments
 */
record Frame(Kind kind, int database, long offset, long expiresAt, List<Integer> keys, List<byte[]> parts) {

    enum Kind {
        /** Changes a key that is there. */
        CHANGE('c'),
        /** Leaves its keys in a state that does not depend on what they were. */
        FINAL('f'),
        /** What it does to one key depends on others. */
        SEVERAL('s'),
        /** MULTI, EXEC, SELECT. */
        CONTROL('x'),
        /** No command: the first pass is over. */
        FIRST_PASS_OVER('o');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }

        static Kind of(byte letter) {
            for (Kind kind : values()) {
                if (kind.letter == letter) {
                    return kind;
                }
            }
            throw new IllegalStateException("No kind of frame has the letter " + letter);
        }
    }

    private static final int FIXED_BYTES = 4 + 1 + 4 + 8 + 8 + 4 + 4;

    private static final int READ_AHEAD = 4096;

    Frame {
        keys = List.copyOf(keys);
        parts = List.copyOf(parts);
    }

    static Frame control(int database, long offset, String... parts) {
        List<byte[]> bytes = new ArrayList<>(parts.length);
        for (String part : parts) {
            bytes.add(RedisLink.ascii(part));
        }
        return new Frame(Kind.CONTROL, database, offset, 0, List.of(), bytes);
    }

    static Frame firstPassOver(long offset) {
        return new Frame(Kind.FIRST_PASS_OVER, 0, offset, 0, List.of(), List.of());
    }

    /** Bytes of all arguments: what the target receives, about. */
    long payload() {
        long sum = 0;
        for (byte[] part : parts) {
            sum += part.length;
        }
        return sum;
    }

    /** Bytes in the spool. Throws {@code ArithmeticException} for one that no file could hold. */
    int size() {
        return Math.toIntExact(FIXED_BYTES + 4L * keys.size() + 4L * parts.size() + payload());
    }

    void writeTo(ByteBuffer out) {
        out.putInt(size())
                .put((byte) kind.letter)
                .putInt(database)
                .putLong(offset)
                .putLong(expiresAt);
        out.putInt(keys.size());
        keys.forEach(out::putInt);
        out.putInt(parts.size());
        for (byte[] part : parts) {
            out.putInt(part.length).put(part);
        }
    }

    /** The frame that begins there. */
    static Frame read(FileChannel file, long at) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(READ_AHEAD);
        fill(file, at, bytes, 4);
        int size = bytes.getInt(0);
        if (size > bytes.position()) {
            ByteBuffer whole = ByteBuffer.allocate(size);
            whole.put(bytes.flip());
            fill(file, at, whole, size);
            bytes = whole;
        }
        return parse(bytes.position(4));
    }

    private static void fill(FileChannel file, long at, ByteBuffer bytes, int least) throws IOException {
        while (bytes.position() < least) {
            if (file.read(bytes, at + bytes.position()) < 0) {
                throw new EOFException("A frame of the spool is cut off at " + at);
            }
        }
    }

    private static Frame parse(ByteBuffer in) {
        Kind kind = Kind.of(in.get());
        int database = in.getInt();
        long offset = in.getLong();
        long expiresAt = in.getLong();
        List<Integer> keys = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            keys.add(in.getInt());
        }
        List<byte[]> parts = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            byte[] part = new byte[in.getInt()];
            in.get(part);
            parts.add(part);
        }
        return new Frame(kind, database, offset, expiresAt, keys, parts);
    }
}
