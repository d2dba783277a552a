package io.sluice.proxy.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a proxy stands with its cluster, as it can be looked at.
 *
 * @param name of the cluster
 * @param proxyId the proxy's name there
 * @param epoch of the topology that new requests follow; 0 if there is none yet
 * @param since since when
 * @param applied the epoch that nothing under way is older than
 * @param zookeeper connecting, connected, suspended or lost
 * @param zookeeperSince since when
 * @param registered whether the cluster counts on it
 * @param leaseAge how long ago the lease began; negative if it never did
 * @param refused the epoch of the newest document if it is refused; else 0
 * @param trouble what somebody should look at; empty if there is nothing
 * @param changes topologies that came into force after the start
 * @param refusals documents that could not be served
 * @param waitsForTopology whether a pool has no servers because there has been no topology yet
 */
public record ClusterView(
        String name,
        String proxyId,
        long epoch,
        Instant since,
        long applied,
        String zookeeper,
        Instant zookeeperSince,
        boolean registered,
        Duration leaseAge,
        long refused,
        Optional<String> trouble,
        long changes,
        long refusals,
        boolean waitsForTopology) {

    private static final double MILLIS_PER_SECOND = 1e3;

    boolean isConnected() {
        return zookeeper.equals("connected");
    }

    /** -1 if it never began. */
    double leaseAgeSeconds() {
        return leaseAge.isNegative() ? -1 : leaseAge.toMillis() / MILLIS_PER_SECOND;
    }

    /** What is worth a look, a text for each. */
    List<String> remarks() {
        List<String> remarks = new ArrayList<>();
        if (!isConnected()) {
            remarks.add("ZooKeeper is away since " + zookeeperSince + ", serving by epoch " + epoch);
        }
        trouble.ifPresent(remarks::add);
        return remarks;
    }
}
