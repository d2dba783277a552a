package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.assertError;
import static io.sluice.proxy.testing.Replies.millisSince;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.Keys;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One of three real servers is stopped (SIGSTOP): its connections stay open and nothing is answered. */
class StoppedServerIT {

    /** So long that the others keep it on a busy machine, too. */
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    @RegisterExtension
    static final RedisServer first = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer second = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer stopped = RedisServer.onFreePort();

    private final RunningProxy proxy = RunningProxy.overPorts(first.port(), second.port(), stopped.port())
            .timeout(TIMEOUT, Duration.ofSeconds(20));
    private final List<RespClient> clients = new ArrayList<>();
    private List<String> keys = List.of();

    @BeforeEach
    void start() throws Exception {
        proxy.start();
        keys = List.of(Keys.ownedBy(0, proxy), Keys.ownedBy(1, proxy), Keys.ownedBy(2, proxy));
        for (int i = 0; i < 6; i++) {
            RespClient client = proxy.connect();
            clients.add(client);
            for (String key : keys) {
                assertThat(client.call("SET", key, "value of " + key)).isEqualTo("OK");
            }
        }
        stopped.pause();
    }

    @AfterEach
    void stop() throws IOException {
        stopped.resume();
        for (RespClient client : clients) {
            client.close();
        }
        proxy.close();
    }

    @Test
    void clientsOfTheOthersGoOnAndItsOwnGetErrorsInTime() throws Exception {
        RespClient waiting = clients.get(0);
        long slowest = 0;
        long latestError = 0;
        for (int round = 0; round < 3; round++) {
            waiting.send("GET", keys.get(2));
            waiting.flush();
            long asked = System.nanoTime();
            for (int i = 0; i < 100; i++) {
                long start = System.nanoTime();
                String key = keys.get(i % 2);
                assertThat(clients.get(1 + i % 5).call("GET", key)).isEqualTo("value of " + key);
                slowest = Math.max(slowest, millisSince(start));
            }
            assertError(waiting.receive()).startsWith("ERR Connection timed out: server=server2");
            latestError = Math.max(latestError, millisSince(asked));
        }

        System.out.println("FIGURE stopped server: slowest call to the others " + slowest + "ms; errors after at most "
                + latestError + "ms with timeout=" + TIMEOUT.toMillis() + "ms");
        assertThat(slowest).isLessThan(TIMEOUT.toMillis());
        assertThat(latestError).isBetween(TIMEOUT.toMillis(), TIMEOUT.toMillis() + 8_000);
        assertThat(proxy.proxy().clients()).isEqualTo(clients.size());
    }

    @Test
    void aPipelineOverAllServersStaysInOrder() throws Exception {
        RespClient client = clients.get(0);
        for (int i = 0; i < 300; i++) {
            client.send("GET", keys.get(i % 3));
        }

        for (int i = 0; i < 300; i++) {
            Object reply = client.receive();
            if (i % 3 == 2) {
                assertError(reply).startsWith("ERR Connection timed out: server=server2");
            } else {
                assertThat(reply).isEqualTo("value of " + keys.get(i % 3));
            }
        }
        assertError(client.call("MGET", keys.get(0), keys.get(2))).startsWith("ERR Connection timed out");
    }

    @Test
    void whenItGoesOnEverythingWorksOnTheOldConnections() throws Exception {
        for (RespClient client : clients) {
            client.send("GET", keys.get(2));
            client.flush();
        }
        for (RespClient client : clients) {
            assertError(client.receive()).startsWith("ERR Connection timed out");
        }

        stopped.resume();

        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> "OK".equals(clients.get(0).call("SET", keys.get(2), "new")));
        for (RespClient client : clients) {
            assertThat(client.call("MGET", keys.get(0), keys.get(2)))
                    .isEqualTo(List.of("value of " + keys.get(0), "new"));
            client.call("SET", keys.get(2), "new");
        }
        assertThat(proxy.proxy().clients()).isEqualTo(clients.size());
    }
}
