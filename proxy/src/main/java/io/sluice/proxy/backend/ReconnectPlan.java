package io.sluice.proxy.backend;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a connection may be tried again, and why the last attempt came to nothing. Tells the log once per outage. Times
 * are nanoseconds of the loop's clock. Event-loop only.
 */
final class ReconnectPlan {

    private static final Logger log = LoggerFactory.getLogger(ReconnectPlan.class);

    private final Backend backend;
    private final Backoff backoff;
    private long nextAttemptAt;
    private int returnsSeen;
    private String lastFailure = "not tried yet";

    ReconnectPlan(Backend backend, long now) {
        this.backend = backend;
        BackendSettings settings = backend.settings();
        this.backoff = new Backoff(settings.reconnectMin(), settings.reconnectMax(), backend.random());
        this.nextAttemptAt = now; // the clock's origin is arbitrary
    }

    /** The pool has other settings now; the next wait follows them. */
    void onSettings() {
        backoff.bound(backend.settings().reconnectMin(), backend.settings().reconnectMax());
    }

    /** Whether it is too early for another attempt. */
    boolean isTooEarly(long now) {
        if (now - nextAttemptAt >= 0) {
            return false;
        }
        if (backend.returns() != returnsSeen) { // it was ejected meanwhile, and now requests are to find out
            returnsSeen = backend.returns();
            backoff.reset();
            return false;
        }
        return true;
    }

    /** Nanoseconds until the next attempt; 0 if it is due. */
    long waitNanos(long now) {
        return Math.max(0, nextAttemptAt - now);
    }

    /** A socket that had answered is gone: another one may be tried at once. */
    void onLost(String cause, long now) {
        lastFailure = cause;
        nextAttemptAt = now;
    }

    /** The server is worth a try, whatever was planned. */
    void tryNow(long now) {
        backoff.reset();
        nextAttemptAt = now;
    }

    /** No socket came about, or one that never answered, or, as others tell, it is the wrong server. */
    void onFailed(String cause, long now, boolean toldElsewhere) {
        lastFailure = cause;
        nextAttemptAt = now + backoff.nextWaitNanos();
        if (backoff.failures() == 1 && !toldElsewhere && !backend.isClosing()) {
            log.warn("Server unreachable: pool={} server={} cause={}", backend.pool(), backend.name(), cause);
        } else {
            log.debug("Server unreachable: pool={} server={} cause={}", backend.pool(), backend.name(), cause);
        }
    }

    /** A socket has answered for the first time. */
    void onAnswered() {
        if (backoff.failures() > 0) {
            log.info("Server answers again: pool={} server={}", backend.pool(), backend.name());
        }
        backoff.reset();
    }

    /** The same of a server that is a replica. */
    String describeDemotion(long now) {
        return "server=" + backend.name() + " is a replica now, asked_again_in="
                + CoarseWait.text(Duration.ofNanos(waitNanos(now)));
    }

    /** For the requester who has to do without. */
    String describe(long now) {
        String retryIn = CoarseWait.text(Duration.ofNanos(waitNanos(now)));
        return "server=" + backend.name() + " retry_in=" + retryIn + " cause=" + lastFailure;
    }
}
