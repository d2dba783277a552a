package io.sluice.proxy.backend;

import io.sluice.proxy.transport.Loop;
import java.time.Duration;
import java.util.List;

/**
 * Closes connections to servers that have had no request for a while. Looks at all of them now and then; what is appended
 * between two looks tells that a connection is used, so that a request costs nothing. Event-loop only.
 */
final class IdleServers {

    private static final int LOOKS_PER_TIMEOUT = 8;
    private static final Duration LEAST_PERIOD = Duration.ofMillis(20);

    private final Duration timeout;
    private final Duration period;
    private final Loop loop;
    private final List<Backend> backends;
    private boolean watching;

    IdleServers(Duration timeout, Loop loop, List<Backend> backends) {
        this.timeout = timeout;
        Duration part = timeout.dividedBy(LOOKS_PER_TIMEOUT);
        this.period = part.compareTo(LEAST_PERIOD) < 0 ? LEAST_PERIOD : part;
        this.loop = loop;
        this.backends = backends;
    }

    /** A connection has come about. */
    void watch() {
        if (!watching) {
            watching = true;
            loop.schedule(this::look, period);
        }
    }

    private void look() {
        boolean open = true;
        try {
            open = closeIdle(loop.resources().clock().refresh());
        } finally { // whatever happens, connections go on being watched
            watching = false;
            if (open) {
                watch();
            }
        }
    }

    /** Whether a connection is left that may become idle. */
    private boolean closeIdle(long now) {
        boolean open = false;
        for (Backend backend : backends) {
            for (BackendConnection connection : backend.connections()) {
                open |= connection.staysOpen(now, timeout.toNanos());
            }
        }
        return open;
    }
}
