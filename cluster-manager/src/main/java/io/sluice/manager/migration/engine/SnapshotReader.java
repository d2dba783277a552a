package io.sluice.manager.migration.engine;

import com.moilioncircle.redis.replicator.Constants;
import com.moilioncircle.redis.replicator.io.RedisInputStream;
import com.moilioncircle.redis.replicator.rdb.BaseRdbParser;
import com.moilioncircle.redis.replicator.rdb.skip.SkipRdbParser;
import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Walks through a snapshot (RDB) and hands on, as commands, what moves.
 *
 * <pre>
 *   REDIS0010 | (option | database | expiry, idle, freq | type key value) … | EOF checksum
 * </pre>
 *
 * What each byte means is redis-replicator's knowledge; which values are read and which are passed over is ours.
 */
final class SnapshotReader {

    private static final int MAGIC_BYTES = 5;
    private static final int VERSION_BYTES = 4;
    private static final int CHECKSUM_BYTES = 8;
    private static final byte[] SET = RedisLink.ascii("SET");
    private static final byte[] PXAT = RedisLink.ascii("PXAT");
    private static final byte[] RESTORE = RedisLink.ascii("RESTORE");
    private static final byte[] REPLACE = RedisLink.ascii("REPLACE");
    private static final byte[] ABSTTL = RedisLink.ascii("ABSTTL");
    private static final byte[] NO_EXPIRY = RedisLink.ascii(0);

    /** Takes what comes out. */
    interface Output {
        void frame(Frame frame) throws CopyException;

        /** One more key was read, moving or not. */
        void keySeen() throws CopyException;
    }

    private final RedisInputStream in;
    private final BaseRdbParser parser;
    private final KeyFilter moving;
    private final ClockSkew skew;
    private final boolean longTextsWhole;
    private final Output output;
    private final Texts texts = new Texts();
    private int database;
    private long expiresAt;

    /** @param longTextsWhole whether the target is better served with one command for a very long text */
    SnapshotReader(RedisInputStream in, KeyFilter moving, ClockSkew skew, boolean longTextsWhole, Output output) {
        this.in = in;
        this.parser = new BaseRdbParser(in);
        this.moving = moving;
        this.skew = skew;
        this.longTextsWhole = longTextsWhole;
        this.output = output;
    }

    /** Reads one whole snapshot, and not a byte more. */
    void read() throws IOException, CopyException {
        String magic = ascii(MAGIC_BYTES);
        String version = ascii(VERSION_BYTES);
        if (!magic.equals("REDIS") || !version.matches("\\d{4}")) {
            throw new CopyException(Kind.REFUSED, "The source sent something that is no snapshot");
        }
        SnapshotValues values = new SnapshotValues(in, Integer.parseInt(version));
        for (int code = in.read(); code != Constants.RDB_OPCODE_EOF; code = in.read()) {
            step(code, values);
        }
        send(texts.take(database));
        in.readBytes(CHECKSUM_BYTES);
    }

    private void send(Optional<Frame> frame) throws CopyException {
        if (frame.isPresent()) {
            output.frame(frame.get());
        }
    }

    private String ascii(int length) throws IOException {
        return new String(in.readBytes(length).first(), StandardCharsets.ISO_8859_1);
    }

    private void step(int code, SnapshotValues values) throws IOException, CopyException {
        switch (code) {
            case Constants.RDB_OPCODE_SELECTDB -> {
                send(texts.take(database));
                database = Math.toIntExact(parser.rdbLoadLen().len);
            }
            case Constants.RDB_OPCODE_EXPIRETIME_MS -> expiresAt = parser.rdbLoadMillisecondTime();
            case Constants.RDB_OPCODE_EXPIRETIME -> expiresAt = parser.rdbLoadTime() * 1000L;
            case Constants.RDB_OPCODE_FREQ -> in.read();
            case Constants.RDB_OPCODE_IDLE -> parser.rdbLoadLen();
            case Constants.RDB_OPCODE_RESIZEDB -> {
                parser.rdbLoadLen();
                parser.rdbLoadLen();
            }
            case Constants.RDB_OPCODE_AUX -> {
                parser.rdbLoadEncodedStringObject();
                parser.rdbLoadEncodedStringObject();
            }
            case Constants.RDB_OPCODE_FUNCTION2 -> parser.rdbGenericLoadStringObject(Constants.RDB_LOAD_PLAIN);
            case Constants.RDB_OPCODE_MODULE_AUX -> moduleAux();
            default -> key(code, values);
        }
    }

    private void moduleAux() throws IOException {
        SkipRdbParser skip = new SkipRdbParser(in);
        skip.rdbLoadLen();
        skip.rdbLoadCheckModuleValue();
    }

    private void key(int type, SnapshotValues values) throws IOException, CopyException {
        byte[] key = parser.rdbLoadEncodedStringObject().first();
        long at = skew.onTarget(expiresAt);
        expiresAt = 0;
        if (moving.moves(key)) {
            KeyCommands commands = new KeyCommands(key, at);
            values.read(type, commands);
            commands.end();
        } else {
            values.skip(type);
        }
        output.keySeen();
    }

    /** The commands that make one key. */
    private final class KeyCommands implements SnapshotValues.Sink {

        private final byte[] key;
        private final long at;
        private @Nullable LongText longText;
        private boolean divided;

        KeyCommands(byte[] key, long at) {
            this.key = key;
            this.at = at;
        }

        @Override
        public void text(byte[] text) throws CopyException {
            if (at != 0) {
                send(Frame.Kind.FINAL, at, List.of(SET, key, text, PXAT, RedisLink.ascii(at)));
            } else if (text.length > Texts.MOST_TEXT) {
                send(Frame.Kind.FINAL, 0, List.of(SET, key, text));
            } else if (texts.add(key, text)) {
                SnapshotReader.this.send(texts.take(database));
            }
        }

        @Override
        public void payload(byte[] payload) throws CopyException {
            byte[] ttl = at == 0 ? NO_EXPIRY : RedisLink.ascii(at);
            send(Frame.Kind.FINAL, at, List.of(RESTORE, key, ttl, payload, REPLACE, ABSTTL));
        }

        @Override
        public void longText(long length) throws CopyException {
            if (longTextsWhole && length >= LongText.LEAST_BYTES) {
                longText = new LongText(database, key, length);
                output.frame(longText.begin());
            }
        }

        @Override
        public void piece(Pieces.Word word, List<byte[]> elements) throws CopyException {
            divided = true;
            LongText whole = longText;
            if (whole != null) {
                output.frame(whole.piece(elements.get(0)));
                return;
            }
            List<byte[]> parts = new ArrayList<>(elements.size() + 2);
            parts.add(RedisLink.ascii(word.name()));
            parts.add(key);
            parts.addAll(elements);
            send(Frame.Kind.CHANGE, 0, parts);
        }

        void end() throws CopyException {
            if (longText != null) {
                output.frame(longText.end());
            }
            if (divided && at != 0) {
                send(Frame.Kind.CHANGE, at, List.of(RedisLink.ascii("PEXPIREAT"), key, RedisLink.ascii(at)));
            }
        }

        private void send(Frame.Kind kind, long expiry, List<byte[]> parts) throws CopyException {
            output.frame(new Frame(kind, database, 0, expiry, List.of(1), parts));
        }
    }
}
