package io.sluice.proxy;

import io.sluice.proxy.admin.ClusterView;
import io.sluice.proxy.config.PoolSource;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.dispatch.HandoffLease;
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
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A proxy's place in its cluster, once it has joined one, and the topology that its pools follow. Who is a member of no
 * cluster has an empty place.
 */
final class ClusterSeat implements HandoffLease, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ClusterSeat.class);

    private final String version;
    private final Instant startedAt;
    private final Duration steady;
    private final String incarnation = UUID.randomUUID().toString();
    private volatile Topology topology = Topology.NONE;
    private volatile @Nullable ClusterMember member;
    private @Nullable JodisEntry jodis;
    private Map<String, String> absent = Map.of(); // pools without servers, and why

    /** Before it has joined one. */
    ClusterSeat(ProxyConfig file, String version, Instant startedAt) {
        this.version = version;
        this.startedAt = startedAt;
        this.steady =
                file.zookeeper() == null ? Duration.ZERO : file.zookeeper().steadyLease();
    }

    /**
     * Joins the cluster that the file names, if it does. Blocks until the topology is known, for a bounded time.
     *
     * @param admin where the proxy's pages are; empty if nowhere
     * @param alone whether no other process serves under the same name
     */
    void join(ProxyConfig file, String admin, boolean alone, TopologyTaker taker) throws ProxyStartException {
        if (file.zookeeper() == null) {
            return;
        }
        ClusterMember opened = ClusterMember.open(file.zookeeper(), registration(file, admin), alone);
        try {
            topology = opened.join(taker);
            member = opened;
        } catch (ClusterUnknownException e) {
            opened.close();
            throw new ProxyStartException(e.getMessage(), e);
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private ProxyRegistration registration(ProxyConfig file, String admin) {
        return SelfDescription.of(file, incarnation, version, admin, startedAt).withSteadyLease(steady);
    }

    /** What is served by this file, with the topology of now. */
    EffectiveConfig with(ProxyConfig file) throws TopologyRefusedException {
        return EffectiveConfig.of(file, topology);
    }

    /** The pools serve by the topology that it was joined with; newer ones go to {@code taker}. */
    void follow(Uptake first, ProxyConfig file, TopologyTaker taker) throws ProxyStartException {
        if (member != null) {
            try {
                say(with(file));
            } catch (TopologyRefusedException e) {
                throw new ProxyStartException(e.getMessage(), e);
            }
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
    void describe(ProxyConfig file, String admin) {
        if (member != null) {
            member.describe(registration(file, admin));
            member.reconsider();
        }
    }

    /** No other process serves under this name any more. */
    void acknowledge() {
        if (member != null) {
            member.acknowledge();
        }
    }

    // ---- the lease; nobody has one who is a member of no cluster

    @Override
    public long renewals() {
        return member == null ? 0 : member.lease().renewals();
    }

    @Override
    public boolean isHeldSince(long renewals, Duration limit) {
        return member != null && member.lease().isHeldSince(renewals, limit);
    }

    @Override
    public Duration steady() {
        return steady;
    }

    /** 0 for a member of no cluster. */
    @Override
    public long epoch() {
        return topology.epoch();
    }

    // ---- the member

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
    void announce(ProxyConfig file, String admin) {
        if (member != null && file.zookeeper() != null && file.zookeeper().jodis() != null) {
            jodis = JodisEntry.open(
                    member.session(), file.zookeeper().jodis(), file.zookeeper().proxyId(), admin, startedAt);
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
