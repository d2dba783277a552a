package io.sluice.testing.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The test of the test: one server does nothing wrong, and what is done to it behind the clients' backs is noticed. */
class WorkloadIT {

    /** Tells how many elements were there. */
    private static final String DOUBLE_QUEUES = "local n = 0 for _, k in ipairs(redis.call('KEYS', '*queue:*')) do"
            + " local e = redis.call('LRANGE', k, 0, -1) n = n + #e"
            + " for i = 1, #e do redis.call('RPUSH', k, e[i]) end end return n";

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @RegisterExtension
    static final RedisServer server = RedisServer.onFreePort();

    @BeforeEach
    void forgetEarlierWorkloads() throws IOException {
        try (RespClient client = server.connect()) {
            client.call("FLUSHALL");
        }
    }

    private Workload start() {
        return Workload.start(
                List.of(server.port()), System.nanoTime(), Duration.ZERO, EnumSet.allOf(Workload.Extra.class));
    }

    private static void until(Workload workload, long answers) {
        Awaitility.await().atMost(LIMIT).until(() -> workload.soFar().answers() > answers);
    }

    @Test
    void aPlainServerDoesNothingWrong() throws Exception {
        try (Workload workload = start()) {
            until(workload, 20_000);

            WorkloadReport report = workload.stop();
            assertThat(report.violations()).as(report.toString()).isZero();
            assertThat(report.errorCount()).as(report.toString()).isZero();
            assertThat(report.slowest()).isPositive();
        }
    }

    @Test
    void lostWritesAreNoticed() throws Exception {
        try (Workload workload = start();
                RespClient other = new RespClient(server.port())) {
            until(workload, 2_000);
            other.call("FLUSHALL");

            WorkloadReport report = workload.stop();
            assertThat(report.violations()).as(report.toString()).isPositive();
        }
    }

    @Test
    void oldValuesAreNoticed() throws Exception {
        try (Workload workload = start();
                RespClient other = new RespClient(server.port())) {
            until(workload, 2_000);
            String key = Awaitility.await("the register is written")
                    .atMost(LIMIT)
                    .until(() -> namesOf(other, "*register:1"), names -> !names.isEmpty())
                    .get(0);
            Object old = other.call("GET", key);
            until(workload, workload.soFar().answers() + 5_000);
            Awaitility.await() // its writer may have written again before anybody reads it
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> {
                        other.call("SET", key, String.valueOf(old));
                        return workload.soFar().violations() > 0;
                    });

            WorkloadReport report = workload.stop();
            assertThat(report.examples()).as(report.toString()).anyMatch(text -> text.contains("register:1:"));
        }
    }

    private static List<String> namesOf(RespClient client, String pattern) throws IOException {
        List<?> names = (List<?>) Objects.requireNonNull(client.call("KEYS", pattern));
        return names.stream().map(String::valueOf).toList();
    }

    @Test
    void elementsThatComeTwiceAreNoticed() throws Exception {
        try (Workload workload = start();
                RespClient other = new RespClient(server.port())) {
            until(workload, 2_000);
            Awaitility.await("some wait in a queue")
                    .atMost(LIMIT)
                    .until(() -> other.call("EVAL", DOUBLE_QUEUES, "0") instanceof Long doubled && doubled > 0);

            WorkloadReport report = workload.stop();
            assertThat(report.violations()).as(report.toString()).isPositive();
        }
    }
}
