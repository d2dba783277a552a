package io.sluice.routing.cluster;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Who owns what in a cluster, at one epoch.
 *
 * @param epoch grows by one with every change, from 1; 0 is a cluster of which nothing has been written yet
 * @param term that of the manager who wrote it; grows with every new leader
 * @param pools by name, in the order of the document
 */
public record Topology(long epoch, long term, Map<String, TopologyPool> pools) {

    /** Of a cluster of which nothing has been written yet. */
    public static final Topology NONE = new Topology(0, 0, Map.of());

    public Topology {
        pools = Collections.unmodifiableMap(new LinkedHashMap<>(pools));
    }

    public Optional<TopologyPool> pool(String name) {
        return Optional.ofNullable(pools.get(name));
    }

    /** The pool, if it has slots. */
    public Optional<SlotPool> slotPool(String name) {
        return pool(name).filter(SlotPool.class::isInstance).map(SlotPool.class::cast);
    }

    /** The same, at another epoch. */
    public Topology at(long newEpoch, long newTerm) {
        return new Topology(newEpoch, newTerm, pools);
    }

    public Topology withPool(TopologyPool pool) {
        Map<String, TopologyPool> changed = new LinkedHashMap<>(pools);
        changed.put(pool.name(), pool);
        return new Topology(epoch, term, changed);
    }

    public Topology withoutPool(String name) {
        Map<String, TopologyPool> changed = new LinkedHashMap<>(pools);
        changed.remove(name);
        return new Topology(epoch, term, changed);
    }

    /** The pool, if it is a ring. */
    public Optional<RingPool> ringPool(String name) {
        return pool(name).filter(RingPool.class::isInstance).map(RingPool.class::cast);
    }

    /** Whether any ring is on its way to other servers. */
    public boolean hasRingChanges() {
        return pools.values().stream()
                .anyMatch(
                        pool -> pool instanceof RingPool ring && ring.underway().isPresent());
    }

    /** Whether any slots are on their way. */
    public boolean hasHandoffs() {
        return pools.values().stream()
                .anyMatch(pool ->
                        pool instanceof SlotPool slots && !slots.handoffs().isEmpty());
    }
}
