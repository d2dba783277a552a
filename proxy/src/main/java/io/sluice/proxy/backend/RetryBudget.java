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

    private double saved = AT_FIRST;
    private long seenRequests;

    /**
     * Takes that many retries, all or none.
     *
     * @param requests how many there have been; fewer than last time when servers have gone meanwhile
     * @param percent of them that may be retried
     */
    boolean take(int retries, long requests, int percent) {
        saved = Math.min(MOST, saved + Math.max(0, requests - seenRequests) * percent / 100.0);
        seenRequests = requests;
        if (percent == 0 || retries > saved) {
            return false;
        }
        saved -= retries;
        return true;
    }
}
