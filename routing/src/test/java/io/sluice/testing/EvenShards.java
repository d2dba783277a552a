package io.sluice.testing;

import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Redis servers of this machine as shards s0, s1 and so on, which own the slots of a pool evenly; and what lies on them. */
public final class EvenShards {

    private static final SlotHash HASH = SlotHash.REDIS_CLUSTER;

    private EvenShards() {}

    /** With one pool, which has a shard on each of these ports. */
    public static Topology topology(String pool, List<Integer> ports) {
        Map<String, Shard> shards = new LinkedHashMap<>();
        for (int i = 0; i < ports.size(); i++) {
            SlotSet slots = SlotSet.range(i * HASH.slots() / ports.size(), (i + 1) * HASH.slots() / ports.size() - 1);
            ServerAddress primary = ServerAddress.tcp("127.0.0.1", ports.get(i));
            shards.put("s" + i, new Shard("s" + i, primary, List.of(), slots));
        }
        return Topology.NONE.withPool(new SlotPool(pool, PoolProtocol.REDIS, HASH, shards, Map.of()));
    }

    public static int slotOf(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.ISO_8859_1);
        return HASH.slotOf(bytes, 0, bytes.length);
    }

    /** All that a server has. */
    public static List<String> keys(RedisServer server) throws IOException {
        try (RespClient client = server.connect()) {
            return client.call("KEYS", "*") instanceof List<?> all
                    ? all.stream().map(String::valueOf).toList()
                    : List.of();
        }
    }

    /**
     * Keys that lie on a server whose shard does not own their slot now, as {@code s0: key (slot 7)}.
     *
     * @param servers in the order of the shards; one whose shard is gone owns nothing
     */
    public static List<String> keysInTheWrongPlace(SlotPool pool, List<RedisServer> servers) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < servers.size(); i++) {
            SlotSet owned = pool.shard("s" + i).map(Shard::slots).orElse(SlotSet.EMPTY);
            for (String key : keys(servers.get(i))) {
                int slot = slotOf(key);
                if (!owned.contains(slot)) {
                    wrong.add("s" + i + ": " + key + " (slot " + slot + ")");
                }
            }
        }
        return wrong;
    }
}
