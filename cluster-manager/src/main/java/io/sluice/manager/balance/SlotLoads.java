package io.sluice.manager.balance;

import io.sluice.routing.cluster.SlotSet;
import java.util.List;

/**
 * What is stored in the slots of a pool, as far as its servers told; estimates, unless a note says that all was counted.
 * Not a number stands for what is not known.
 */
public final class SlotLoads {

    private final double[] keys;
    private final double[] bytes;
    private final List<String> silent;
    private final List<String> notes;

    /**
     * Keeps the arrays.
     *
     * @param keys of each slot
     * @param bytes of each slot
     * @param silent the shards that told nothing, each with the reason
     * @param notes how the numbers came about, for people
     */
    SlotLoads(double[] keys, double[] bytes, List<String> silent, List<String> notes) {
        this.keys = keys;
        this.bytes = bytes;
        this.silent = List.copyOf(silent);
        this.notes = List.copyOf(notes);
    }

    List<String> silent() {
        return silent;
    }

    List<String> notes() {
        return notes;
    }

    /** What each slot counts; a slot without a number counts nothing. */
    double[] costs(Measure measure) {
        double[] costs = new double[keys.length];
        for (int slot = 0; slot < costs.length; slot++) {
            double cost = switch (measure) {
                case SLOTS -> 1;
                case MEMORY -> bytes[slot];
                case KEYS -> keys[slot];
            };
            costs[slot] = Double.isNaN(cost) ? 0 : cost;
        }
        return costs;
    }

    double keysOf(SlotSet slots) {
        return sum(keys, slots);
    }

    double bytesOf(SlotSet slots) {
        return sum(bytes, slots);
    }

    static double sum(double[] of, SlotSet slots) {
        double sum = 0;
        for (int slot = slots.next(0); slot >= 0; slot = slots.next(slot + 1)) {
            sum += of[slot];
        }
        return sum;
    }
}
