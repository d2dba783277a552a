package io.sluice.proxy.dispatch;

import io.sluice.proxy.backend.BackendPools;
import java.time.Duration;

/**
 * The servers that stand in for those that are left out, as one event loop sees them.
 *
 * @param name of their own pool
 * @param timeToLive how long what is written there lives at most
 */
public record SparePool(String name, BackendPools backends, Duration timeToLive) {}
