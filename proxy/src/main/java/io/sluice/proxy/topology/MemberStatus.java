package io.sluice.proxy.topology;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How it stands between a proxy and its cluster.
 *
 * @param cluster its name
 * @param proxyId the proxy's name there
 * @param epoch what new requests follow; 0 if there is no topology yet
 * @param since since when
 * @param applied the epoch that nothing under way is older than
 * @param zookeeper what is known of the connection
 * @param zookeeperSince since when
 * @param registered whether the cluster counts on this process
 * @param superseded whether another process has its name
 * @param leaseAge how long ago the lease began; negative if it never did
 * @param refused the epoch of the newest document if it is refused; else 0
 * @param trouble what is wrong with the newest document, or with this process' place; empty if nothing is
 * @param changes topologies that came into force after the start
 * @param refusals documents that could not be served
 */
public record MemberStatus(
        String cluster,
        String proxyId,
        long epoch,
        Instant since,
        long applied,
        ZooKeeperSession.State zookeeper,
        Instant zookeeperSince,
        boolean registered,
        boolean superseded,
        Duration leaseAge,
        long refused,
        Optional<String> trouble,
        long changes,
        long refusals) {}
