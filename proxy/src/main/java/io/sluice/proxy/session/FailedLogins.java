package io.sluice.proxy.session;

import io.sluice.proxy.transport.Connection;
import io.sluice.proxy.transport.LoopClock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log of logins that failed, though not of each one when many do. Of one event loop. Event-loop only. */
final class FailedLogins {

    private static final Logger log = LoggerFactory.getLogger(FailedLogins.class);

    private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

    private final LoopClock clock;
    private long last;
    private int untold;
    private boolean hasTold;

    FailedLogins(LoopClock clock) {
        this.clock = clock;
    }

    /** @param user empty for a name that no user has: it may be a password in the wrong place */
    void warn(String user, @Nullable Connection client) {
        long now = clock.nanos();
        if (hasTold && now - last < PAUSE_NANOS) {
            untold++;
            return;
        }
        log.warn(
                "Login failed: user={} client={} untold_before={}",
                user.isEmpty() ? "(unknown)" : user,
                client == null ? "gone" : client.peer(),
                untold);
        hasTold = true;
        last = now;
        untold = 0;
    }
}
