package io.sluice.proxy.config;

import io.sluice.proxy.access.AccessRules;
import io.sluice.proxy.access.ServerLogin;
import io.sluice.proxy.protocol.resp.RedisCommands;
import org.jspecify.annotations.Nullable;

/**
 * Who may use a pool, and who the pool is to its servers.
 *
 * @param rules for its clients
 * @param server null if the servers do not ask
 */
public record PoolAccess(AccessRules rules, @Nullable ServerLogin server) {

    /** With one password for clients and servers, as twemproxy has it; null for none. */
    public static PoolAccess by(@Nullable String password) {
        return new PoolAccess(
                RedisCommands.accessBy(password), password == null ? null : new ServerLogin(null, password));
    }
}
