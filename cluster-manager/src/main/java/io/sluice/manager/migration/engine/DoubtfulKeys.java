package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Keys of which the target may hold something else than the stream says, because they expired there before the stream came
 * to what the source did with them: prolonged them, say. They are copied once more when nobody writes. Not thread-safe.
 */
final class DoubtfulKeys {

    /** Names of keys are held in memory. */
    static final int MOST = 200_000;

    private record Doubt(int database, KeyName key) {}

    private final Map<Doubt, Long> since = new HashMap<>();
    private long clock;

    /** A moment: what is added later is later. */
    long now() {
        return ++clock;
    }

    /** Keeps the array. */
    void add(int database, byte[] key) throws CopyException {
        since.put(new Doubt(database, new KeyName(key)), now());
        if (since.size() > MOST) {
            throw new CopyException(
                    Kind.OVERRUN,
                    "More than " + MOST
                            + " keys expired on the target while the copy was behind; raise the limits, or use the"
                            + " tracking engine");
        }
    }

    boolean contains(int database, byte[] key) {
        return since.containsKey(new Doubt(database, new KeyName(key)));
    }

    /** A command that was sent at that moment made the key what it should be. */
    void settle(int database, byte[] key, long sentAt) {
        since.computeIfPresent(new Doubt(database, new KeyName(key)), (doubt, at) -> at < sentAt ? null : at);
    }

    int size() {
        return since.size();
    }

    /** All of them by database; none are left. */
    Map<Integer, List<byte[]>> take() {
        Map<Integer, List<byte[]>> taken = new TreeMap<>();
        since.keySet()
                .forEach(doubt -> taken.computeIfAbsent(doubt.database, none -> new ArrayList<>())
                        .add(doubt.key.bytes()));
        since.clear();
        return taken;
    }
}
