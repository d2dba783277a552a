package io.sluice.proxy;

import io.sluice.proxy.config.ProxyConfig.Pool;

/** What the configuration says of a pool, and the pool that serves it. */
record PlacedPool(Pool pool, LivePool live, PoolCertificates certificates) {}
