package io.sluice.proxy.config;

import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlSection;
import java.time.Duration;

/**
 * How a running proxy gets another configuration.
 *
 * @param drainTimeout how long servers and pools that are taken away may go on answering what is in flight
 */
public record Lifecycle(Duration drainTimeout) {

    public static final Lifecycle DEFAULTS = new Lifecycle(Duration.ofSeconds(30));

    /** Reads its keys, which stand at the top of Sluice's own file. */
    static Lifecycle read(YamlSection file) {
        return new Lifecycle(file.value(
                "drain_timeout", DEFAULTS.drainTimeout, ScalarType.duration(Duration.ZERO, Duration.ofHours(1))));
    }
}
