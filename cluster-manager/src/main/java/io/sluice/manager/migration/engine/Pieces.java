package io.sluice.manager.migration.engine;

import com.moilioncircle.redis.replicator.Constants;
import com.moilioncircle.redis.replicator.io.RedisInputStream;
import com.moilioncircle.redis.replicator.rdb.BaseRdbParser;
import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Divides a large value into commands that each keep the target busy for less than a millisecond or so. */
final class Pieces {

    static final int ELEMENTS = 500;
    static final int BYTES = 256 << 10;

    /** What a piece is sent with. */
    enum Word {
        APPEND,
        RPUSH,
        SADD,
        ZADD,
        HSET
    }

    /** Nodes of a list: one element as it is, or several in a listpack. */
    private static final int PLAIN_NODE = 1;

    /** A listpack with more elements does not say how many. */
    private static final int UNKNOWN_COUNT = 0xffff;

    private final RedisInputStream in;
    private final BaseRdbParser parser;
    private final SnapshotValues.Sink sink;
    private final List<byte[]> piece = new ArrayList<>();
    private long pieceBytes;

    Pieces(RedisInputStream in, SnapshotValues.Sink sink) {
        this.in = in;
        this.parser = new BaseRdbParser(in);
        this.sink = sink;
    }

    /** Besides texts servers from 7.0 on write no others that could be large. */
    static boolean canDivide(int type) {
        return switch (type) {
            case Constants.RDB_TYPE_SET,
                    Constants.RDB_TYPE_HASH,
                    Constants.RDB_TYPE_ZSET_2,
                    Constants.RDB_TYPE_LIST_QUICKLIST_2 -> true;
            default -> false;
        };
    }

    /** A value from its beginning. */
    void all(int type) throws IOException, CopyException {
        elements(type, parser.rdbLoadLen().len);
    }

    /** A text that lies there as it is. */
    void text(long length) throws IOException, CopyException {
        for (long left = length; left > 0; ) {
            int size = (int) Math.min(left, BYTES);
            sink.piece(Word.APPEND, List.of(in.readBytes(size).first()));
            left -= size;
        }
    }

    /** The elements after their count. */
    void elements(int type, long count) throws IOException, CopyException {
        Word word = word(type);
        for (long left = count; left > 0; left--) {
            switch (word) {
                case HSET -> add(word, string(), string());
                case ZADD -> scored(word);
                case RPUSH -> node(word);
                case SADD, APPEND -> add(word, string());
            }
        }
        flush(word);
    }

    private static Word word(int type) {
        return switch (type) {
            case Constants.RDB_TYPE_HASH -> Word.HSET;
            case Constants.RDB_TYPE_ZSET_2 -> Word.ZADD;
            case Constants.RDB_TYPE_LIST_QUICKLIST_2 -> Word.RPUSH;
            case Constants.RDB_TYPE_SET -> Word.SADD;
            default -> throw new IllegalStateException("No pieces of type " + type);
        };
    }

    private void scored(Word word) throws IOException, CopyException {
        byte[] member = string();
        add(word, RedisLink.ascii(score(parser.rdbLoadBinaryDoubleValue())), member);
    }

    /** As Redis reads it, without loss. */
    static String score(double score) {
        return Double.isInfinite(score) ? (score > 0 ? "inf" : "-inf") : Double.toString(score);
    }

    private void node(Word word) throws IOException, CopyException {
        if (parser.rdbLoadLen().len == PLAIN_NODE) {
            add(word, string());
            return;
        }
        RedisInputStream listpack = new RedisInputStream(parser.rdbLoadPlainStringObject());
        listpack.readBytes(4); // its size
        int count = listpack.readInt(2) & UNKNOWN_COUNT;
        if (count == UNKNOWN_COUNT) {
            throw new CopyException(
                    Kind.UNSUITABLE,
                    "A list node of the source has more elements than can be read; use the tracking engine");
        }
        for (int i = 0; i < count; i++) {
            add(word, BaseRdbParser.StringHelper.listPackEntry(listpack));
        }
    }

    private byte[] string() throws IOException {
        return parser.rdbLoadEncodedStringObject().first();
    }

    private void add(Word word, byte[]... element) throws CopyException {
        for (byte[] part : element) {
            piece.add(part);
            pieceBytes += part.length;
        }
        if (piece.size() >= ELEMENTS * element.length || pieceBytes >= BYTES) {
            flush(word);
        }
    }

    private void flush(Word word) throws CopyException {
        if (!piece.isEmpty()) {
            sink.piece(word, List.copyOf(piece));
            piece.clear();
            pieceBytes = 0;
        }
    }
}
