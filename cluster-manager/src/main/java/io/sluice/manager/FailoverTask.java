package io.sluice.manager;

import io.sluice.manager.change.ClusterDesk;
import io.sluice.manager.failover.FailoverConfig;
import io.sluice.manager.failover.PrimaryFollower;
import io.sluice.manager.failover.ShardStatus;
import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.LeaderTask;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Follows the primaries of shards while this manager leads. */
public final class FailoverTask implements LeaderTask {

    private final FailoverConfig config;
    private final InstantSource clock;
    private volatile @Nullable PrimaryFollower follower;

    /** @param clock what the history goes by */
    public FailoverTask(FailoverConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
    }

    @Override
    public String name() {
        return PrimaryFollower.NAME;
    }

    @Override
    public void begin(Cluster cluster) {
        PrimaryFollower begun = new PrimaryFollower(
                cluster.topologies(), cluster.leadership(), new ClusterDesk(cluster, clock), config);
        follower = begun;
        begun.start();
    }

    @Override
    public void end() {
        PrimaryFollower begun = follower;
        follower = null;
        if (begun != null) {
            begun.close();
        }
    }

    /** How it stands with each shard; none while another manager leads. From any thread; does not block. */
    public List<ShardStatus> statuses() {
        PrimaryFollower now = follower;
        return now == null ? List.of() : now.statuses();
    }
}
