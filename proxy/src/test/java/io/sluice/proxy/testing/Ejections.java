package io.sluice.proxy.testing;

import io.sluice.proxy.config.Ejection;
import io.sluice.proxy.config.Ejection.Policy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Rules that eject after few failures and probe often, for tests that do not want to wait. */
public final class Ejections {

    public static final int FAILURES = 2;
    public static final Duration RETRY = Duration.ofMillis(200);
    public static final Duration SPARE_TIME_TO_LIVE = Duration.ofSeconds(7);

    private static final Duration PROBE_INTERVAL = Duration.ofMillis(50);

    private Ejections() {}

    public static Ejection failFast() {
        return of(Policy.FAIL_FAST, 100, Duration.ZERO, null);
    }

    /** On trial for as long as it is left out, which is not so short that a test could miss it. */
    public static Ejection failFast(Duration retry) {
        return of(Policy.FAIL_FAST, retry, 100, Duration.ZERO, null);
    }

    /** Fails open past so many percent of the servers. */
    public static Ejection failFast(int mostEjectedPercent) {
        return of(Policy.FAIL_FAST, mostEjectedPercent, Duration.ZERO, null);
    }

    public static Ejection remap(Duration slowStart) {
        return of(Policy.REMAP, 100, slowStart, null);
    }

    public static Ejection spare(String pool) {
        return of(Policy.SPARE, 100, Duration.ZERO, pool);
    }

    private static Ejection of(Policy policy, int mostEjectedPercent, Duration slowStart, @Nullable String sparePool) {
        return of(policy, RETRY, mostEjectedPercent, slowStart, sparePool);
    }

    private static Ejection of(
            Policy policy, Duration retry, int mostEjectedPercent, Duration slowStart, @Nullable String sparePool) {
        return new Ejection(
                policy,
                FAILURES,
                retry,
                Duration.ofSeconds(2),
                0,
                Duration.ofSeconds(10),
                PROBE_INTERVAL,
                3,
                mostEjectedPercent,
                slowStart,
                sparePool,
                SPARE_TIME_TO_LIVE);
    }
}
