package io.sluice.proxy.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a pool makes sure that its servers are still those it means.
 *
 * @param checkRole whether servers are asked for their role, and a replica gets no request
 * @param resolveInterval how often their names are looked up again; null for never
 */
public record ServerWatch(boolean checkRole, @Nullable Duration resolveInterval) {

    public static final Duration RESOLVE_INTERVAL = Duration.ofSeconds(30);

    /** As twemproxy: a connection that is open is good. */
    public static final ServerWatch NONE = new ServerWatch(false, null);
}
