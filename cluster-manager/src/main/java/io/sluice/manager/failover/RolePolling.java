package io.sluice.manager.failover;

import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlSection;
import java.time.Duration;

/**
 * How the servers of each shard are asked for their roles.
 *
 * @param enabled whether they are
 * @param interval from one round to the next
 * @param timeout for a connect, and for an answer
 */
public record RolePolling(boolean enabled, Duration interval, Duration timeout) {

    public static final RolePolling DEFAULT = new RolePolling(true, Duration.ofSeconds(1), Duration.ofMillis(500));

    private static final ScalarType<Duration> TIME = ScalarType.duration(Duration.ofMillis(50), Duration.ofMinutes(1));

    static RolePolling read(YamlSection section) {
        RolePolling read = new RolePolling(
                section.value("enabled", DEFAULT.enabled, ScalarType.BOOLEAN),
                section.value("interval", DEFAULT.interval, TIME),
                section.value("timeout", DEFAULT.timeout, TIME));
        section.rejectUnknownKeys();
        return read;
    }
}
