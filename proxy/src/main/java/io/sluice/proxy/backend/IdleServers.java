package io.sluice.proxy.backend;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Closes connections to servers that have had no request for a while. Looks at all of them now and then; what is appended
 * between two looks tells that a connection is used, so that a request costs nothing. Event-loop only.
 */
final class IdleServers {

    /** How late an unused connection may be noticed, as a part of the timeout. */
    private static final int LOOKS_PER_TIMEOUT = 8;

    private static final Duration LEAST_PERIOD = Duration.ofMillis(20);

    private final BackendPools pools;
    private boolean watching;

    IdleServers(BackendPools pools) {
        this.pools = pools;
    }

    /** There may be a connection. */
    void watch() {
        @Nullable Duration timeout = pools.settings().idleTimeout();
        if (timeout != null && !watching) {
            watching = true;
            Duration part = timeout.dividedBy(LOOKS_PER_TIMEOUT);
            pools.loop().schedule(this::look, part.compareTo(LEAST_PERIOD) < 0 ? LEAST_PERIOD : part);
        }
    }

    private void look() {
        boolean open = true;
        try {
            @Nullable Duration timeout = pools.settings().idleTimeout(); // which may have changed
            open = timeout != null && closeIdle(pools.loop().resources().clock().refresh(), timeout);
        } finally { // whatever happens, connections go on being watched
            watching = false;
            if (open) {
                watch();
            }
        }
    }

    /** Whether a connection is left that may become idle. */
    private boolean closeIdle(long now, Duration timeout) {
        boolean open = false;
        for (Backend backend : pools.all()) {
            for (BackendConnection connection : backend.connections()) {
                open |= connection.staysOpen(now, timeout.toNanos());
            }
        }
        return open;
    }
}
