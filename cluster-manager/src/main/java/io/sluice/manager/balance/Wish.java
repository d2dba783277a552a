package io.sluice.manager.balance;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How slots shall be shared out.
 *
 * @param measure what counts
 * @param weights of shards by their names; those that are not named have 1
 * @param leaving the shard that gives all it has to the others, which keep what they have; null to level all of them
 */
public record Wish(
        Measure measure,
        Map<String, Integer> weights,
        @Nullable String leaving) {

    public static final int MAX_WEIGHT = 1000;

    /** All shards alike. */
    public static final Wish EVEN = new Wish(Measure.SLOTS, Map.of(), null);

    public Wish {
        weights = Map.copyOf(weights);
    }

    /** All of one shard to those that have least. */
    public static Wish without(String shard) {
        return new Wish(Measure.SLOTS, Map.of(), shard);
    }

    int weight(String shard) {
        return weights.getOrDefault(shard, 1);
    }
}
