package io.sluice.manager.change;

import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyPool;
import java.util.ArrayList;
import java.util.List;

/**
 * What another topology changes, for people.
 *
 * @param lines one for each change: {@code +} what comes, {@code -} what goes, {@code ~} what is different; none if both
 *     say the same
 * @param warnings what to think of first
 */
public record TopologyDiff(List<String> lines, List<String> warnings) {

    public TopologyDiff {
        lines = List.copyOf(lines);
        warnings = List.copyOf(warnings);
    }

    /** Compares the pools; epoch and term do not matter. */
    public static TopologyDiff between(Topology before, Topology after) {
        List<String> lines = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        after.pools()
                .forEach((name, pool) -> before.pool(name)
                        .ifPresentOrElse(
                                old -> compare(old, pool, lines, warnings), () -> added(pool, lines, warnings)));
        before.pools().forEach((name, pool) -> {
            if (!after.pools().containsKey(name)) {
                lines.add("- pool " + name + ": " + PoolText.described(pool));
                warnings.add("pool " + name + ": where a proxy still listens for it, its clients get errors");
            }
        });
        if (!lines.isEmpty()) {
            warnings.addAll(SharedServers.between(before, after));
        }
        return new TopologyDiff(lines, warnings);
    }

    private static void added(TopologyPool pool, List<String> lines, List<String> warnings) {
        lines.add("+ pool " + pool.name() + ": " + PoolText.described(pool));
        if (pool instanceof SlotPool slots) {
            SlotPoolDiff.of(slots, lines, warnings);
        } else if (pool instanceof RingPool ring) {
            RingPoolDiff.of(ring, lines, warnings);
        }
    }

    private static void compare(TopologyPool before, TopologyPool after, List<String> lines, List<String> warnings) {
        if (before.equals(after)) {
            return;
        }
        if (before.protocol() != after.protocol()) {
            lines.add("~ pool " + after.name() + ": protocol "
                    + before.protocol().word() + " -> " + after.protocol().word());
            warnings.add("pool " + after.name() + ": a proxy that listens for "
                    + before.protocol().word() + " refuses the whole topology");
        }
        if (before instanceof SlotPool old && after instanceof SlotPool now && old.hash() == now.hash()) {
            SlotPoolDiff.between(old, now, lines, warnings);
        } else if (before instanceof RingPool old && after instanceof RingPool now) {
            RingPoolDiff.between(old, now, lines, warnings);
        } else {
            lines.add("~ pool " + after.name() + ": " + PoolText.rule(before) + " -> " + PoolText.rule(after));
            added(after, lines, warnings);
        }
        if (!RingChangeDiff.isStep(before, after)) {
            StrandedKeys.between(before, after).ifPresent(warnings::add);
        }
    }
}
