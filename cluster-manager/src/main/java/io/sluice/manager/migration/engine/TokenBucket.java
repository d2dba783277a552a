package io.sluice.manager.migration.engine;

/**
 * So many a second, with a short burst. What is taken may be more than there is: the debt is waited for before the next
 * is given, so large values pass and the mean holds. Not thread-safe.
 */
final class TokenBucket {

    /** So much of a second may be taken at once. */
    private static final double BURST_SECONDS = 0.1;

    private double perSecond;
    private double tokens;
    private long lastNanos;

    TokenBucket(double perSecond, long nowNanos) {
        this.perSecond = perSecond;
        this.lastNanos = nowNanos;
    }

    /** What was taken at a high rate is not waited for at a low one; a higher rate shortens the wait. */
    void rate(double newPerSecond, long nowNanos) {
        refill(nowNanos);
        if (tokens < 0 && newPerSecond < perSecond) {
            tokens *= newPerSecond / perSecond;
        }
        perSecond = newPerSecond;
    }

    /** Nanoseconds until something may be taken; 0 if now. */
    long waitNanos(long nowNanos) {
        refill(nowNanos);
        return tokens >= 0 ? 0 : (long) Math.ceil(-tokens / perSecond * 1e9);
    }

    void take(long amount) {
        tokens -= amount;
    }

    private void refill(long nowNanos) {
        double most = Math.max(1, perSecond * BURST_SECONDS);
        tokens = Math.min(most, tokens + (nowNanos - lastNanos) / 1e9 * perSecond);
        lastNanos = nowNanos;
    }
}
