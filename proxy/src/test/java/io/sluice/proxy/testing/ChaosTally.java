package io.sluice.proxy.testing;

import io.sluice.proxy.testing.Saboteur.Trouble;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** What happened in a storm, and how long clients had to wait. For any thread. */
public final class ChaosTally {

    private final LongAdder replies = new LongAdder();
    private final LongAdder atEase = new LongAdder();
    private final ConcurrentMap<String, LongAdder> errors = new ConcurrentHashMap<>();
    private final ConcurrentMap<Trouble, LongAdder> troubles = new ConcurrentHashMap<>();
    private final LongAccumulator slowest = new LongAccumulator(Math::max, 0);
    private final LongAccumulator slowestAtEase = new LongAccumulator(Math::max, 0);

    void countTrouble(Trouble trouble) {
        troubles.computeIfAbsent(trouble, its -> new LongAdder()).increment();
    }

    void countError(String kind) {
        errors.computeIfAbsent(kind, its -> new LongAdder()).increment();
    }

    /** @param wellServed whether the client had to do with servers in peace only */
    void countReplies(int count, long waitedNanos, boolean wellServed) {
        replies.add(count);
        slowest.accumulate(waitedNanos);
        if (wellServed) {
            atEase.add(count);
            slowestAtEase.accumulate(waitedNanos);
        }
    }

    public long replies() {
        return replies.sum();
    }

    /** Replies to clients that had to do with servers in peace only. */
    public long repliesAtEase() {
        return atEase.sum();
    }

    /** The longest that any client ever waited for all replies to what it had sent at once. */
    public Duration slowest() {
        return Duration.ofNanos(slowest.get());
    }

    /** How often what happened. */
    public Map<Trouble, Long> troubles() {
        return sums(troubles);
    }

    private static <K> Map<K, Long> sums(Map<K, LongAdder> counters) {
        Map<K, Long> sums = new TreeMap<>();
        counters.forEach((kind, counter) -> sums.put(kind, counter.sum()));
        return sums;
    }

    @Override
    public String toString() {
        return "replies=" + replies + " troubles=" + sums(troubles) + " errors=" + sums(errors) + " slowest="
                + slowest().toMillis() + "ms; clients of servers in peace: replies=" + atEase + " slowest="
                + Duration.ofNanos(slowestAtEase.get()).toMillis() + "ms";
    }
}
