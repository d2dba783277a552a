package io.sluice.proxy;

import io.sluice.proxy.admission.Admission;
import io.sluice.proxy.config.ProxyConfig.Ejection;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.dispatch.PoolRouting;
import io.sluice.proxy.health.HealthBoard;
import io.sluice.proxy.metrics.MetricBoard;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.memcache.MemcacheTextProtocol;
import io.sluice.proxy.protocol.memcache.TextLimits;
import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.routing.Router;
import io.sluice.routing.topology.Server;
import java.time.InstantSource;
import java.util.List;

/** What the event loops share of one pool: its routing, its servers' health, its protocol. Thread-safe. */
record ServedPool(
        Pool config,
        Protocol protocol,
        PoolRouting routing,
        HealthBoard health,
        Admission admission,
        PoolCertificates certificates) {

    static ServedPool of(Pool pool, Limits limits, PoolCertificates certificates, HealthBoard.Timer timer) {
        PoolRouting routing = new PoolRouting(Router.of(pool.definition()));
        Ejection ejection = pool.ejection();
        HealthBoard health = new HealthBoard(
                pool.name(),
                pool.definition().servers().stream().map(Server::name).toList(),
                new HealthBoard.Rule(ejection.enabled(), ejection.failureLimit(), ejection.retryTimeout()),
                timer,
                routing::use);
        Admission admission = new Admission(pool.edge().admission());
        return new ServedPool(pool, protocol(pool, limits), routing, health, admission, certificates);
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
