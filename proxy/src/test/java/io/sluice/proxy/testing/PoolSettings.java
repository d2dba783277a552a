package io.sluice.proxy.testing;

import io.sluice.proxy.backend.BackendSettings;
import io.sluice.proxy.backend.RetryRule;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How pools treat their servers where a test is about something else: one connection to each, in clear text. */
public final class PoolSettings {

    private PoolSettings() {}

    /** With no limit for replies. */
    public static BackendSettings of(int maxInFlight, long maxQueuedBytes, RetryRule retries) {
        return of(null, maxInFlight, maxQueuedBytes, retries);
    }

    /**
     * With a limit for replies.
     *
     * @param timeout from a request's dispatch to its reply; null for no limit
     */
    public static BackendSettings of(
            @Nullable Duration timeout, int maxInFlight, long maxQueuedBytes, RetryRule retries) {
        return new BackendSettings(
                timeout,
                null,
                Duration.ofSeconds(1),
                Duration.ofMillis(50),
                Duration.ofMillis(500),
                false,
                false,
                1,
                maxInFlight,
                maxQueuedBytes,
                Duration.ofMillis(100),
                Duration.ofSeconds(1),
                retries,
                null,
                null,
                null);
    }
}
