package io.sluice.routing.cluster;

import io.sluice.routing.config.ScalarType;
import java.util.BitSet;
import java.util.Optional;
import java.util.StringJoiner;

/** Some of the slots of a pool. Immutable. */
public final class SlotSet {

    /** Pools have 1024 or 16384 slots. */
    public static final int MAX_SLOTS = 16_384;

    public static final SlotSet EMPTY = new SlotSet(new BitSet());

    private final BitSet slots;

    private SlotSet(BitSet slots) {
        this.slots = slots;
    }

    /** A copy of these. */
    public static SlotSet of(BitSet slots) {
        return new SlotSet((BitSet) slots.clone());
    }

    /** All from {@code first} to {@code last}, both included. */
    public static SlotSet range(int first, int last) {
        BitSet slots = new BitSet();
        slots.set(first, last + 1);
        return new SlotSet(slots);
    }

    /**
     * Reads slots and ranges with commas between them, such as {@code 0-8191, 9000}. Empty if the text is something
     * else, names a slot twice, or one that is not less than {@code slotCount}. An empty text is no slot.
     */
    public static Optional<SlotSet> parse(String text, int slotCount) {
        BitSet slots = new BitSet(slotCount);
        if (text.isBlank()) {
            return Optional.of(EMPTY);
        }
        int from = 0;
        while (from <= text.length()) {
            int comma = text.indexOf(',', from);
            int to = comma < 0 ? text.length() : comma;
            if (!addRange(text.substring(from, to).strip(), slotCount, slots)) {
                return Optional.empty();
            }
            from = to + 1;
        }
        return Optional.of(new SlotSet(slots));
    }

    private static boolean addRange(String text, int slotCount, BitSet slots) {
        int dash = text.indexOf('-');
        Optional<Integer> first = slot(dash < 0 ? text : text.substring(0, dash).strip(), slotCount);
        Optional<Integer> last =
                dash < 0 ? first : slot(text.substring(dash + 1).strip(), slotCount);
        if (first.isEmpty() || last.isEmpty() || first.get() > last.get()) {
            return false;
        }
        int taken = slots.nextSetBit(first.get());
        if (taken >= 0 && taken <= last.get()) {
            return false;
        }
        slots.set(first.get(), last.get() + 1);
        return true;
    }

    private static Optional<Integer> slot(String text, int slotCount) {
        return ScalarType.wholeNumber(text, 0, slotCount - 1);
    }

    public boolean contains(int slot) {
        return slots.get(slot);
    }

    public boolean isEmpty() {
        return slots.isEmpty();
    }

    public int size() {
        return slots.cardinality();
    }

    /** The first of those from {@code slot} on, or -1. */
    public int next(int slot) {
        return slots.nextSetBit(slot);
    }

    public boolean intersects(SlotSet other) {
        return slots.intersects(other.slots);
    }

    public boolean containsAll(SlotSet other) {
        return other.without(this).isEmpty();
    }

    public SlotSet with(SlotSet others) {
        BitSet union = (BitSet) slots.clone();
        union.or(others.slots);
        return new SlotSet(union);
    }

    public SlotSet without(SlotSet others) {
        BitSet rest = (BitSet) slots.clone();
        rest.andNot(others.slots);
        return new SlotSet(rest);
    }

    /** A copy, for whoever counts with bits. */
    public BitSet toBits() {
        return (BitSet) slots.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SlotSet set && slots.equals(set.slots);
    }

    @Override
    public int hashCode() {
        return slots.hashCode();
    }

    /** As {@link #parse} reads it: {@code 0-8191,9000}. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(",");
        for (int first = slots.nextSetBit(0); first >= 0; ) {
            int end = slots.nextClearBit(first);
            text.add(end == first + 1 ? Integer.toString(first) : first + "-" + (end - 1));
            first = slots.nextSetBit(end);
        }
        return text.toString();
    }
}
