package io.sluice.proxy;

import io.sluice.proxy.admin.ClusterView;
import io.sluice.proxy.config.PoolSource;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.topology.ClusterMember;
import io.sluice.proxy.topology.ClusterUnknownException;
import io.sluice.proxy.topology.EffectiveConfig;
import io.sluice.proxy.topology.JodisEntry;
import io.sluice.proxy.topology.MemberStatus;
import io.sluice.proxy.topology.TopologyRefusedException;
import io.sluice.proxy.topology.TopologyTaker;
import io.sluice.proxy.topology.Uptake;
import io.sluice.proxy.topology.ZooKeeperSession;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.cluster.Topology;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A proxy's place in its cluster, and the topology that its pools follow; or that it has none. */
final class ClusterSeat implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ClusterSeat.class);

    /** Of a proxy that is a member of no cluster. */
    static final ClusterSeat NONE = new ClusterSeat(null, Topology.NONE);

    private final @Nullable ClusterMember member;
    private volatile Topology topology;
    private @Nullable JodisEntry jodis;
    private Map<String, String> absent = Map.of(); // pools without servers, and why

    private ClusterSeat(@Nullable ClusterMember member, Topology topology) {
        this.member = member;
        this.topology = topology;
    }

    /**
     * Joins the cluster that the file names, if it does. Blocks until the topology is known, for a bounded time.
     *
     * @param alone whether no other process serves under the same name
     */
    static ClusterSeat join(ProxyConfig file, ProxyRegistration self, boolean alone, TopologyTaker taker)
            throws ProxyStartException {
        if (file.zookeeper() == null) {
            return NONE;
        }
        ClusterMember member = ClusterMember.open(file.zookeeper(), self, alone);
        try {
            return new ClusterSeat(member, member.join(taker));
        } catch (ClusterUnknownException e) {
            member.close();
            throw new ProxyStartException(e.getMessage(), e);
        } catch (RuntimeException e) {
            member.close();
            throw e;
        }
    }

    /** What is served by this file, with the topology of now. */
    EffectiveConfig with(ProxyConfig file) throws TopologyRefusedException {
        return EffectiveConfig.of(file, topology);
    }

    /** The pools serve by the topology that it was joined with; newer ones go to {@code taker}. */
    void follow(Uptake first, ProxyConfig file, TopologyTaker taker) throws TopologyRefusedException {
        if (member != null) {
            say(with(file));
            member.follow(topology, first, taker);
        }
    }

    /** The pools serve by this one now. */
    void took(Topology next, EffectiveConfig effective) {
        topology = next;
        say(effective);
    }

    private void say(EffectiveConfig effective) {
        effective.withoutServers().forEach((pool, reason) -> {
            if (!absent.containsKey(pool)) {
                log.warn("A pool has no servers: pool={} reason={}", pool, reason);
            }
        });
        absent = effective.withoutServers();
    }

    /** Another file is in force. */
    void describe(ProxyRegistration self) {
        if (member != null) {
            member.describe(self);
            member.reconsider();
        }
    }

    /** No other process serves under this name any more. */
    void acknowledge() {
        if (member != null) {
            member.acknowledge();
        }
    }

    /** How often the lease has begun anew. */
    long renewals() {
        return member == null ? 0 : member.lease().renewals();
    }

    /** Of the topology that is served by; 0 for a member of no cluster. */
    long epoch() {
        return topology.epoch();
    }

    /** Whether the lease is held, and has been without a gap since then. Nobody has one who is a member of no cluster. */
    boolean holdsLeaseSince(long renewals, Duration limit) {
        return member != null && member.lease().isHeldSince(renewals, limit);
    }

    /** The connection, for others who write to ZooKeeper; empty in no cluster. */
    Optional<ZooKeeperSession> session() {
        return Optional.ofNullable(member).map(ClusterMember::session);
    }

    /** The process that was to take over has gone, perhaps after it had registered in our place. */
    void reclaim() {
        if (member != null) {
            member.reclaim();
        }
    }

    Optional<MemberStatus> status() {
        return Optional.ofNullable(member).map(ClusterMember::status);
    }

    Optional<ClusterView> view(ProxyConfig file) {
        return status().map(status -> new ClusterView(
                status.cluster(),
                status.proxyId(),
                status.epoch(),
                status.since(),
                status.applied(),
                status.zookeeper().name().toLowerCase(Locale.ROOT),
                status.zookeeperSince(),
                status.registered(),
                status.leaseAge(),
                status.refused(),
                status.trouble(),
                status.changes(),
                status.refusals(),
                status.epoch() == 0
                        && file.pools().stream().anyMatch(pool -> pool.topology() == PoolSource.ZOOKEEPER)));
    }

    /** Clients are accepted: those of Jodis may come, where the file says so. */
    void announce(ProxyConfig file, String admin, Instant start) {
        if (member != null && file.zookeeper() != null && file.zookeeper().jodis() != null) {
            jodis = JodisEntry.open(
                    member.session(), file.zookeeper().jodis(), file.zookeeper().proxyId(), admin, start);
        }
    }

    /** No more clients shall come. */
    void withdraw() {
        if (jodis != null) {
            jodis.close();
            jodis = null;
        }
    }

    /** There are no clients any more. Blocks for seconds at most. */
    void leave() {
        if (member != null) {
            member.leave();
        }
    }

    /** The same; another process has them, and this name. */
    void leaveToNext() {
        if (member != null) {
            member.leaveToNext();
        }
    }

    @Override
    public void close() {
        withdraw();
        if (member != null) {
            member.close();
        }
    }
}
