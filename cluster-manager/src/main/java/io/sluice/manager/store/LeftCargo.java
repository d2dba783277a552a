package io.sluice.manager.store;

import io.sluice.manager.store.ConnectionBook.Cargo;
import io.sluice.manager.store.StoreException.Reason;
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
 */
public record LeftCargo(String handoff, SlotPool pool, SlotSet slots, String from, String to) {

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

    /** Empty if the keys have arrived, or if they are another handoff's by now, which clears its target itself. */
    private static Optional<LeftCargo> left(String handoff, Cargo cargo, Topology now) {
        Optional<SlotPool> pool = now.slotPool(cargo.pool());
        Optional<Shard> target = pool.flatMap(known -> known.shard(cargo.to()));
        Optional<SlotSet> slots =
                pool.flatMap(known -> SlotSet.parse(cargo.slots(), known.hash().slots()));
        if (pool.isEmpty()
                || target.isEmpty()
                || slots.isEmpty()
                || target.get().slots().intersects(slots.get())
                || isOnItsWayAgain(pool.get(), cargo.to(), slots.get())) {
            return Optional.empty();
        }
        return Optional.of(new LeftCargo(handoff, pool.get(), slots.get(), cargo.from(), cargo.to()));
    }

    private static boolean isOnItsWayAgain(SlotPool pool, String shard, SlotSet slots) {
        return pool.handoffs().values().stream()
                .anyMatch(handoff -> handoff.slots().intersects(slots)
                        && (handoff.from().equals(shard) || handoff.to().equals(shard)));
    }
}
