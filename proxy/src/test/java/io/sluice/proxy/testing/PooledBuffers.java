package io.sluice.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import java.time.Duration;

/**
 * How many buffers of the process' pool are out. Those in the caches of living threads count, so the numbers are equal
 * when no proxy runs at either time.
 */
public final class PooledBuffers {

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private final long before = count();

    private PooledBuffers() {}

    public static PooledBuffers now() {
        return new PooledBuffers();
    }

    /** As many are out as then, or will be soon. */
    public void assertReturned() {
        await().atMost(LONGEST_WAIT)
                .untilAsserted(() ->
                        assertThat(count()).as("pooled buffers that are out").isLessThanOrEqualTo(before));
    }

    private static long count() {
        return PooledByteBufAllocator.DEFAULT.metric().directArenas().stream()
                .mapToLong(PoolArenaMetric::numActiveAllocations)
                .sum();
    }
}
