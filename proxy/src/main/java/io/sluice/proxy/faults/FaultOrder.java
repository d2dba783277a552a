package io.sluice.proxy.faults;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What somebody asks for. A request meets the fault if everything said here fits it, and then with the given chance.
 *
 * @param kind what becomes of it
 * @param pool null for every pool
 * @param percent chance from above 0 to 100
 * @param commands names as the command table has them, {@code get} or {@code object|freq}; empty for all
 * @param keyPrefix how one of its keys begins; null for any
 * @param server the name of a server that owns one of its keys; null for any
 * @param delay for {@link FaultKind#DELAY}: from the request until its reply at least
 * @param duration until the fault ends by itself
 */
public record FaultOrder(
        FaultKind kind,
        @Nullable String pool,
        double percent,
        List<String> commands,
        @Nullable String keyPrefix,
        @Nullable String server,
        Duration delay,
        Duration duration) {

    public static final Duration DEFAULT_DURATION = Duration.ofMinutes(10);
    public static final Duration MAX_DURATION = Duration.ofHours(24);
    public static final Duration MIN_DURATION = Duration.ofSeconds(1);
    public static final Duration DEFAULT_DELAY = Duration.ofMillis(100);
    public static final Duration MAX_DELAY = Duration.ofMinutes(1);
    public static final int MAX_COMMANDS = 64;
    public static final int MAX_PREFIX_BYTES = 256;

    public FaultOrder {
        commands = List.copyOf(commands);
    }
}
