package io.sluice.routing.cluster;

import io.sluice.routing.topology.ServerAddress;
import java.util.List;

/**
 * One part of a slot pool: a primary, and replicas that may take its place.
 *
 * @param name what people call it; stays when the primary changes
 * @param primary where writes go
 * @param replicas in no order that matters; a document with more than {@value #MAX_REPLICAS} is refused
 * @param slots those it owns
 * @param draining whether all of them are to go to others, and then the shard itself; proxies pass it over
 */
public record Shard(String name, ServerAddress primary, List<ServerAddress> replicas, SlotSet slots, boolean draining) {

    public static final int MAX_REPLICAS = 16;

    public Shard {
        replicas = List.copyOf(replicas);
    }

    /** One that stays. */
    public Shard(String name, ServerAddress primary, List<ServerAddress> replicas, SlotSet slots) {
        this(name, primary, replicas, slots, false);
    }

    public Shard withServers(ServerAddress newPrimary, List<ServerAddress> newReplicas) {
        return new Shard(name, newPrimary, newReplicas, slots, draining);
    }

    public Shard withSlots(SlotSet newSlots) {
        return new Shard(name, primary, replicas, newSlots, draining);
    }

    public Shard withDraining(boolean isDraining) {
        return new Shard(name, primary, replicas, slots, isDraining);
    }
}
