package io.sluice.manager.migration.engine;

import com.moilioncircle.redis.replicator.io.RedisInputStream;
import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Hands on a text that a snapshot has compressed, in pieces: no more than one is in memory, however long the text. The library
 * decompresses a text as a whole only.
 *
 * <pre>
 *   LZF   000LLLLL  literal, L + 1 bytes follow
 *         LLLooooo  oooooooo            L + 2 bytes of those before, from o + 1 bytes back      L 1 to 6
 *         111ooooo  LLLLLLLL  oooooooo  L + 9 bytes of those before
 * </pre>
 */
final class CompressedText {

    /** Nothing refers further back. */
    private static final int WINDOW = 1 << 13;

    private static final int LITERALS = 1 << 5;
    private static final int LONG = 7;

    private final RedisInputStream in;
    private final SnapshotValues.Sink sink;
    private final byte[] window = new byte[WINDOW];
    private final byte[] piece = new byte[Pieces.BYTES];
    private long written;
    private long unread;

    CompressedText(RedisInputStream in, SnapshotValues.Sink sink) {
        this.in = in;
        this.sink = sink;
    }

    /** Reads so many compressed bytes, which must become a text of {@code length}. */
    void read(long compressed, long length) throws IOException, CopyException {
        unread = compressed;
        while (unread > 0) {
            int control = next();
            if (control < LITERALS) {
                for (int i = 0; i <= control; i++) {
                    write((byte) next());
                }
            } else {
                repeat(control);
            }
        }
        int rest = (int) (written % piece.length);
        if (rest > 0) {
            hand(rest);
        }
        if (written != length || unread < 0) {
            throw broken();
        }
    }

    private int next() throws IOException {
        unread--;
        return in.read();
    }

    private void repeat(int control) throws IOException, CopyException {
        int length = control >> 5;
        if (length == LONG) {
            length += next();
        }
        int back = ((control & (LITERALS - 1)) << 8 | next()) + 1;
        if (back > written) {
            throw broken();
        }
        for (int i = 0; i < length + 2; i++) {
            write(window[(int) ((written - back) & (WINDOW - 1))]);
        }
    }

    private void write(byte next) throws CopyException {
        window[(int) (written & (WINDOW - 1))] = next;
        piece[(int) (written % piece.length)] = next;
        written++;
        if (written % piece.length == 0) {
            hand(piece.length);
        }
    }

    private void hand(int size) throws CopyException {
        sink.piece(Pieces.Word.APPEND, List.of(Arrays.copyOf(piece, size)));
    }

    private static CopyException broken() {
        return new CopyException(Kind.REFUSED, "The source's snapshot has a compressed text that cannot be read");
    }
}
