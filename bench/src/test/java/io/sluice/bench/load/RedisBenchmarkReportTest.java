package io.sluice.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sluice.bench.proxies.BenchException;
import org.junit.jupiter.api.Test;

class RedisBenchmarkReportTest {

    private static final String REPORT = """
            SET: rps=0.0 (overall: 0.0)\r\
            ====== SET ======
              1000 requests completed in 0.10 seconds
              50 parallel clients

            Latency by percentile distribution:
            0.000% <= 0.100 milliseconds (cumulative count 0)
            50.000% <= 1.000 milliseconds (cumulative count 500)
            100.000% <= 3.000 milliseconds (cumulative count 1000)

            Summary:
              throughput summary: 10000.00 requests per second
              latency summary (msec):
                      avg       min       p50       p95       p99       max
                    1.000     0.100     1.000     2.000     2.900     3.000
            ====== GET ======
              1000 requests completed in 0.05 seconds

            50.000% <= 1.000 milliseconds (cumulative count 1000)

            Summary:
              throughput summary: 20000.00 requests per second
            """;

    @Test
    void addsUpAllTestsOfOneRun() {
        Load load = RedisBenchmarkReport.parse(REPORT);

        assertThat(load.requests()).isEqualTo(2_000);
        assertThat(load.seconds()).isCloseTo(0.15, within(1e-9));
        assertThat(load.perSecond()).isCloseTo(13_333.3, within(0.1));
        assertThat(load.latencies().count()).isEqualTo(2_000);
        assertThat(load.latencies().millis(0.75)).isCloseTo(1.0, within(1e-9));
        assertThat(load.latencies().millis(0.99)).isCloseTo(2.92, within(1e-9));
    }

    @Test
    void saysWhatItGotInsteadOfAReport() {
        assertThatThrownBy(() -> RedisBenchmarkReport.parse("Could not connect to Redis\n\n"))
                .isInstanceOf(BenchException.class)
                .hasMessageContaining("Could not connect to Redis");
    }
}
