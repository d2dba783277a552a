package io.sluice.proxy;

import io.sluice.proxy.backend.BackendProber;
import io.sluice.proxy.backend.ConnectPacer;
import io.sluice.proxy.config.Ejection;
import io.sluice.proxy.config.Ejection.Policy;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.dispatch.EjectedKeys;
import io.sluice.proxy.dispatch.PoolRouting;
import io.sluice.proxy.health.HealthBoard;
import io.sluice.proxy.health.HealthRule;
import io.sluice.proxy.metrics.MetricBoard;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.memcache.MemcacheTextProtocol;
import io.sluice.proxy.protocol.memcache.TextLimits;
import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.proxy.transport.Loop;
import io.sluice.routing.Router;
import io.sluice.routing.topology.Server;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What the event loops share of one pool: its routing, its servers' health, its protocol. Thread-safe. */
record ServedPool(Pool config, Protocol protocol, PoolRouting routing, HealthBoard health) {

    /**
     * @param spare the pool that the configuration names as this one's; null if it names none
     * @param loop where its servers are probed
     */
    static ServedPool of(Pool pool, Limits limits, @Nullable ServedPool spare, Loop loop, ConnectPacer pacer) {
        Protocol protocol = protocol(pool, limits);
        PoolRouting routing = new PoolRouting(
                Router.of(pool.definition()),
                ejectedKeys(pool.ejection().policy()),
                spare == null ? null : spare.routing());
        HealthBoard health = new HealthBoard(
                pool.name(),
                pool.definition().servers(),
                healthRule(pool.ejection()),
                new HealthBoard.Surroundings(
                        (delay, task) -> loop.schedule(task, delay),
                        InstantSource.system(),
                        System::nanoTime,
                        new SplittableRandom()),
                new BackendProber(loop, protocol, PoolShare.settings(pool, limits), pacer),
                routing::use);
        return new ServedPool(pool, protocol, routing, health);
    }

    private static EjectedKeys ejectedKeys(Policy policy) {
        return switch (policy) {
            case NONE, FAIL_FAST -> EjectedKeys.FAIL_FAST;
            case REMAP -> EjectedKeys.REMAP;
            case SPARE -> EjectedKeys.SPARE;
        };
    }

    /** A server that says itself that it is in trouble answers as fast as the proxy could in its place. */
    private static HealthRule healthRule(Ejection ejection) {
        return new HealthRule(
                ejection.enabled(),
                ejection.policy() != Policy.FAIL_FAST,
                ejection.failureLimit(),
                ejection.failurePercent(),
                ejection.failureWindow(),
                ejection.retryTimeout(),
                ejection.maxTime(),
                ejection.probeInterval(),
                ejection.probesToReturn(),
                ejection.maxEjectedPercent(),
                ejection.slowStart());
    }

    private static Protocol protocol(Pool pool, Limits limits) {
        return switch (pool.protocol()) {
            case REDIS ->
                new RespProtocol(
                        new RespLimits(limits.maxRequestBytes(), limits.maxArguments(), limits.maxInlineBytes()),
                        pool.redisAuth(),
                        pool.redisDb(),
                        InstantSource.system());
            case MEMCACHE -> new MemcacheTextProtocol(new TextLimits(limits.maxRequestBytes(), limits.maxArguments()));
        };
    }

    /** For the metrics. */
    MetricBoard.PoolNames names() {
        return new MetricBoard.PoolNames(
                config.name(), servers().stream().map(Server::name).toList());
    }

    List<Server> servers() {
        return config.definition().servers();
    }
}
