package io.sluice.manager.migration.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Small texts without an expiry that come one after another, for one command: to set a hundred keys by as many commands takes
 * a server three times as long, and us as well. Not thread-safe.
 */
final class Texts {

    /** In one command; a server is busy with these for some microseconds. */
    static final int MOST_KEYS = 32;

    static final int MOST_BYTES = 16 << 10;

    /** A longer one goes by itself. */
    static final int MOST_TEXT = 1 << 10;

    private static final byte[] MSET = RedisLink.ascii("MSET");

    private List<byte[]> parts = new ArrayList<>();
    private long bytes;

    /** Keeps both arrays. Returns whether they have to be taken now. */
    boolean add(byte[] key, byte[] text) {
        parts.add(key);
        parts.add(text);
        bytes += key.length + text.length;
        return isFull();
    }

    private boolean isFull() {
        return parts.size() == 2 * MOST_KEYS || bytes >= MOST_BYTES;
    }

    /** The command for all that were not taken yet, which belong to that database; empty if there are none. */
    Optional<Frame> take(int database) {
        if (parts.isEmpty()) {
            return Optional.empty();
        }
        List<byte[]> command = new ArrayList<>(parts.size() + 1);
        command.add(MSET);
        command.addAll(parts);
        List<Integer> keys = new ArrayList<>(parts.size() / 2);
        for (int i = 1; i < command.size(); i += 2) {
            keys.add(i);
        }
        parts = new ArrayList<>(parts.size());
        bytes = 0;
        return Optional.of(new Frame(Frame.Kind.FINAL, database, 0, 0, keys, command));
    }
}
