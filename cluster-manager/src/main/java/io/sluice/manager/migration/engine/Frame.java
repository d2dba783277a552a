package io.sluice.manager.migration.engine;

import java.nio.ByteBuffer;
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
        /** The beginning or the middle of a command, as its bytes go over the wire: no reply follows. */
        BYTES('b'),
        /** The last bytes of such a command, which sets its key, and the key. */
        LAST_BYTES('l'),
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

    /** Those that tell how many there are. */
    static final int SIZE_BYTES = 4;

    private static final int FIXED_BYTES = SIZE_BYTES + 1 + 4 + 8 + 8 + 4 + 4;

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

    /** What it counts for, by the limits: one command of the stream, or the keys that it brings as they are. */
    int keyCount() {
        return offset == 0 ? keys.size() : Math.min(1, keys.size());
    }

    /** All but the name. */
    byte[][] arguments() {
        byte[][] arguments = new byte[parts.size() - 1][];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = parts.get(i + 1);
        }
        return arguments;
    }

    /** Bytes that the target receives. */
    long wireBytes() {
        return switch (kind) {
            case CHANGE, FINAL, SEVERAL, CONTROL -> WireBytes.of(parts);
            case BYTES, LAST_BYTES -> parts.get(0).length;
            case FIRST_PASS_OVER -> 0;
        };
    }

    /** Bytes of name and arguments. */
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

    /** Of the frame that begins there, of which {@link #SIZE_BYTES} have to be there. */
    static int sizeAt(ByteBuffer in) {
        return in.getInt(in.position());
    }

    /** Takes the frame that begins there, all of it. */
    static Frame read(ByteBuffer in) {
        in.position(in.position() + SIZE_BYTES);
        return parse(in);
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
