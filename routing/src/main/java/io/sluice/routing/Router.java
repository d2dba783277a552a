package io.sluice.routing;

import io.sluice.routing.config.PoolDefinition;
import java.util.Arrays;

/** Stand-in until routing is merged: spreads keys somehow. */
public final class Router {

    private final PoolDefinition pool;

    private Router(PoolDefinition pool) {
        this.pool = pool;
    }

    public static Router of(PoolDefinition pool) {
        return new Router(pool);
    }

    public PoolDefinition pool() {
        return pool;
    }

    public Route explain(byte[] key) {
        int hash = Arrays.hashCode(key);
        int index = Math.floorMod(hash, pool.servers().size());
        String part = new String(key, java.nio.charset.StandardCharsets.ISO_8859_1);
        return new Route(
                part,
                false,
                Integer.toUnsignedLong(hash),
                index,
                pool.servers().size(),
                pool.servers().get(index));
    }
}
