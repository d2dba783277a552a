package io.sluice.proxy.conversation;

import java.time.Duration;

/**
 * How long a client waits for data, wherever it does.
 *
 * @param isForEver whether it waits until something comes
 * @param dueNanos else when it has waited long enough, as {@link Conversations#now} has it
 */
record WaitLimit(boolean isForEver, long dueNanos) {

    private static final long MILLI = 1_000_000;

    /** @param millis from now on; 0 for ever */
    static WaitLimit of(long millis, long now) {
        return new WaitLimit(millis == 0, now + Math.min(millis, Long.MAX_VALUE / 4 / MILLI) * MILLI);
    }

    /** Nothing once it is over. */
    Duration left(long now) {
        return Duration.ofNanos(Math.max(0, dueNanos - now));
    }

    /** As a server is told: 0 for ever, and at least 1 otherwise. */
    long leftMillis(long now) {
        return isForEver ? 0 : Math.max(1, (dueNanos - now) / MILLI);
    }
}
