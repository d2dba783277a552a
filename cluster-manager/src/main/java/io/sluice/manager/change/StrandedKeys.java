package io.sluice.manager.change;

import io.sluice.routing.KeyShift;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyPool;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.Server;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Keys that would be looked for at another server than the one that has them, since a change of the topology moves
 * none. Pools that speak memcache are caches: they get a warning. For the others somebody must say that it is meant.
 */
final class StrandedKeys {

    private StrandedKeys() {}

    /** The topology, unless keys would be stranded and nobody said that this is meant. */
    static Topology unlessStranded(Topology before, Topology after, boolean force) throws ChangeRefusedException {
        List<String> reasons = new ArrayList<>();
        before.pools().forEach((name, pool) -> {
            if (!force && pool.protocol() != PoolProtocol.MEMCACHE) {
                after.pool(name)
                        .map(now -> between(pool, now))
                        .orElseGet(() -> ofRemoved(pool))
                        .ifPresent(reason -> reasons.add(reason + " If that is meant, say force (ctl: --force)."));
            }
        });
        if (!reasons.isEmpty()) {
            throw new ChangeRefusedException(reasons);
        }
        return after;
    }

    /** What would happen, in one sentence; empty if every key that has a server keeps it. */
    static Optional<String> between(TopologyPool before, TopologyPool after) {
        Optional<String> byPlace = byPlace(before, after);
        return byPlace.isPresent() ? byPlace : strangers(before, after);
    }

    private static Optional<String> byPlace(TopologyPool before, TopologyPool after) {
        if (before instanceof SlotPool old && after instanceof SlotPool now && old.hash() == now.hash()) {
            return ofSlots(old, now);
        }
        if (before.definition().servers().isEmpty()) {
            return Optional.empty();
        }
        boolean sameTag =
                Objects.equals(before.definition().hashTag(), after.definition().hashTag());
        double share = KeyShift.between(before.definition(), after.definition());
        if (share == 0 && sameTag) {
            return Optional.empty();
        }
        String keys = PoolText.percent(share) + " of the keys" + (sameTag ? "" : ", and those with a hash tag,");
        return Optional.of("pool " + before.name() + ": " + keys + " would be looked for at another server; what is"
                + " stored stays where it is, and is not found there.");
    }

    private static Optional<String> ofSlots(SlotPool before, SlotPool after) {
        SlotSet stranded = SlotSet.EMPTY;
        for (Shard shard : before.shards().values()) {
            SlotSet kept = after.shard(shard.name()).map(Shard::slots).orElse(SlotSet.EMPTY);
            stranded = stranded.with(shard.slots().without(kept));
        }
        return stranded.isEmpty()
                ? Optional.empty()
                : Optional.of("pool " + before.name() + ": " + PoolText.described(stranded) + ", "
                        + PoolText.percent(
                                (double) stranded.size() / before.hash().slots())
                        + " of all, would change hands, and their keys would not: what is stored stays at the old"
                        + " owner, and is not found at the new one.");
    }

    /** A place keeps its name, and gets a server that has never had its keys. */
    private static Optional<String> strangers(TopologyPool before, TopologyPool after) {
        List<String> strangers = before instanceof SlotPool old && after instanceof SlotPool now
                ? strangePrimaries(old, now)
                : strangeAddresses(before, after);
        return strangers.isEmpty()
                ? Optional.empty()
                : Optional.of("pool " + before.name() + ": " + String.join(", ", strangers)
                        + ": what is stored stays where it is, and is not found there.");
    }

    private static List<String> strangePrimaries(SlotPool before, SlotPool after) {
        List<String> strangers = new ArrayList<>();
        for (Shard old : before.shards().values()) {
            after.shard(old.name())
                    .filter(now -> !old.slots().isEmpty()
                            && !now.primary().equals(old.primary())
                            && !old.replicas().contains(now.primary()))
                    .ifPresent(now -> strangers.add("shard " + old.name() + " would get the primary " + now.primary()
                            + ", which was no server of it"));
        }
        return strangers;
    }

    private static List<String> strangeAddresses(TopologyPool before, TopologyPool after) {
        List<String> strangers = new ArrayList<>();
        for (Server old : before.definition().servers()) {
            after.definition().servers().stream()
                    .filter(now ->
                            now.name().equals(old.name()) && !now.address().equals(old.address()))
                    .forEach(now -> strangers.add(
                            "server " + old.name() + " would be " + now.address() + " and no longer " + old.address()));
        }
        return strangers;
    }

    private static Optional<String> ofRemoved(TopologyPool pool) {
        boolean hasKeys = !(pool instanceof SlotPool slots)
                || slots.shards().values().stream()
                        .anyMatch(shard -> !shard.slots().isEmpty());
        return hasKeys
                ? Optional.of("pool " + pool.name() + " has servers with keys, which nobody could ask for any more.")
                : Optional.empty();
    }
}
