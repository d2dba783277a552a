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
 */
public record Shard(String name, ServerAddress primary, List<ServerAddress> replicas, SlotSet slots) {

    public static final int MAX_REPLICAS = 16;

    public Shard {
        replicas = List.copyOf(replicas);
    }

    public Shard withServers(ServerAddress newPrimary, List<ServerAddress> newReplicas) {
        return new Shard(name, newPrimary, newReplicas, slots);
    }

    public Shard withSlots(SlotSet newSlots) {
        return new Shard(name, primary, replicas, newSlots);
    }
}
