package io.sluice.manager.migration.engine;

import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * A very long text on its way to the target as one SET, a piece at a time. A server that gets it so takes it over as it lies in
 * its buffer; one that appends pieces copies the whole text each time it has grown by a quarter, which took 0.4 s at 450 MB.
 *
 * <pre>
 *   *3 $3 SET $n key $length │ piece │ piece … │ line end
 *   BYTES                      BYTES   BYTES     LAST_BYTES
 * </pre>
 *
 * Not thread-safe.
 */
final class LongText {

    /** Shorter ones are appended: to copy so much takes a server a few milliseconds. */
    static final long LEAST_BYTES = 16 << 20;

    private static final byte[] LINE_END = RedisLink.ascii("\r\n");

    private final int database;
    private final byte[] key;
    private final long length;

    LongText(int database, byte[] key, long length) {
        this.database = database;
        this.key = key;
        this.length = length;
    }

    /**
     * Whether a target is better served so: it writes commands neither to replicas nor to a file. Replicas would be handed the
     * whole at once, which is more than a server keeps for one by default.
     */
    static boolean isGoodFor(RedisLink target) throws CopyException {
        InfoText info = target.info("replication", "persistence");
        return info.number("connected_slaves").orElse(1) == 0
                && info.number("aof_enabled").orElse(1) == 0;
    }

    Frame begin() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(RedisLink.ascii("*3\r\n$3\r\nSET\r\n$" + key.length + "\r\n"));
        bytes.writeBytes(key);
        bytes.writeBytes(RedisLink.ascii("\r\n$" + length + "\r\n"));
        return new Frame(Frame.Kind.BYTES, database, 0, 0, List.of(), List.of(bytes.toByteArray()));
    }

    Frame piece(byte[] piece) {
        return new Frame(Frame.Kind.BYTES, database, 0, 0, List.of(), List.of(piece));
    }

    Frame end() {
        return new Frame(Frame.Kind.LAST_BYTES, database, 0, 0, List.of(1), List.of(LINE_END, key));
    }
}
