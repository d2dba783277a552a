package io.sluice.proxy;

import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.topology.PoolProtocol;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.stream.Collectors;

/** What a proxy says of itself to its cluster. */
final class SelfDescription {

    private SelfDescription() {}

    /** @param admin URL of its admin pages; empty if it has none */
    static ProxyRegistration of(ProxyConfig config, String incarnation, String version, String admin, Instant started) {
        Map<String, String> listen = config.pools().stream()
                .collect(Collectors.toMap(
                        Pool::name, pool -> pool.listen().address().toString()));
        return new ProxyRegistration(incarnation, version, admin, started.truncatedTo(ChronoUnit.MILLIS), listen)
                .withDatabases(databases(config));
    }

    /** So that the manager looks at no keys of others where a server is shared. */
    private static Map<String, Integer> databases(ProxyConfig config) {
        return config.pools().stream()
                .filter(pool -> pool.protocol() == PoolProtocol.REDIS)
                .collect(Collectors.toMap(Pool::name, Pool::redisDb));
    }
}
