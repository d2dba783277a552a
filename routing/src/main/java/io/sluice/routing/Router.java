package io.sluice.routing;

import io.sluice.routing.config.PoolDefinition;

/** Stand-in until routing is merged. */
public final class Router {

    private final PoolDefinition pool;

    private Router(PoolDefinition pool) {
        this.pool = pool;
    }

    public static Router of(PoolDefinition pool) {
        return new Router(pool);
    }

    public Route explain(byte[] key) {
        throw new IllegalStateException("stand-in: " + pool.name() + ", key of " + key.length + " bytes");
    }
}
