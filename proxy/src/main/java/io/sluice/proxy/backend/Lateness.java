package io.sluice.proxy.backend;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log that a server does not answer in time, and that it does again. Event-loop only. */
final class Lateness {

    private static final Logger log = LoggerFactory.getLogger(Lateness.class);

    /** A server that is late time and again is told of no more often than that. */
    private static final long TOLD_EVERY_NANOS = Duration.ofSeconds(10).toNanos();

    private final Backend backend;
    private boolean late; // and told so
    private long toldAt;

    Lateness(Backend backend, long now) {
        this.backend = backend;
        this.toldAt = now - TOLD_EVERY_NANOS;
    }

    /** A deadline has passed. */
    void onLate(long now, long timeoutMillis, int inFlight) {
        if (!late && now - toldAt >= TOLD_EVERY_NANOS) {
            late = true;
            toldAt = now;
            log.warn(
                    "Server does not answer in time: pool={} server={} timeout={}ms in_flight={}",
                    backend.pool(),
                    backend.name(),
                    timeoutMillis,
                    inFlight);
        }
    }

    /** A reply has come that somebody still waited for. */
    void onInTime() {
        if (late) {
            late = false;
            log.info("Server answers in time again: pool={} server={}", backend.pool(), backend.name());
        }
    }

    /** The connection is gone, which is told elsewhere. */
    void forget() {
        late = false;
    }
}
