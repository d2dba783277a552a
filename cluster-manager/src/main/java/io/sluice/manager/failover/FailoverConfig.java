package io.sluice.manager.failover;

import io.sluice.manager.redis.PoolLogins;
import io.sluice.routing.config.YamlSection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How primaries are followed.
 *
 * @param sentinels null if there are none: then only what the servers say of themselves counts
 * @param logins at the servers of the pools
 */
public record FailoverConfig(@Nullable SentinelConfig sentinels, RolePolling polling, PoolLogins logins) {

    public static final FailoverConfig DEFAULT = new FailoverConfig(null, RolePolling.DEFAULT, PoolLogins.NONE);

    /**
     * Reads {@code sentinel}, {@code role_poll} and {@code pools} of the manager's file; mistakes stay with the sections.
     */
    public static FailoverConfig read(YamlSection document) {
        Optional<SentinelConfig> sentinels =
                document.section("sentinel", "the keys of sentinels").map(SentinelConfig::read);
        RolePolling polling = document.section("role_poll", "enabled, interval and timeout")
                .map(RolePolling::read)
                .orElse(RolePolling.DEFAULT);
        return new FailoverConfig(sentinels.orElse(null), polling, PoolLogins.read(document));
    }

    /** Whether there is anything to do. */
    public boolean isOn() {
        return sentinels != null || polling.enabled();
    }
}
