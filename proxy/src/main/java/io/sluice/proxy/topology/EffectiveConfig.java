package io.sluice.proxy.topology;

import io.sluice.proxy.config.Membership;
import io.sluice.proxy.config.PoolSource;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyPool;
import io.sluice.routing.cluster.TwoRings;
import io.sluice.routing.topology.PoolProtocol;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a proxy really serves: its own file, and where that says so the topology of its cluster.
 *
 * @param config the file's, each pool with the servers that it has now, or is about to have
 * @param withoutServers why a pool has none, by its name; only those that are not in the topology
 * @param slots what the topology says of pools with slots, by their names
 * @param rings pools whose ring is on its way to other servers, by their names
 */
public record EffectiveConfig(
        ProxyConfig config,
        Map<String, String> withoutServers,
        Map<String, SlotPool> slots,
        Map<String, TwoRings> rings) {

    public EffectiveConfig {
        withoutServers = Map.copyOf(withoutServers);
        slots = Map.copyOf(slots);
        rings = Map.copyOf(rings);
    }

    /** The two together; throws if the topology has a pool otherwise than the file says it is. */
    public static EffectiveConfig of(ProxyConfig file, Topology topology) throws TopologyRefusedException {
        Membership membership = file.zookeeper();
        if (membership == null) {
            return new EffectiveConfig(file, Map.of(), Map.of(), Map.of());
        }
        List<Pool> pools = new ArrayList<>();
        List<String> mistakes = new ArrayList<>();
        Map<String, String> absent = new LinkedHashMap<>();
        Map<String, SlotPool> slots = new LinkedHashMap<>();
        Map<String, TwoRings> rings = new LinkedHashMap<>();
        for (Pool pool : file.pools()) {
            Optional<TopologyPool> found =
                    pool.topology() == PoolSource.ZOOKEEPER ? topology.pool(pool.name()) : Optional.empty();
            found.ifPresent(there -> findMistakes(pool, there, mistakes));
            if (found.isPresent() && found.get() instanceof SlotPool withSlots) {
                slots.put(pool.name(), withSlots);
            }
            if (found.isPresent() && found.get() instanceof RingPool ring) {
                TwoRings.of(ring).ifPresent(both -> rings.put(pool.name(), both));
            }
            TwoRings both = rings.get(pool.name());
            pools.add(found.map(there -> both == null ? there.definition() : both.withAllServers())
                    .map(pool::withDefinition)
                    .orElse(pool));
            if (found.isEmpty() && pool.topology() == PoolSource.ZOOKEEPER) {
                absent.put(pool.name(), absence(membership.cluster(), topology.epoch()));
            }
        }
        if (!mistakes.isEmpty()) {
            throw new TopologyRefusedException(String.join("\n", mistakes));
        }
        return new EffectiveConfig(file.withPools(pools), absent, slots, rings);
    }

    private static String absence(String cluster, long epoch) {
        return epoch == 0
                ? "there is no topology of cluster '" + cluster + "' yet"
                : "the pool is not in the topology of cluster '" + cluster + "' at epoch " + epoch;
    }

    private static void findMistakes(Pool pool, TopologyPool there, List<String> mistakes) {
        if (there.protocol() != pool.protocol()) {
            mistakes.add("pool " + pool.name() + ": the topology says protocol "
                    + there.protocol().word() + ", this proxy's file says "
                    + pool.protocol().word());
        }
        if (there instanceof RingPool ring && pool.protocol() != PoolProtocol.MEMCACHE && isOfCaches(ring)) {
            mistakes.add(
                    "pool " + pool.name() + ": the topology changes the servers of a ring of caches step by step, which"
                            + " this proxy does for memcached only");
        }
        boolean hasUnixSocket = there.definition().servers().stream()
                .anyMatch(server -> server.address().isUnixSocket());
        if (hasUnixSocket && pool.edge().serverTls() != null) {
            mistakes.add(
                    "pool " + pool.name() + ": the topology has servers behind unix sockets, where the server_tls of"
                            + " this proxy's file cannot be spoken");
        }
    }

    private static boolean isOfCaches(RingPool ring) {
        return ring.underway()
                .filter(change -> change.kind() == RingChange.Kind.CACHE)
                .isPresent();
    }
}
