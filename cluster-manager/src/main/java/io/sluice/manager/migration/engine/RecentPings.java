package io.sluice.manager.migration.engine;

import java.util.Arrays;

/**
 * How long the last PINGs took, and how much of that is the target's doing: a manager that is short of CPU wakes up late for
 * every answer, and for everything else. By how much, its sleeps between the PINGs tell. Not thread-safe.
 */
final class RecentPings {

    /** Two seconds of them. */
    static final int MOST = 100;

    private static final int PERCENTILE = 99;

    private final long[] took = new long[MOST];
    private final long[] late = new long[MOST];
    private int count;

    /**
     * One more.
     *
     * @param tookNanos from the question to the answer
     * @param lateNanos by how much the sleep after it was longer than wanted; below 0 if somebody ended it early
     */
    void add(long tookNanos, long lateNanos) {
        took[count % MOST] = tookNanos;
        late[count % MOST] = Math.max(0, lateNanos);
        count++;
    }

    int count() {
        return count;
    }

    /** The 99th percentile, in nanoseconds. */
    long percentile() {
        return percentile(took);
    }

    /** The same without what this process was late by; below 0 if it was late by more. */
    long slowness() {
        return percentile(took) - percentile(late);
    }

    private long percentile(long[] of) {
        int size = Math.min(count, MOST);
        long[] sorted = Arrays.copyOf(of, size);
        Arrays.sort(sorted);
        return size == 0 ? 0 : sorted[(size - 1) * PERCENTILE / 100];
    }
}
