package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.moilioncircle.redis.replicator.io.RedisInputStream;
import com.moilioncircle.redis.replicator.rdb.BaseRdbParser;
import com.moilioncircle.redis.replicator.util.ByteArray;
import com.moilioncircle.redis.replicator.util.CRC64;
import com.moilioncircle.redis.replicator.util.Lzf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotTextsTest {

    private static final int VERSION = 10;

    /** What came out. */
    private static final class Found implements SnapshotValues.Sink {
        final List<byte[]> texts = new ArrayList<>();
        final List<byte[]> payloads = new ArrayList<>();
        long announced;
        final ByteArrayOutputStream pieces = new ByteArrayOutputStream();

        @Override
        public void text(byte[] text) {
            texts.add(text);
        }

        @Override
        public void longText(long length) {
            announced = length;
        }

        @Override
        public void payload(byte[] payload) {
            payloads.add(payload);
        }

        @Override
        public void piece(Pieces.Word word, List<byte[]> elements) {
            assertThat(word).isEqualTo(Pieces.Word.APPEND);
            pieces.writeBytes(elements.get(0));
        }
    }

    private static Found read(byte[] snapshot) throws IOException, CopyException {
        Found found = new Found();
        RedisInputStream in = new RedisInputStream(new ByteArray(snapshot));
        new SnapshotTexts(in, VERSION).read(found);
        assertThat(in.available()).as("bytes that are left").isZero();
        return found;
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] withLength(byte[] text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writeLength(out, text.length);
        out.writeBytes(text);
        return out.toByteArray();
    }

    private static void writeLength(ByteArrayOutputStream out, int length) {
        out.write(0x80);
        for (int shift = 24; shift >= 0; shift -= 8) {
            out.write(length >> shift);
        }
    }

    private static byte[] compressed(byte[] text) {
        ByteArray packed = Lzf.encode(new ByteArray(text));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0xc3);
        writeLength(out, (int) packed.length());
        writeLength(out, text.length);
        out.write(packed.first(), 0, (int) packed.length());
        return out.toByteArray();
    }

    private static byte[] repetitive(int length) {
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++) {
            text[i] = (byte) (i % 7 * (i / 100));
        }
        return text;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 63, 64, 16_383, 16_384, SnapshotValues.BIG_BYTES})
    void aPlainTextComesOutAsItIs(int length) throws IOException, CopyException {
        byte[] text = repetitive(length);

        Found found = read(withLength(text));

        assertThat(found.texts).containsExactly(text);
    }

    @Test
    void aPlainTextThatIsLongerThanTheLimitComesInPieces() throws IOException, CopyException {
        byte[] text = repetitive(SnapshotValues.BIG_BYTES + 1);

        Found found = read(withLength(text));

        assertThat(found.announced).isEqualTo(text.length);
        assertThat(found.pieces.toByteArray()).isEqualTo(text);
        assertThat(found.texts).isEmpty();
    }

    @Test
    void aNumberComesOutAsItsDigits() throws IOException, CopyException {
        assertThat(read(bytes(0xc0, 0xff)).texts).containsExactly(RedisLink.ascii("-1"));
        assertThat(read(bytes(0xc0, 0x7f)).texts).containsExactly(RedisLink.ascii("127"));
        assertThat(read(bytes(0xc1, 0x00, 0x80)).texts).containsExactly(RedisLink.ascii("-32768"));
        assertThat(read(bytes(0xc2, 0xff, 0xff, 0xff, 0x7f)).texts).containsExactly(RedisLink.ascii("2147483647"));
        assertThat(read(bytes(0xc2, 0x00, 0x00, 0x00, 0x80)).texts).containsExactly(RedisLink.ascii("-2147483648"));
    }

    @ParameterizedTest
    @ValueSource(ints = {21, 100, SnapshotTexts.MOST_DECOMPRESSED})
    void aShortCompressedTextIsDecompressed(int length) throws IOException, CopyException {
        byte[] text = repetitive(length);

        Found found = read(compressed(text));

        assertThat(found.texts).containsExactly(text);
    }

    @ParameterizedTest
    @ValueSource(ints = {SnapshotTexts.MOST_DECOMPRESSED + 1, 100_000, SnapshotValues.BIG_BYTES})
    void aLongerOneBecomesAPayloadThatMeansTheSame(int length) throws IOException, CopyException {
        byte[] text = repetitive(length);

        Found found = read(compressed(text));

        assertThat(found.payloads).hasSize(1);
        byte[] payload = found.payloads.get(0);
        int end = payload.length - Long.BYTES;
        assertThat(Arrays.copyOfRange(payload, end, payload.length))
                .isEqualTo(CRC64.longToByteArray(CRC64.crc64(Arrays.copyOf(payload, end))));
        assertThat(payload[end - 2]).isEqualTo((byte) VERSION);
        RedisInputStream value = new RedisInputStream(new ByteArray(payload));
        assertThat(value.read()).isZero(); // the type
        assertThat(new BaseRdbParser(value).rdbLoadEncodedStringObject().first())
                .isEqualTo(text);
    }

    @Test
    void aVeryLongOneComesInPieces() throws IOException, CopyException {
        byte[] text = repetitive(SnapshotValues.BIG_BYTES + 1);

        Found found = read(compressed(text));

        assertThat(found.announced).isEqualTo(text.length);
        assertThat(found.pieces.toByteArray()).isEqualTo(text);
    }
}
