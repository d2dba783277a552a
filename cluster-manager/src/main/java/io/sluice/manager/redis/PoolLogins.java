package io.sluice.manager.redis;

import io.sluice.routing.config.YamlSection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How the manager is let in at the servers of each pool.
 *
 * <pre>
 *   pools:
 *     cache:
 *       server_user: sluice-manager
 *       server_password_file: /etc/sluice/servers.password
 * </pre>
 *
 * @param logins by the names of pools; without a login of its own, a pool's servers are asked without one
 */
public record PoolLogins(Map<String, RedisLogin> logins) {

    public static final PoolLogins NONE = new PoolLogins(Map.of());

    public PoolLogins {
        logins = Map.copyOf(logins);
    }

    /** Reads {@code pools}; mistakes stay with the section. */
    public static PoolLogins read(YamlSection document) {
        Map<String, RedisLogin> logins = new LinkedHashMap<>();
        document.section("pools", "names of pools with the login at their servers")
                .ifPresent(pools -> {
                    for (String name : pools.keys()) {
                        pools.section(name, "the login at its servers").ifPresent(pool -> {
                            logins.put(name, LoginReader.read(pool, "server_"));
                            pool.rejectUnknownKeys();
                        });
                    }
                });
        return new PoolLogins(logins);
    }

    public RedisLogin of(String pool) {
        return logins.getOrDefault(pool, RedisLogin.NONE);
    }
}
