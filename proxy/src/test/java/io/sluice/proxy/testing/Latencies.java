package io.sluice.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testing.RespClient;
import java.io.IOException;
import java.util.Arrays;

/** How long calls took, one after the other. */
public final class Latencies {

    private long[] nanos = new long[1024];
    private int count;

    /** Of so many GETs, none of which may fail. */
    public static Latencies ofGets(RespClient client, String key, int count) throws IOException {
        Latencies latencies = new Latencies();
        latencies.addGets(client, key, count);
        return latencies;
    }

    public void addGets(RespClient client, String key, int calls) throws IOException {
        for (int i = 0; i < calls; i++) {
            long start = System.nanoTime();
            assertThat(client.call("GET", key)).isInstanceOf(String.class);
            add(System.nanoTime() - start);
        }
    }

    private void add(long latency) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, count * 2);
        }
        nanos[count++] = latency;
    }

    /** In nanoseconds. */
    public long percentile(double percent) {
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return sorted[Math.min(count - 1, (int) (count * percent / 100))];
    }

    @Override
    public String toString() {
        return "p50=" + percentile(50) / 1000 + "us p99=" + percentile(99) / 1000 + "us max=" + percentile(100) / 1000
                + "us of " + count;
    }
}
