package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.moilioncircle.redis.replicator.io.RedisInputStream;
import com.moilioncircle.redis.replicator.util.ByteArray;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompressedTextTest {

    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private int pieces;

    private void read(long length, int... compressed) throws IOException, CopyException {
        byte[] bytes = new byte[compressed.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) compressed[i];
        }
        SnapshotValues.Sink sink = new SnapshotValues.Sink() {
            @Override
            public void longText(long length) {
                throw new AssertionError("who reads the length tells it");
            }

            @Override
            public void text(byte[] whole) {
                throw new AssertionError("a piece is expected");
            }

            @Override
            public void payload(byte[] payload) {
                throw new AssertionError("a piece is expected");
            }

            @Override
            public void piece(Pieces.Word word, List<byte[]> elements) {
                assertThat(word).isEqualTo(Pieces.Word.APPEND);
                text.writeBytes(elements.get(0));
                pieces++;
            }
        };
        new CompressedText(new RedisInputStream(new ByteArray(bytes)), sink).read(bytes.length, length);
    }

    @Test
    void copiesLiteralsAndWhatWasThereBefore() throws Exception {
        read(16, 2, 'a', 'b', 'c', 1 << 5, 2, 3 << 5, 0, 1, '!', '?', 1 << 5, 1);

        assertThat(text).hasToString("abcabcccccc!?!?!");
    }

    @Test
    void repeatsOneByteForLong() throws Exception {
        read(1 + 9 + 255, 0, 'x', 7 << 5, 255, 0);

        assertThat(text).hasToString("x".repeat(265));
    }

    @Test
    void handsOnPiecesOfBoundedSize() throws Exception {
        int repeats = 3 * Pieces.BYTES / 264;
        int[] compressed = new int[2 + 3 * repeats];
        compressed[1] = 'y';
        for (int i = 0; i < repeats; i++) {
            compressed[2 + 3 * i] = 7 << 5;
            compressed[3 + 3 * i] = 255;
        }

        read(1 + 264L * repeats, compressed);

        assertThat(text.size()).isEqualTo(1 + 264 * repeats);
        assertThat(pieces).isEqualTo(3);
    }

    @Test
    void refusesWhatPointsBeforeTheBeginningOrHasAnotherLength() {
        assertThatThrownBy(() -> read(5, 0, 'a', 1 << 5, 1)).isInstanceOf(CopyException.class);
        assertThatThrownBy(() -> read(2, 0, 'a')).isInstanceOf(CopyException.class);
    }
}
