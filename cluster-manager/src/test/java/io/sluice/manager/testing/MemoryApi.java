package io.sluice.manager.testing;

import io.sluice.manager.api.ApiServer;
import io.sluice.manager.api.ApiTokens;
import io.sluice.manager.balance.Rebalancing;
import io.sluice.manager.balance.ServerLoads;
import io.sluice.manager.change.ClusterDesk;
import io.sluice.manager.failover.ShardStatus;
import io.sluice.manager.migration.engine.CopyLimits;
import io.sluice.manager.redis.PoolLogins;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Supplier;

/** The API of a manager m1 whose cluster is in memory, at a free port of this machine. */
public final class MemoryApi {

    private MemoryApi() {}

    /** Whom anybody may ask, and who follows nobody's primary. */
    public static ApiServer open(MemoryCluster cluster) {
        return open(cluster, ApiTokens.NONE, List::of);
    }

    /**
     * Whom only those may ask who show a token.
     *
     * @param statuses how primaries are followed
     */
    public static ApiServer open(MemoryCluster cluster, ApiTokens tokens, Supplier<List<ShardStatus>> statuses) {
        try {
            return open(cluster, tokens, statuses, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The same at this address. */
    public static ApiServer open(
            MemoryCluster cluster, ApiTokens tokens, Supplier<List<ShardStatus>> statuses, InetSocketAddress listen)
            throws IOException {
        return new ApiServer(
                cluster.cluster(),
                new ClusterDesk(cluster.cluster(), () -> MemoryCluster.NOW),
                List::of,
                List::of,
                listen,
                tokens,
                "m1",
                () -> MemoryCluster.NOW,
                statuses,
                new Rebalancing(new ServerLoads(PoolLogins.NONE), CopyLimits.DEFAULTS));
    }

    /** Where it is. */
    public static String url(ApiServer api) {
        return "http://127.0.0.1:" + api.address().getPort();
    }
}
