package io.sluice.proxy.dispatch;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The servers that stand in for those that are left out, as one event loop sees them.
 *
 * @param name of their own pool
 * @param timeToLive how long what is written there lives at most
 * @param current that pool as it is now; null while it is not there
 */
public record SparePool(String name, Duration timeToLive, Supplier<@Nullable PoolSnapshot> current) {}
