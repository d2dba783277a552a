package io.sluice.manager.change;

import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What changes within a pool of slots. */
final class SlotPoolDiff {

    private final SlotPool before;
    private final SlotPool after;
    private final String prefix;
    private final List<String> lines;

    private SlotPoolDiff(SlotPool before, SlotPool after, List<String> lines) {
        this.before = before;
        this.after = after;
        this.prefix = "pool " + after.name() + ": ";
        this.lines = lines;
    }

    static void between(SlotPool before, SlotPool after, List<String> lines, List<String> warnings) {
        SlotPoolDiff diff = new SlotPoolDiff(before, after, lines);
        diff.shards();
        diff.slots();
        diff.handoffs();
        diff.waiting();
        warnOfUnowned(after, warnings);
        diff.warnOfPromotions(warnings);
    }

    /** All of a pool that is new. */
    static void of(SlotPool pool, List<String> lines, List<String> warnings) {
        pool.shards()
                .values()
                .forEach(shard -> lines.add(
                        "+ pool " + pool.name() + ": shard " + shard.name() + ": " + PoolText.described(shard)));
        warnOfUnowned(pool, warnings);
    }

    private static void warnOfUnowned(SlotPool pool, List<String> warnings) {
        SlotSet unowned = pool.unowned();
        if (pool.shards().isEmpty()) {
            warnings.add("pool " + pool.name() + ": it has no shard yet, so every request gets an error");
        } else if (!unowned.isEmpty()) {
            warnings.add("pool " + pool.name() + ": " + PoolText.described(unowned)
                    + " would have no owner: requests for their keys get an error");
        }
    }

    private void shards() {
        after.shards()
                .forEach((name, shard) -> before.shard(name)
                        .ifPresentOrElse(
                                old -> servers(old, shard),
                                () -> lines.add("+ " + prefix + "shard " + name + ": " + PoolText.described(shard))));
        before.shards().forEach((name, shard) -> {
            if (after.shard(name).isEmpty()) {
                lines.add("- " + prefix + "shard " + name + ": " + PoolText.described(shard));
            }
        });
    }

    private void servers(Shard old, Shard now) {
        String shard = prefix + "shard " + now.name() + ": ";
        if (!old.primary().equals(now.primary())) {
            lines.add("~ " + shard + "primary " + old.primary() + " -> " + now.primary());
        }
        if (old.draining() != now.draining()) {
            lines.add("~ " + shard + (now.draining() ? "is drained, then removed" : "is not drained any more"));
        }
        List<ServerAddress> gone = new ArrayList<>(old.replicas());
        gone.removeAll(now.replicas());
        List<ServerAddress> come = new ArrayList<>(now.replicas());
        come.removeAll(old.replicas());
        come.forEach(server -> lines.add("+ " + shard + "replica " + server));
        gone.forEach(server -> lines.add("- " + shard + "replica " + server));
    }

    /** One line for each pair of shards that slots go between. */
    private void slots() {
        for (Shard from : before.shards().values()) {
            SlotSet left = from.slots();
            for (Shard to : after.shards().values()) {
                if (!to.name().equals(from.name())) {
                    moved(left.without(left.without(to.slots())), from.name(), to.name());
                }
                left = left.without(to.slots());
            }
            moved(left, from.name(), "nobody");
        }
        SlotSet unowned = before.unowned();
        after.shards().values().stream()
                .filter(shard -> before.shard(shard.name()).isPresent()) // the line of a new one tells its slots
                .forEach(to -> moved(unowned.without(unowned.without(to.slots())), "nobody", to.name()));
    }

    private void moved(SlotSet slots, String from, String to) {
        if (!slots.isEmpty()) {
            lines.add("~ " + prefix + PoolText.described(slots) + ": " + from + " -> " + to);
        }
    }

    private void handoffs() {
        after.handoffs().forEach((id, handoff) -> {
            if (before.handoff(id).isEmpty()) {
                lines.add("+ " + prefix + PoolText.described(handoff));
            } else if (!Objects.equals(before.handoff(id).get(), handoff)) {
                lines.add("~ " + prefix + PoolText.described(handoff));
            }
        });
        before.handoffs().forEach((id, handoff) -> {
            if (after.handoff(id).isEmpty()) {
                lines.add("- " + prefix + PoolText.described(handoff));
            }
        });
    }

    /** One that has begun is told as a handoff. */
    private void waiting() {
        after.waiting().forEach((id, move) -> {
            if (!move.equals(before.waiting().get(id))) {
                lines.add("+ " + prefix + PoolText.described(move));
            }
        });
        before.waiting().forEach((id, move) -> {
            if (!after.waiting().containsKey(id) && after.handoff(id).isEmpty()) {
                lines.add("- " + prefix + PoolText.described(move));
            }
        });
    }

    private void warnOfPromotions(List<String> warnings) {
        after.shards()
                .forEach((name, shard) -> before.shard(name)
                        .filter(old -> old.replicas().contains(shard.primary())
                                && !shard.slots().isEmpty())
                        .ifPresent(old ->
                                warnings.add(prefix + "shard " + name + ": only the topology changes. Writes go to "
                                        + shard.primary()
                                        + ", which must be a primary by then (REPLICAOF NO ONE), and has what "
                                        + old.primary() + " replicated to it; the rest is not seen again")));
    }
}
