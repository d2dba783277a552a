package io.sluice.proxy.backend;

/**
 * How much may be sent once more: a share of the traffic, so that retries never make an outage worse. Counts nothing
 * itself while all goes well. Of one pool on one event loop. Event-loop only.
 */
final class RetryBudget {

    /** Retries that a pool without traffic has. */
    static final int AT_FIRST = 10;

    /** Retries that can be saved up. */
    static final int MOST = 1_000;

    private final int percent;
    private double saved = AT_FIRST;
    private long seenRequests;

    RetryBudget(int percent) {
        this.percent = percent;
    }

    /** Takes that many retries, all or none; {@code requests} is how many requests there have been. */
    boolean take(int retries, long requests) {
        saved = Math.min(MOST, saved + (requests - seenRequests) * percent / 100.0);
        seenRequests = requests;
        if (percent == 0 || retries > saved) {
            return false;
        }
        saved -= retries;
        return true;
    }
}
