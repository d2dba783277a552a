package io.sluice.manager.failover;

import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.RedisServer;
import java.util.Arrays;
import java.util.Map;

/** A cluster of one pool, {@code cache}, with one shard, {@code s1}. */
final class Topologies {

    private Topologies() {}

    static Topology of(RedisServer primary, RedisServer... replicas) {
        Shard shard = new Shard(
                "s1",
                address(primary),
                Arrays.stream(replicas).map(Topologies::address).toList(),
                SlotSet.range(0, SlotHash.REDIS_CLUSTER.slots() - 1));
        SlotPool pool =
                new SlotPool("cache", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, Map.of("s1", shard), Map.of());
        return new Topology(1, 1, Map.of("cache", pool));
    }

    static ServerAddress address(RedisServer server) {
        return ServerAddress.tcp("127.0.0.1", server.port());
    }

    static Shard shard(Topology topology) {
        return topology.slotPool("cache").flatMap(pool -> pool.shard("s1")).orElseThrow();
    }
}
