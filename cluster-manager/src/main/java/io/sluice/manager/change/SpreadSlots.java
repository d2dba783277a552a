package io.sluice.manager.change;

import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** The slots that nobody owns are given to the shards, so that all have about as many; what has an owner keeps it. */
public record SpreadSlots(String pool) implements TopologyChange {

    @Override
    public String title() {
        return "slots assign --free in " + pool;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        SlotPool found = Inventory.slotPool(before, pool, "");
        List<Shard> staying = found.shards().values().stream()
                .filter(shard ->
                        !shard.draining() && found.replacing(shard.name()).isEmpty())
                .toList();
        if (staying.isEmpty()) {
            throw new ChangeRefusedException(
                    "pool '" + pool + "' has no shard yet that could get slots; add one with 'shard add'");
        }
        return before.withPool(spread(found, staying));
    }

    private static SlotPool spread(SlotPool before, List<Shard> staying) {
        SlotPool after = before;
        BitSet left = before.unowned().toBits();
        List<Integer> shares = shares(staying, left.cardinality());
        int index = 0;
        for (Shard shard : staying) {
            BitSet share = firstOf(left, shares.get(index++));
            left.andNot(share);
            after = after.withShard(shard.withSlots(shard.slots().with(SlotSet.of(share))));
        }
        return after;
    }

    /** How many each shard gets: one after the other goes to the one that has fewest by then, the first of equals. */
    private static List<Integer> shares(List<Shard> shards, int free) {
        List<Integer> owned = new ArrayList<>();
        shards.forEach(shard -> owned.add(shard.slots().size()));
        int level = level(owned, free);
        int rest = free
                - owned.stream().mapToInt(size -> Math.max(0, level - size)).sum();
        List<Integer> shares = new ArrayList<>();
        for (int size : owned) {
            boolean oneMore = rest > 0 && size <= level;
            shares.add(Math.max(0, level - size) + (oneMore ? 1 : 0));
            rest -= oneMore ? 1 : 0;
        }
        return shares;
    }

    /** The highest number of slots to which all that have fewer can be filled up. */
    private static int level(List<Integer> owned, int free) {
        int low = 0;
        int high = SlotSet.MAX_SLOTS;
        while (low < high) {
            int level = (low + high + 1) / 2;
            int needed =
                    owned.stream().mapToInt(size -> Math.max(0, level - size)).sum();
            if (needed <= free) {
                low = level;
            } else {
                high = level - 1;
            }
        }
        return low;
    }

    private static BitSet firstOf(BitSet slots, int count) {
        BitSet first = new BitSet();
        int slot = slots.nextSetBit(0);
        for (int i = 0; i < count; i++) {
            first.set(slot);
            slot = slots.nextSetBit(slot + 1);
        }
        return first;
    }
}
