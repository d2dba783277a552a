package io.sluice.proxy.testing;

import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What clients did to the keys of a cache, and whether what they read can be true. A miss always can. A value cannot be the
 * answer once another change has been acknowledged that began after the value's own had ended, if the read began after that.
 * Every value is written once. Thread-safe.
 *
 * <pre>
 *   set k 1 ├────┤
 *   delete k         ├────┤
 *   get k                     ├───┤  1 is too old     a get that begins before the delete has ended may see 1
 * </pre>
 */
public final class CacheHistory {

    /** It may yet take effect, as a write that got an error. */
    private static final long NEVER = Long.MAX_VALUE;

    /** A change that somebody has begun. */
    public record Change(String key, String value, long begun) {}

    private static final class Key {
        private final Map<String, Long> ends = new HashMap<>(); // by value, when its write was acknowledged
        private long newest = Long.MIN_VALUE; // begin of the newest acknowledged change
    }

    private final Map<String, Key> keys = new ConcurrentHashMap<>();
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();

    private Key of(String key) {
        return keys.computeIfAbsent(key, added -> new Key());
    }

    /** Before a value is sent; the empty one for a delete. */
    public Change begin(String key, String value) {
        Key found = of(key);
        Change change = new Change(key, value, System.nanoTime());
        synchronized (found) {
            if (!value.isEmpty()) {
                found.ends.put(value, NEVER);
            }
        }
        return change;
    }

    public void acknowledged(Change change) {
        acknowledged(change, change.value());
    }

    /** The same for one whose value only its reply tells. */
    public void acknowledged(Change change, String value) {
        Key found = of(change.key());
        long now = System.nanoTime();
        synchronized (found) {
            Long before = value.isEmpty() ? null : found.ends.put(value, now);
            if (before != null && before != NEVER) {
                violations.add("two changes of " + change.key() + " gave " + value);
            }
            found.newest = Math.max(found.newest, change.begun());
        }
    }

    /** When the newest acknowledged change began; to be asked before a read. */
    public long newest(String key) {
        Key found = of(key);
        synchronized (found) {
            return found.newest;
        }
    }

    /** Somebody has read a value; {@code newest} was so when he began. */
    public void read(String key, String value, long newest) {
        Key found = of(key);
        if (value.isEmpty()) {
            violations.add(key + " had a value with nothing in it, which nobody has written");
        }
        synchronized (found) {
            long end = found.ends.getOrDefault(value, NEVER);
            if (end < newest) {
                violations.add(key + " was " + value + ", " + (System.nanoTime() - end) / 1_000
                        + "us after that had been acknowledged, and something newer");
            }
        }
    }

    /** A conditional write has succeeded; {@code newest} was so before it was sent, and its condition was read at {@code readAt}. */
    public void conditionHeld(String key, long readAt, long newest) {
        if (newest > readAt) {
            violations.add(key + " was changed between the read and the write that depended on it");
        }
    }

    public Queue<String> violations() {
        return violations;
    }
}
