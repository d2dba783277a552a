package io.sluice.manager.failover;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells people what is wrong with shards: each note once, and only if it was there twice in a row, since the servers of a
 * shard are asked one after the other while one takes over from another. For one thread.
 *
 * @param <K> what names a shard
 */
final class Notes<K> {

    private static final Logger log = LoggerFactory.getLogger(Notes.class);

    private record Seen(String note, boolean told) {}

    private final Map<K, Seen> seen = new HashMap<>();

    /** Empty is that all is well. */
    void set(K shard, String note) {
        Seen before = seen.get(shard);
        if (note.isEmpty()) {
            seen.remove(shard);
            if (before != null && before.told()) {
                log.info("All is well again: shard={}", shard);
            }
        } else if (before == null || !before.note().equals(note)) {
            seen.put(shard, new Seen(note, false));
        } else if (!before.told()) {
            log.warn("Look at this shard: shard={}: {}", shard, note);
            seen.put(shard, new Seen(note, true));
        }
    }

    void keepOnly(Set<K> shards) {
        seen.keySet().retainAll(shards);
    }
}
