package io.sluice.manager.store;

import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.util.List;
import java.util.Map;

/** Topologies that tests write. */
public final class TestTopologies {

    private TestTopologies() {}

    /** One pool with one shard that owns everything; {@code port} tells one from another. */
    public static Topology withPrimaryAt(int port) {
        return Topology.NONE.withPool(new SlotPool(
                "alpha", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, Map.of("s1", shard("s1", port)), Map.of()));
    }

    public static int primaryPort(Topology topology) {
        return topology.slotPool("alpha")
                .flatMap(pool -> pool.shard("s1"))
                .orElseThrow()
                .primary()
                .port();
    }

    /** One with two shards, of which the first gives some slots away, and nobody serves them. */
    static Topology frozen(String handoff) {
        SlotPool pool = new SlotPool("alpha", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, Map.of(), Map.of())
                .withShard(shard("s1", 7001))
                .withShard(shard("s2", 7002).withSlots(SlotSet.EMPTY))
                .withHandoff(Handoff.begin(handoff, SlotSet.range(0, 9), "s1", "s2", 1)
                        .in(HandoffState.FREEZE));
        return Topology.NONE.withPool(pool);
    }

    /** One whose document is larger than what is written. */
    static Topology tooLarge() {
        SlotPool pool = new SlotPool("alpha", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, Map.of(), Map.of());
        for (int i = 0; i < 4_000; i++) {
            String name = "shard-" + i + "-" + "x".repeat(50);
            List<ServerAddress> replicas = java.util.stream.IntStream.range(0, 8)
                    .mapToObj(replica -> ServerAddress.tcp("replica-" + replica + "-of-" + name, 7000))
                    .toList();
            pool = pool.withShard(
                    new Shard(name, ServerAddress.tcp("primary-of-" + name, 6379), replicas, SlotSet.range(i, i)));
        }
        return Topology.NONE.withPool(pool);
    }

    /** One with two owners of the same slots. */
    static Topology contradictory() {
        return Topology.NONE.withPool(new SlotPool(
                "alpha",
                PoolProtocol.REDIS,
                SlotHash.REDIS_CLUSTER,
                Map.of("s1", shard("s1", 7001), "s2", shard("s2", 7002)),
                Map.of()));
    }

    private static Shard shard(String name, int port) {
        return new Shard(name, ServerAddress.tcp("127.0.0.1", port), List.of(), SlotSet.range(0, 16_383));
    }
}
