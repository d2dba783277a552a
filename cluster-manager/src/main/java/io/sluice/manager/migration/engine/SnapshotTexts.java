package io.sluice.manager.migration.engine;

import com.moilioncircle.redis.replicator.Constants;
import com.moilioncircle.redis.replicator.io.RedisInputStream;
import com.moilioncircle.redis.replicator.rdb.BaseRdbParser;
import com.moilioncircle.redis.replicator.util.Lzf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads the texts of a snapshot, of which caches are full. They come out as they are: what a client would set, without the
 * checksum of a payload.
 *
 * <pre>
 *   length | bytes                                    long ones in pieces
 *   C0, C1, C2 | a number of 1, 2, 4 bytes
 *   C3 | compressed length | length | compressed      if that is worth it, on as it is, for RESTORE; very long ones in pieces
 * </pre>
 */
final class SnapshotTexts {

    /** To decompress one that is not longer is less work than to calculate a checksum on both sides. */
    static final int MOST_DECOMPRESSED = 4 << 10;

    /** Before the kind of a text that is no mere length. */
    private static final int ENCODED = 0xc0;

    private static final int SHORTEST_LENGTH = 1 << 6;
    private static final int FOUR_BYTES_FOLLOW = 0x80;

    private final RedisInputStream in;
    private final BaseRdbParser parser;
    private final int version;

    SnapshotTexts(RedisInputStream in, int version) {
        this.in = in;
        this.parser = new BaseRdbParser(in);
        this.version = version;
    }

    /** Reads one. */
    void read(SnapshotValues.Sink sink) throws IOException, CopyException {
        BaseRdbParser.Len length = parser.rdbLoadLen();
        if (!length.encoded) {
            plain(length.len, sink);
        } else if (length.len == Constants.RDB_ENC_LZF) {
            compressed(sink);
        } else {
            sink.text(parser.rdbLoadIntegerObject((int) length.len, Constants.RDB_LOAD_ENC)
                    .first());
        }
    }

    private void plain(long length, SnapshotValues.Sink sink) throws IOException, CopyException {
        if (length > SnapshotValues.BIG_BYTES) {
            sink.longText(length);
            new Pieces(in, sink).text(length);
        } else {
            sink.text(in.readBytes(length).first());
        }
    }

    private void compressed(SnapshotValues.Sink sink) throws IOException, CopyException {
        long compressed = parser.rdbLoadLen().len;
        long length = parser.rdbLoadLen().len;
        if (length > SnapshotValues.BIG_BYTES) {
            sink.longText(length);
            new CompressedText(in, sink).read(compressed, length);
        } else if (length > MOST_DECOMPRESSED) {
            sink.payload(payload(compressed, length));
        } else {
            sink.text(Lzf.decode(in.readBytes(compressed), length).first());
        }
    }

    private byte[] payload(long compressed, long length) throws IOException {
        ByteArrayOutputStream raw = new ByteArrayOutputStream();
        raw.write(Constants.RDB_TYPE_STRING);
        raw.write(ENCODED | Constants.RDB_ENC_LZF);
        writeLength(raw, compressed);
        writeLength(raw, length);
        raw.writeBytes(in.readBytes(compressed).first());
        return SnapshotValues.payload(raw, version);
    }

    /** A server reads any form that is long enough. */
    private static void writeLength(ByteArrayOutputStream out, long length) {
        if (length < SHORTEST_LENGTH) {
            out.write((int) length);
        } else {
            out.write(FOUR_BYTES_FOLLOW);
            out.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                    .putInt(Math.toIntExact(length))
                    .array());
        }
    }
}
