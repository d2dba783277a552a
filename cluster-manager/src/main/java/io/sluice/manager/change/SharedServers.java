package io.sluice.manager.change;

import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyPool;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Servers that a change gives to a second pool: what both call by one name would be one key. */
final class SharedServers {

    private SharedServers() {}

    static List<String> between(Topology before, Topology after) {
        List<String> warnings = new ArrayList<>();
        Map<ServerAddress, String> first = new HashMap<>();
        for (TopologyPool pool : after.pools().values()) {
            Set<ServerAddress> old =
                    before.pool(pool.name()).map(SharedServers::servers).orElse(Set.of());
            for (ServerAddress server : servers(pool)) {
                String other = first.putIfAbsent(server, pool.name());
                boolean isNew = !old.contains(server)
                        || (other != null
                                && before.pool(other)
                                        .filter(was -> servers(was).contains(server))
                                        .isEmpty());
                if (other != null && isNew) {
                    warnings.add(server + " would serve pool " + other + " and pool " + pool.name()
                            + ": keys with the same name overwrite each other, unless the pools use different"
                            + " databases (redis_db)");
                }
            }
        }
        return warnings;
    }

    /** Those that a ring will have. */
    private static Stream<Server> next(TopologyPool pool) {
        return pool instanceof RingPool ring
                ? ring.underway().stream().flatMap(change -> change.next().stream())
                : Stream.empty();
    }

    private static Set<ServerAddress> servers(TopologyPool pool) {
        Stream<ServerAddress> servers = pool instanceof SlotPool slots
                ? slots.shards().values().stream()
                        .flatMap(shard -> Stream.concat(Stream.of(shard.primary()), shard.replicas().stream()))
                : Stream.concat(pool.definition().servers().stream(), next(pool))
                        .map(Server::address);
        return new LinkedHashSet<>(servers.toList());
    }
}
