package io.sluice.proxy.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Numbers that one thread raises and any thread reads.
 *
 * <pre>
 *   writer   plain read, add, release store      no lock, no bus-locking instruction: a store as any other on x86
 *   reader   acquire load                        what was counted before is seen before
 * </pre>
 *
 * Cells of different writers never share a cache line.
 */
final class Cells {

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    /** In longs, on either side: two cache lines, since processors fetch them in pairs. */
    private static final int PADDING = 16;

    private final long[] cells;

    Cells(int count) {
        cells = new long[count + 2 * PADDING];
    }

    /** By the one writer only. */
    void add(int index, long amount) {
        int at = PADDING + index;
        CELL.setRelease(cells, at, cells[at] + amount);
    }

    /** The cell of an enum's constant; one for each is what an ordinal is for. */
    @SuppressWarnings("EnumOrdinal")
    void add(Enum<?> which, long amount) {
        add(which.ordinal(), amount);
    }

    @SuppressWarnings("EnumOrdinal")
    long get(Enum<?> which) {
        return get(which.ordinal());
    }

    long get(int index) {
        return (long) CELL.getAcquire(cells, PADDING + index);
    }
}
