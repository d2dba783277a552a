package io.sluice.manager.migration.engine;

import com.moilioncircle.redis.replicator.Constants;
import com.moilioncircle.redis.replicator.io.RedisInputStream;
import com.moilioncircle.redis.replicator.rdb.BaseRdbParser;
import com.moilioncircle.redis.replicator.rdb.RdbValueVisitor;
import com.moilioncircle.redis.replicator.rdb.skip.SkipRdbParser;
import com.moilioncircle.redis.replicator.rdb.skip.SkipRdbValueVisitor;
import com.moilioncircle.redis.replicator.util.ByteArray;
import com.moilioncircle.redis.replicator.util.CRC64;
import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads values of a snapshot. Texts come out as such, other small ones come out as the payload that RESTORE takes, which is their bytes as they are; large
 * ones in pieces, so that neither server stands still for them.
 *
 * <pre>
 *   payload: type | value as in the snapshot | version, 2 bytes | CRC-64 of all that, 8 bytes
 * </pre>
 */
final class SnapshotValues {

    static final int BIG_BYTES = 1 << 20;
    static final int BIG_ELEMENTS = 5_000;

    /** Nodes of a list are about 8 KiB each. */
    private static final int BIG_LIST_NODES = BIG_BYTES / (8 << 10);

    /** Where the parts of a value go. */
    interface Sink {
        /** A text as it is; up to {@link #BIG_BYTES}. Keeps the array. */
        void text(byte[] text) throws CopyException;

        /** The whole value. */
        void payload(byte[] payload) throws CopyException;

        /** A text of so many bytes follows, in pieces to append. */
        void longText(long length) throws CopyException;

        /** A piece of it: a command without its key, such as HSET and some fields. */
        void piece(Pieces.Word word, List<byte[]> elements) throws CopyException;
    }

    private final RedisInputStream in;
    private final int version;
    private final SkipRdbValueVisitor skip = new SkipRdbValueVisitor(null);

    SnapshotValues(RedisInputStream in, int version) {
        this.in = in;
        this.version = version;
    }

    /** Reads a value past. */
    void skip(int type) throws IOException, CopyException {
        visit(type);
    }

    void read(int type, Sink sink) throws IOException, CopyException {
        if (type == Constants.RDB_TYPE_STRING) {
            new SnapshotTexts(in, version).read(sink);
            return;
        }
        ByteArrayOutputStream raw = new ByteArrayOutputStream();
        raw.write(type);
        in.setRawByteListeners(List.of(raw::writeBytes));
        boolean whole;
        try {
            whole = capture(type, sink);
        } finally {
            in.setRawByteListeners(List.of());
        }
        if (!whole) {
            return;
        }
        if (raw.size() > BIG_BYTES && Pieces.canDivide(type)) {
            byte[] bytes = raw.toByteArray();
            RedisInputStream again = new RedisInputStream(new ByteArray(bytes));
            again.read(); // the type
            new Pieces(again, sink).all(type);
        } else {
            sink.payload(payload(raw, version));
        }
    }

    /** True if all of it was captured; false if it was too large and went out in pieces. */
    private boolean capture(int type, Sink sink) throws IOException, CopyException {
        if (!Pieces.canDivide(type)) {
            visit(type);
            return true;
        }
        long count = new BaseRdbParser(in).rdbLoadLen().len;
        if (count > (type == Constants.RDB_TYPE_LIST_QUICKLIST_2 ? BIG_LIST_NODES : BIG_ELEMENTS)) {
            in.setRawByteListeners(List.of());
            new Pieces(in, sink).elements(type, count);
            return false;
        }
        SkipRdbParser parser = new SkipRdbParser(in);
        for (long left = count; left > 0; left--) {
            skipElement(parser, type);
        }
        return true;
    }

    private static void skipElement(SkipRdbParser parser, int type) throws IOException {
        switch (type) {
            case Constants.RDB_TYPE_HASH -> {
                parser.rdbLoadEncodedStringObject();
                parser.rdbLoadEncodedStringObject();
            }
            case Constants.RDB_TYPE_ZSET_2 -> {
                parser.rdbLoadEncodedStringObject();
                parser.rdbLoadBinaryDoubleValue();
            }
            case Constants.RDB_TYPE_LIST_QUICKLIST_2 -> {
                parser.rdbLoadLen();
                parser.rdbLoadEncodedStringObject();
            }
            default -> parser.rdbLoadEncodedStringObject();
        }
    }

    /** Adds what RESTORE wants behind type and value. */
    static byte[] payload(ByteArrayOutputStream raw, int version) {
        raw.write(version & 0xff);
        raw.write(version >> 8);
        raw.writeBytes(CRC64.longToByteArray(CRC64.crc64(raw.toByteArray())));
        return raw.toByteArray();
    }

    private @Nullable Object visit(int type) throws IOException, CopyException {
        RdbValueVisitor values = skip;
        return switch (type) {
            case Constants.RDB_TYPE_STRING -> values.applyString(in, version);
            case Constants.RDB_TYPE_LIST -> values.applyList(in, version);
            case Constants.RDB_TYPE_SET -> values.applySet(in, version);
            case Constants.RDB_TYPE_ZSET -> values.applyZSet(in, version);
            case Constants.RDB_TYPE_HASH -> values.applyHash(in, version);
            case Constants.RDB_TYPE_ZSET_2 -> values.applyZSet2(in, version);
            case Constants.RDB_TYPE_MODULE_2 -> values.applyModule2(in, version);
            case Constants.RDB_TYPE_HASH_ZIPMAP -> values.applyHashZipMap(in, version);
            case Constants.RDB_TYPE_LIST_ZIPLIST -> values.applyListZipList(in, version);
            case Constants.RDB_TYPE_SET_INTSET -> values.applySetIntSet(in, version);
            case Constants.RDB_TYPE_ZSET_ZIPLIST -> values.applyZSetZipList(in, version);
            case Constants.RDB_TYPE_HASH_ZIPLIST -> values.applyHashZipList(in, version);
            case Constants.RDB_TYPE_LIST_QUICKLIST -> values.applyListQuickList(in, version);
            case Constants.RDB_TYPE_STREAM_LISTPACKS -> values.applyStreamListPacks(in, version);
            case Constants.RDB_TYPE_HASH_LISTPACK -> values.applyHashListPack(in, version);
            case Constants.RDB_TYPE_ZSET_LISTPACK -> values.applyZSetListPack(in, version);
            case Constants.RDB_TYPE_LIST_QUICKLIST_2 -> values.applyListQuickList2(in, version);
            case Constants.RDB_TYPE_STREAM_LISTPACKS_2 -> values.applyStreamListPacks2(in, version);
            case Constants.RDB_TYPE_SET_LISTPACK -> values.applySetListPack(in, version);
            case Constants.RDB_TYPE_STREAM_LISTPACKS_3 -> values.applyStreamListPacks3(in, version);
            default ->
                throw new CopyException(
                        Kind.UNSUITABLE,
                        "The source's snapshot has values of type " + type
                                + ", which this version cannot read; use the tracking engine");
        };
    }
}
