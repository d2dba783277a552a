package io.sluice.manager.store;

import io.sluice.manager.store.ConnectionBook.Cargo;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that a handoff has brought to a shard which does not own their slots, and of which the book still has the page though
 * the handoff is gone: they are being taken off that shard again, or somebody must begin to.
 *
 * @param handoff the one that is gone
 * @param pool as it stands
 * @param brought all slots of the handoff
 * @param slots those of them whose keys have no business at {@code to}; never empty
 */
public record LeftCargo(String handoff, SlotPool pool, SlotSet brought, SlotSet slots, String from, String to) {

    private static final Logger log = LoggerFactory.getLogger(LeftCargo.class);

    /** All of them. In this order: what has a page was in the topology before, so what is not there now is gone. */
    public static List<LeftCargo> find(ConnectionBook book, TopologyStore topologies) throws StoreException {
        TreeSet<String> gone = new TreeSet<>(book.handoffs());
        if (gone.isEmpty()) {
            return List.of();
        }
        Topology now = topologies.read().topology();
        pools(now).forEach(pool -> {
            gone.removeAll(pool.handoffs().keySet());
            gone.removeAll(pool.waiting().keySet());
        });
        List<LeftCargo> found = new ArrayList<>();
        for (String handoff : gone) {
            cargo(book, handoff).flatMap(cargo -> left(handoff, cargo, now)).ifPresent(found::add);
        }
        return found;
    }

    private static Stream<SlotPool> pools(Topology topology) {
        return topology.pools().keySet().stream().flatMap(name -> topology.slotPool(name).stream());
    }

    /** What cannot be understood stays where it is: keys that nobody asks for. */
    private static Optional<Cargo> cargo(ConnectionBook book, String handoff) throws StoreException {
        try {
            return book.cargo(handoff);
        } catch (StoreException e) {
            if (e.reason() != Reason.BAD_DOCUMENT) {
                throw e;
            }
            log.warn("Keys may be left at a server: handoff={}: {}", handoff, e.getMessage());
            return Optional.empty();
        }
    }

    /** Empty if all keys have arrived, or are another handoff's by now, which clears its target itself. */
    private static Optional<LeftCargo> left(String handoff, Cargo cargo, Topology now) {
        Optional<SlotPool> pool = now.slotPool(cargo.pool());
        Optional<SlotSet> brought =
                pool.flatMap(known -> SlotSet.parse(cargo.slots(), known.hash().slots()));
        if (pool.isEmpty() || brought.isEmpty()) {
            return Optional.empty();
        }
        SlotSet slots = strangersAt(cargo.to(), brought.get(), pool.get());
        return slots.isEmpty()
                ? Optional.empty()
                : Optional.of(new LeftCargo(handoff, pool.get(), brought.get(), slots, cargo.from(), cargo.to()));
    }

    /** Those of the slots that the shard does not own, and that no handoff brings there or takes away; none if it is gone. */
    public static SlotSet strangersAt(String shard, SlotSet slots, SlotPool pool) {
        Optional<Shard> target = pool.shard(shard);
        if (target.isEmpty()) {
            return SlotSet.EMPTY;
        }
        return slots.without(target.get().slots()).without(underwayAt(shard, pool));
    }

    /** What handoffs bring to the shard, or take from it. */
    public static SlotSet underwayAt(String shard, SlotPool pool) {
        return pool.handoffs().values().stream()
                .filter(handoff -> handoff.from().equals(shard) || handoff.to().equals(shard))
                .map(Handoff::slots)
                .reduce(SlotSet.EMPTY, SlotSet::with);
    }
}
