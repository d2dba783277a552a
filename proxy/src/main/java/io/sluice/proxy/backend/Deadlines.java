package io.sluice.proxy.backend;

import io.sluice.proxy.transport.Loop;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * Looks at the oldest requests of all connections every now and then, instead of one timer for each request. Sleeps
 * while nothing is in flight. Event-loop only.
 */
final class Deadlines {

    /** How late a deadline may be noticed. */
    static final Duration PERIOD = Duration.ofMillis(20);

    private final Loop loop;
    private final Supplier<List<Backend>> backends;
    private boolean watching;

    Deadlines(Loop loop, Supplier<List<Backend>> backends) {
        this.loop = loop;
        this.backends = backends;
    }

    /** A request is in flight. */
    void watch() {
        if (!watching) {
            watching = true;
            loop.schedule(this::sweep, PERIOD);
        }
    }

    private void sweep() {
        boolean idle = false;
        try {
            idle = sweepAll(loop.resources().clock().refresh());
        } finally { // whatever happens, deadlines go on being watched
            watching = !idle;
            if (watching) {
                loop.schedule(this::sweep, PERIOD);
            }
        }
    }

    private boolean sweepAll(long now) {
        boolean idle = true;
        for (Backend backend : backends.get()) {
            for (BackendConnection connection : backend.connections()) {
                connection.sweep(now);
                idle &= connection.isIdle();
            }
        }
        return idle;
    }
}
