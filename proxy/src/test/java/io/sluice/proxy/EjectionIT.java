package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.assertError;
import static io.sluice.proxy.testing.Replies.millisSince;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.Ejection;
import io.sluice.proxy.testing.Keys;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@code auto_eject_hosts}, {@code server_failure_limit} and {@code server_retry_timeout}, as twemproxy's. */
class EjectionIT {

    private static final Duration RETRY = Duration.ofMillis(1500);
    private static final Ejection AFTER_TWO = new Ejection(true, 2, RETRY);

    @Test
    void theKeysOfADeadServerGoToTheOthersUntilItReturns() throws Exception {
        try (RedisServer first = RedisServer.onFreePort();
                RedisServer second = RedisServer.onFreePort();
                RedisServer dead = RedisServer.onFreePort();
                RunningProxy proxy = RunningProxy.overPorts(first.port(), second.port(), dead.port())
                        .ejection(AFTER_TWO)) {
            first.start();
            second.start();
            dead.start();
            proxy.start();
            try (RespClient client = proxy.connect()) {
                String key = Keys.ownedBy(2, proxy);
                assertThat(client.call("SET", key, "on the third")).isEqualTo("OK");
                dead.kill();
                long killed = System.nanoTime();

                int errors = errorsUntilAnswered(client, "SET", key, "elsewhere");

                System.out.println(
                        "FIGURE ejection: " + errors + " errors, " + millisSince(killed) + "ms after the kill");
                // One request can find out twice: its connection is gone, and then there is none to be had.
                assertThat(errors).isBetween(1, 2);
                assertThat(holders(key, first, second)).isEqualTo(1);

                dead.restart();
                await().atMost(Duration.ofSeconds(30))
                        .pollInterval(Duration.ofMillis(10))
                        .until(() -> "OK".equals(client.call("SET", key, "home")) && holders(key, dead) == 1);
                assertThat(millisSince(killed)).isGreaterThanOrEqualTo(RETRY.toMillis());
            }
        }
    }

    private static int errorsUntilAnswered(RespClient client, String... request) throws IOException {
        int errors = 0;
        long start = System.nanoTime();
        while (client.call(request) instanceof RespError error) {
            assertThat(error.message()).containsAnyOf("Connection refused", "Connection reset", "timed out");
            assertThat(millisSince(start)).isLessThan(30_000);
            errors++;
        }
        return errors;
    }

    private static long holders(String key, RedisServer... servers) throws IOException {
        long holders = 0;
        for (RedisServer server : servers) {
            try (RespClient direct = server.connect()) {
                holders += (Long) java.util.Objects.requireNonNull(direct.call("EXISTS", key));
            }
        }
        return holders;
    }

    @Test
    void eachReturnOfADeadServerCostsNoMoreRequestsThanTheLimit() throws Exception {
        Duration retry = Duration.ofMillis(300);
        int cycles = 5;
        try (ScriptedServer healthy = ScriptedServer.start(ScriptedServer::sensibly);
                RunningProxy proxy = RunningProxy.overPorts(FreePorts.next(), healthy.port())
                        .ejection(new Ejection(true, 2, retry))
                        .start();
                RespClient client = proxy.connect()) {
            String key = Keys.ownedBy(0, proxy);
            int errors = 0;
            int answers = 0;
            long start = System.nanoTime();

            while (millisSince(start) < cycles * retry.toMillis()) {
                if (client.call("GET", key) instanceof RespError) {
                    errors++;
                } else {
                    answers++;
                }
            }

            System.out.println("FIGURE ejection cycles: " + errors + " errors, " + answers + " answers");
            assertThat(errors).isBetween(2, 2 * cycles);
            assertThat(answers).isGreaterThan(20);
        }
    }

