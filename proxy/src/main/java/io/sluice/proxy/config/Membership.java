package io.sluice.proxy.config;

import io.sluice.routing.config.ZooKeeperAccess;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the proxy is a member of a cluster that is described in ZooKeeper.
 *
 * @param access how ZooKeeper is reached
 * @param cluster its name
 * @param proxyId the proxy's name in it, the same after each start
 * @param lastGood the file with the topology that was last served by
 * @param heartbeat how often the proxy says there that it lives
 * @param steadyLease how long it serves slots that are in no handoff without having been heard; zero for ever
 * @param jodis how clients of codis find it; null if they do not
 */
public record Membership(
        ZooKeeperAccess access,
        String cluster,
        String proxyId,
        Path lastGood,
        Duration heartbeat,
        Duration steadyLease,
        @Nullable Jodis jodis) {

    public static final Duration HEARTBEAT = Duration.ofSeconds(1);

    /** One that Jodis clients do not find. */
    public Membership(
            ZooKeeperAccess access,
            String cluster,
            String proxyId,
            Path lastGood,
            Duration heartbeat,
            Duration steadyLease) {
        this(access, cluster, proxyId, lastGood, heartbeat, steadyLease, null);
    }

    /** The file that one process of this proxy holds at a time, beside the last good one. */
    public Path home() {
        return lastGood.toAbsolutePath().resolveSibling(cluster + "." + proxyId + ".home");
    }

    public Membership withJodis(Jodis found) {
        return new Membership(access, cluster, proxyId, lastGood, heartbeat, steadyLease, found);
    }

    /** One with the defaults. */
    public static Membership of(ZooKeeperAccess access, String cluster, String proxyId, Path lastGood) {
        return new Membership(access, cluster, proxyId, lastGood, HEARTBEAT, Duration.ZERO);
    }
}
