package io.sluice.proxy;

import io.sluice.proxy.access.AccessHolder;
import io.sluice.proxy.admission.Admission;
import io.sluice.proxy.backend.BackendSettings;
import io.sluice.proxy.backend.PoolServer;
import io.sluice.proxy.backend.RetryRule;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.dispatch.EjectedKeys;
import io.sluice.proxy.dispatch.PoolRouting;
import io.sluice.proxy.health.HealthBoard;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.memcache.MemcacheTextProtocol;
import io.sluice.proxy.protocol.memcache.TextLimits;
import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.routing.Router;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.TwoRings;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.Server;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One version of a pool, as all event loops share it: its routing, its servers and their health, its protocol.
 * Thread-safe; what changes by configuration changes with a new version, which goes on with what stays the same.
 *
 * @param epoch number of the configuration that brought this version
 * @param servers by the routing's indexes
 * @param access the same in all versions; told of new rules when the version comes into use
 * @param slots what the cluster's topology says of it; null for a pool that the file describes, or a ring
 * @param rings of a pool whose ring is on its way to other servers; null for all others
 */
record ServedPool(
        long epoch,
        Pool config,
        Limits limits,
        Duration drainTimeout,
        Protocol protocol,
        List<PoolServer> servers,
        PoolRouting routing,
        HealthBoard health,
        AccessHolder access,
        Admission admission,
        PoolCertificates certificates,
        @Nullable SlotPool slots,
        @Nullable TwoRings rings) {

    /** A pool that was not there before. */
    static ServedPool of(
            long epoch,
            Pool pool,
            ProxyConfig config,
            PoolCertificates certificates,
            HealthWatch watch,
            @Nullable SlotPool slots,
            @Nullable TwoRings rings) {
        Limits limits = config.limits();
        AccessHolder access = new AccessHolder(pool.access().rules());
        PoolRouting routing = routing(pool, rings);
        Protocol protocol = protocol(pool, limits, access, asksRole(pool, slots));
        BackendSettings settings = settings(pool, limits, config.lifecycle().drainTimeout(), certificates);
        return new ServedPool(
                epoch,
                pool,
                limits,
                config.lifecycle().drainTimeout(),
                protocol,
                pool.definition().servers().stream().map(ServedPool::served).toList(),
                routing,
                watch.board(pool, protocol, settings, routing::use),
                access,
                new Admission(pool.edge().admission()),
                certificates,
                slots,
                rings);
    }

    /** The servers of a topology with shards are primaries, or mistaken for such. */
    private static boolean asksRole(Pool pool, @Nullable SlotPool slots) {
        return pool.edge().servers().checkRole() || (slots != null && pool.protocol() == PoolProtocol.REDIS);
    }

    /** The version that follows this one; this one itself if it needs no change. */
    ServedPool next(
            long nextEpoch,
            Pool pool,
            ProxyConfig nextConfig,
            PoolCertificates nextCertificates,
            HealthWatch watch,
            @Nullable SlotPool nextSlots,
            @Nullable TwoRings nextRings) {
        Limits nextLimits = nextConfig.limits();
        Duration nextDrain = nextConfig.lifecycle().drainTimeout();
        if (pool.equals(config)
                && nextLimits.equals(limits)
                && nextDrain.equals(drainTimeout)
                && Objects.equals(nextSlots, slots)
                && Objects.equals(nextRings, rings)) {
            return this;
        }
        boolean nextAsksRole = asksRole(pool, nextSlots);
        Protocol nextProtocol = speaksAsBefore(pool, nextLimits) && nextAsksRole == asksRole(config, slots)
                ? protocol
                : protocol(pool, nextLimits, access, nextAsksRole);
        BackendSettings nextSettings = settings(pool, nextLimits, nextDrain, nextCertificates);
        boolean keepsConnections = nextSettings.keepsConnectionsOf(settings())
                && Arrays.equals(
                        nextProtocol.handshake().bytes(), protocol.handshake().bytes())
                && Arrays.equals(nextProtocol.roleQuestion(), protocol.roleQuestion());
        List<PoolServer> nextServers = pool.definition().servers().stream()
                .map(server -> keepsConnections ? keptOrServed(server) : served(server))
                .toList();
        PoolRouting nextRouting = routing(pool, nextRings);
        HealthBoard nextHealth = watch.next(health, pool, nextProtocol, nextSettings, nextRouting::use);
        admission.use(pool.edge().admission());
        return new ServedPool(
                nextEpoch,
                pool,
                nextLimits,
                nextDrain,
                nextProtocol,
                nextServers,
                nextRouting,
                nextHealth,
                access,
                admission,
                nextCertificates,
                nextSlots,
                nextRings);
    }

    private PoolServer keptOrServed(Server server) {
        return servers.stream()
                .filter(before ->
                        before.name().equals(server.name()) && before.address().equals(server.address()))
                .findFirst()
                .orElseGet(() -> served(server));
    }

    private static PoolServer served(Server server) {
        return new PoolServer(server.name(), server.address());
    }

    private static PoolRouting routing(Pool pool, @Nullable TwoRings rings) {
        return new PoolRouting(
                rings == null ? Router.of(pool.definition()) : rings.routerBefore(),
                switch (pool.ejection().policy()) {
                    case REMAP -> EjectedKeys.REMAP;
                    case NONE, FAIL_FAST, SPARE -> EjectedKeys.KEEP;
                });
    }

    private static Protocol protocol(Pool pool, Limits limits, AccessHolder access, boolean asksRole) {
        return switch (pool.protocol()) {
            case REDIS ->
                new RespProtocol(
                        respLimits(limits),
                        access,
                        pool.access().server(),
                        pool.redisDb(),
                        asksRole,
                        InstantSource.system());
            case MEMCACHE -> new MemcacheTextProtocol(textLimits(limits));
        };
    }

    private static RespLimits respLimits(Limits limits) {
        return new RespLimits(limits.maxRequestBytes(), limits.maxArguments(), limits.maxInlineBytes());
    }

    private static TextLimits textLimits(Limits limits) {
        return new TextLimits(limits.maxRequestBytes(), limits.maxArguments());
    }

    private boolean speaksAsBefore(Pool pool, Limits nextLimits) {
        return respLimits(nextLimits).equals(respLimits(limits))
                && Objects.equals(pool.access().server(), config.access().server())
                && pool.redisDb() == config.redisDb();
    }

    BackendSettings settings() {
        return settings(config, limits, drainTimeout, certificates);
    }

    private static BackendSettings settings(
            Pool pool, Limits limits, Duration drainTimeout, PoolCertificates certificates) {
        return new BackendSettings(
                pool.timeout(),
                pool.hardTimeout(),
                pool.connectTimeout(),
                pool.reconnectMin(),
                pool.reconnectMax(),
                pool.tcpKeepalive(),
                pool.preconnect(),
                pool.serverConnections(),
                limits.serverMaxInFlight(),
                limits.serverQueueBytes(),
                limits.serverStallTimeout(),
                drainTimeout,
                new RetryRule(pool.retries().percent(), pool.retries().reads()),
                certificates.servers(),
                pool.edge().serverIdleTimeout(),
                pool.edge().servers().resolveInterval());
    }

    /** Those that {@code next} does not have any more. */
    List<PoolServer> without(ServedPool next) {
        return servers.stream().filter(server -> !next.servers.contains(server)).toList();
    }
}
