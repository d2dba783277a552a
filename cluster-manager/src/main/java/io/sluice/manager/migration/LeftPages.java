package io.sluice.manager.migration;

import io.sluice.manager.store.ConnectionBook;
import io.sluice.manager.store.LeftCargo;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.TopologyStore;
import io.sluice.routing.cluster.Topology;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds what was written down for handoffs that are not there: orders for one that was refused afterwards, or pages that
 * could not be closed. They go when they were found twice, long enough apart that nobody is about to begin one of them,
 * unless they tell of connections that nobody has ended, or of keys that nobody has taken off their target. Used by one
 * thread.
 */
final class LeftPages {

    private static final Duration PERIOD = Duration.ofMinutes(1);

    private final ConnectionBook book;
    private final TopologyStore topologies;
    private final LongSupplier nanos;
    private Set<String> foundBefore = Set.of();
    private long last;

    LeftPages(ConnectionBook book, TopologyStore topologies, LongSupplier nanos) {
        this.book = book;
        this.topologies = topologies;
        this.nanos = nanos;
        this.last = nanos.getAsLong();
    }

    /** Looks, if it is time; {@code now} is what the topology was before this call. */
    void look(Topology now) throws StoreException {
        if (nanos.getAsLong() - last < PERIOD.toNanos()) {
            return;
        }
        last = nanos.getAsLong();
        Set<String> left = new HashSet<>(book.handoffs());
        left.removeAll(underWay(now));
        LeftCargo.find(book, topologies).forEach(cargo -> left.remove(cargo.handoff()));
        for (String handoff : left) {
            if (foundBefore.contains(handoff)) {
                book.closeEmpty(handoff);
            }
        }
        foundBefore = left;
    }

    private static Set<String> underWay(Topology topology) {
        return topology.pools().keySet().stream()
                .flatMap(pool -> topology.slotPool(pool).stream())
                .flatMap(pool -> Stream.concat(pool.handoffs().keySet().stream(), pool.waiting().keySet().stream()))
                .collect(Collectors.toSet());
    }
}
