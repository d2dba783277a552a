package io.sluice.manager.change;

import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Slots that shards own after a change and did not own before. */
final class GainedSlots {

    private GainedSlots() {}

    /** By {@link #place}; those that gain nothing are left out. */
    static Map<String, SlotSet> between(Topology before, Topology after) {
        Map<String, SlotSet> gained = new HashMap<>();
        for (String name : after.pools().keySet()) {
            Optional<SlotPool> old = before.slotPool(name);
            after.slotPool(name)
                    .ifPresent(pool -> pool.shards().values().forEach(shard -> {
                        SlotSet owned = old.flatMap(known -> known.shard(shard.name()))
                                .map(Shard::slots)
                                .orElse(SlotSet.EMPTY);
                        SlotSet more = shard.slots().without(owned);
                        if (!more.isEmpty()) {
                            gained.put(place(name, shard.name()), more);
                        }
                    }));
        }
        return gained;
    }

    /** A shard of all pools; names have no slash. */
    static String place(String pool, String shard) {
        return pool + "/" + shard;
    }
}