    @Test
    void twoDeadlinesInARowEject() throws Exception {
        try (ScriptedServer silent = ScriptedServer.start(ScriptedServer::silence);
                ScriptedServer healthy = ScriptedServer.start(ScriptedServer::sensibly);
                RunningProxy proxy = RunningProxy.overPorts(silent.port(), healthy.port())
                        .timeout(Duration.ofMillis(800), Duration.ofSeconds(20))
                        .ejection(AFTER_TWO)
                        .start();
                RespClient client = proxy.connect()) {
            String key = Keys.ownedBy(0, proxy);
            assertError(client.call("GET", key)).contains("timed out");
            assertError(client.call("GET", key)).contains("timed out");

            assertThat(client.call("GET", key)).isEqualTo("value of " + key);
            assertThat(healthy.count("GET", key)).isEqualTo(1);
        }
    }

    @Test
    void anAnswerInBetweenForgivesOneFailure() throws Exception {
        ScriptedServer.Script everySecondIsSilent = asked -> {
            if (asked.number() % 2 == 0) {
                asked.reply("+late\r\n+here\r\n");
            }
        };
        try (ScriptedServer server = ScriptedServer.start(everySecondIsSilent);
                ScriptedServer other = ScriptedServer.start(ScriptedServer::sensibly);
                RunningProxy proxy = RunningProxy.overPorts(server.port(), other.port())
                        .timeout(Duration.ofMillis(500), Duration.ofSeconds(20))
                        .ejection(AFTER_TWO)
                        .start();
                RespClient client = proxy.connect()) {
            String key = Keys.ownedBy(0, proxy);

            for (int i = 0; i < 3; i++) {
                assertError(client.call("GET", key)).contains("timed out");
                assertThat(client.call("GET", key)).isEqualTo("here");
            }

            assertThat(other.received()).isEmpty();
        }
    }

    @Test
    void errorsOfAServerInTroubleCountAndAreDelivered() throws Exception {
        try (ScriptedServer loading = ScriptedServer.start(
                        asked -> asked.reply("-LOADING Redis is loading the dataset in memory\r\n"));
                ScriptedServer healthy = ScriptedServer.start(ScriptedServer::sensibly);
                RunningProxy proxy = RunningProxy.overPorts(loading.port(), healthy.port())
                        .ejection(AFTER_TWO)
                        .start();
                RespClient client = proxy.connect()) {
            String key = Keys.ownedBy(0, proxy);

            assertError(client.call("GET", key)).startsWith("LOADING");
            assertError(client.call("GET", key)).startsWith("LOADING");
            assertThat(client.call("GET", key)).isEqualTo("value of " + key);

            assertThat(loading.open()).isEqualTo(1); // a reply, not a dead socket
        }
    }

    @Test
    void withoutAnyServerLeftTheConnectionIsRefused() throws Exception {
        try (ScriptedServer silent = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = RunningProxy.overPorts(silent.port())
                        .timeout(Duration.ofMillis(80), Duration.ofSeconds(20))
                        .ejection(AFTER_TWO)
                        .start();
                RespClient client = proxy.connect()) {
            assertError(client.call("GET", "key")).contains("timed out");
            assertError(client.call("GET", "key")).contains("timed out");

            assertError(client.call("GET", "key")).startsWith("ERR Connection refused");
            assertError(client.call("MGET", "key", "key2")).startsWith("ERR Connection refused");
            assertThat(client.call("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void withoutAutoEjectHostsNobodyIsEjected() throws Exception {
        try (ScriptedServer silent = ScriptedServer.start(ScriptedServer::silence);
                ScriptedServer healthy = ScriptedServer.start(ScriptedServer::sensibly);
                RunningProxy proxy = RunningProxy.overPorts(silent.port(), healthy.port())
                        .timeout(Duration.ofMillis(50), Duration.ofSeconds(20))
                        .start();
                RespClient client = proxy.connect()) {
            String key = Keys.ownedBy(0, proxy);

            for (int i = 0; i < 6; i++) {
                assertError(client.call("GET", key)).contains("timed out");
            }

            assertThat(healthy.received()).isEmpty();
        }
    }
}
