package io.sluice.launcher;

import io.sluice.proxy.config.Membership;
import io.sluice.proxy.config.PoolSource;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.cluster.TopologyPool;
import io.sluice.routing.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts the servers of a topology into those pools of a configuration that have theirs from ZooKeeper. */
final class PoolsOfTopology {

    private PoolsOfTopology() {}

    /**
     * The configuration as a proxy serves it by a topology; the same if none of its pools asks for one.
     *
     * @param file of the topology; null for the last good one of the proxy
     */
    static ProxyConfig in(ProxyConfig config, @Nullable Path file) {
        Membership membership = config.zookeeper();
        boolean isAsked = config.pools().stream().anyMatch(pool -> pool.topology() == PoolSource.ZOOKEEPER);
        if (membership == null || !isAsked) {
            return config;
        }
        Path from = file == null ? membership.lastGood() : file;
        if (!Files.exists(from)) {
            throw CommandException.badInput(
                    from + ": no such file; the servers are in ZooKeeper, cluster '" + membership.cluster()
                            + "': ask with 'sluice ctl explain', or give the topology with --topology FILE");
        }
        Topology topology = read(from);
        List<Pool> pools =
                config.pools().stream().map(pool -> in(pool, topology, from)).toList();
        return config.withPools(pools);
    }

    private static Pool in(Pool pool, Topology topology, Path from) {
        if (pool.topology() == PoolSource.FILE) {
            return pool;
        }
        TopologyPool found = topology.pool(pool.name())
                .orElseThrow(() -> CommandException.badInput(
                        from + ": no pool '" + pool.name() + "' at epoch " + topology.epoch()));
        return pool.withDefinition(found.definition());
    }

    private static Topology read(Path file) {
        try {
            return TopologyDocument.parse(file.toString(), Files.readAllBytes(file));
        } catch (IOException e) {
            throw CommandException.badInput(file + ": cannot be read");
        } catch (ConfigException e) {
            throw CommandException.badInput(String.valueOf(e.getMessage()));
        }
    }
}
