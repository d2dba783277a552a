package io.sluice.manager.balance;

import io.sluice.routing.cluster.SlotSet;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Takes slots that together count a given amount, in as few and as long ranges as there are. Pure. */
final class SlotWindows {

    /** For what the sum of many fractions is off by. */
    private static final double ROUNDING = 1e-6;

    /**
     * Neighbouring slots.
     *
     * @param end behind the last
     * @param run how many neighbours there are to choose from: what is left of a short run is no loss
     */
    private record Window(int first, int end, double worth, int run) {

        int size() {
            return end - first;
        }
    }

    private final BitSet slots;
    private final double[] costs;
    private final double slack;

    private SlotWindows(SlotSet slots, double[] costs, double slack) {
        this.slots = slots.toBits();
        this.costs = costs;
        this.slack = slack;
    }

    /** Some of these, worth at most the amount, and less by more than {@code slack} only if nothing else fits. */
    static SlotSet worth(double amount, SlotSet slots, double[] costs, double slack) {
        SlotWindows windows = new SlotWindows(slots, costs, slack);
        SlotSet taken = SlotSet.EMPTY;
        double rest = amount;
        while (rest > slack + ROUNDING) {
            Window window = windows.best(rest);
            if (window == null) {
                return taken;
            }
            taken = taken.with(SlotSet.range(window.first, window.end - 1));
            windows.slots.clear(window.first, window.end);
            rest -= window.worth;
        }
        return taken;
    }

    private @Nullable Window best(double rest) {
        Window best = null;
        for (int first = slots.nextSetBit(0); first >= 0; ) {
            int end = slots.nextClearBit(first);
            best = bestOfRun(first, end, rest, best);
            first = slots.nextSetBit(end);
        }
        return best;
    }

    private @Nullable Window bestOfRun(int from, int to, double rest, @Nullable Window before) {
        Window best = before;
        int first = from;
        double worth = 0;
        for (int last = from; last < to; last++) {
            worth += costs[last];
            while (first <= last && (worth > rest + ROUNDING || costs[first] == 0)) {
                worth -= costs[first++];
            }
            if (first <= last) {
                Window window = new Window(first, last + 1, worth, to - from);
                best = best == null || isBetter(window, best, rest) ? window : best;
            }
        }
        return best;
    }

    /** Enough is best with few slots, and out of a short run; too little is the better the more it is. */
    private boolean isBetter(Window window, Window best, double rest) {
        boolean isEnough = window.worth >= rest - slack - ROUNDING;
        boolean wasEnough = best.worth >= rest - slack - ROUNDING;
        if (isEnough != wasEnough) {
            return isEnough;
        }
        if (isEnough) {
            return window.size() < best.size() || (window.size() == best.size() && window.run < best.run);
        }
        return window.worth > best.worth + ROUNDING
                || (window.worth > best.worth - ROUNDING && window.size() < best.size());
    }
}
