package io.sluice.manager.migration;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** Where the time of one freeze goes: clients wait for the sum. Used by one thread. */
final class FreezeLaps {

    private final LongSupplier nanos;
    private final Map<String, Duration> laps = new LinkedHashMap<>();
    private long last;

    /** @param since when it began, by {@code nanos} */
    FreezeLaps(LongSupplier nanos, long since) {
        this.nanos = nanos;
        this.last = since;
    }

    /** What has just been done took the time since the lap before; done twice, both count. */
    void done(String name) {
        long now = nanos.getAsLong();
        laps.merge(name, Duration.ofNanos(now - last), Duration::plus);
        last = now;
    }

    /** For a log: {@code acks_ms=12 drain_ms=3}. */
    @Override
    public String toString() {
        return laps.entrySet().stream()
                .map(lap -> lap.getKey() + "_ms=" + lap.getValue().toMillis())
                .collect(Collectors.joining(" "));
    }
}
