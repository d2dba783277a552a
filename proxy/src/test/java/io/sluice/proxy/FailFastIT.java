package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.assertError;
import static io.sluice.proxy.testing.Replies.millisWaited;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.Ejections;
import io.sluice.proxy.testing.Keys;
import io.sluice.proxy.testing.PrometheusText;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** {@code ejection: fail_fast}: keys of a server that is left out fail at once, and stay where they are. */
class FailFastIT {

    /** So long that the other server keeps it on a busy machine, too. */
    private static final Duration TIMEOUT = Duration.ofMillis(800);

    private static final Duration HARD_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration BOUND = Duration.ofSeconds(30);

    @Test
    void keysOfAStoppedServerFailAtOnceAndAreThereAgainLater() throws Exception {
        try (RedisServer stopped = RedisServer.onFreePort();
                RedisServer other = RedisServer.onFreePort();
                RunningProxy proxy = RunningProxy.overPorts(stopped.port(), other.port())
                        .timeout(TIMEOUT, HARD_TIMEOUT)
                        .ejection(Ejections.failFast())
                        .monitored()) {
            stopped.start();
            other.start();
            proxy.start();
            String key = Keys.ownedBy(0, proxy);
            try (RespClient client = proxy.connect()) {
                client.call("SET", key, "kept");
                stopped.pause();
                for (int i = 0; i < Ejections.FAILURES; i++) {
                    String error = String.valueOf(client.call("GET", key));
                    assertThat(error).contains("ERR Connection timed out: server=server0 waited=");
                    assertThat(millisWaited(error)).isBetween(TIMEOUT.toMillis(), HARD_TIMEOUT.toMillis() - 1);
                }

                assertError(client.call("SET", key, "lost"))
                        .startsWith("ERR Connection refused: server=server0 state=")
                        .doesNotContain("no server in use");
                assertError(client.call("MGET", key, Keys.ownedBy(1, proxy)))
                        .startsWith("ERR Connection refused: server=server0 state=");
                assertThat(client.call("SET", Keys.ownedBy(1, proxy), "fine")).isEqualTo("OK");
                await().atMost(BOUND)
                        .untilAsserted(() -> assertThat(state(proxy, 0)).isEqualTo("probing"));

                stopped.resume();
                await().atMost(BOUND)
                        .pollInterval(Duration.ofMillis(20))
                        .until(() -> "kept".equals(client.call("GET", key)));
                PrometheusText metrics = AdminClient.metrics(proxy.adminPort());
                assertThat(metrics.value("sluice_server_probes_total{pool=alpha, result=good, server=server0}"))
                        .isEqualTo(3);
                assertThat(metrics.value(
                                "sluice_server_request_errors_total{kind=no_server, pool=alpha, server=server0}"))
                        .isPositive();
                await().atMost(BOUND)
                        .untilAsserted(() -> assertThat(state(proxy, 0)).isEqualTo("up"));
            }
            try (RespClient direct = other.connect()) {
                assertThat(direct.call("EXISTS", key)).isEqualTo(0L);
            }
        }
    }

    private static String state(RunningProxy proxy, int server) throws Exception {
        PrometheusText metrics = AdminClient.metrics(proxy.adminPort());
        for (String state : new String[] {"up", "suspect", "ejected", "probing", "returning"}) {
            String name = "sluice_server_state{pool=alpha, server=server" + server + ", state=" + state + "}";
            if (metrics.value(name) == 1) {
                return state;
            }
        }
        return "none";
    }

    @Test
    void aServerThatAnswersItsProbesWithLoadingStaysOut() throws Exception {
        AtomicBoolean loading = new AtomicBoolean(true);
        AtomicBoolean silent = new AtomicBoolean(true);
        ScriptedServer.Script script = asked -> {
            if (asked.isPing() && loading.get()) {
                asked.reply("-LOADING Redis is loading the dataset in memory\r\n");
            } else if (asked.isPing() || !silent.get()) {
                asked.replySensibly();
            }
        };
        try (ScriptedServer server = ScriptedServer.start(script);
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .timeout(Duration.ofMillis(60), HARD_TIMEOUT)
                        .ejection(Ejections.failFast())
                        .start();
                RespClient client = proxy.connect()) {
            assertError(client.call("GET", "k")).contains("timed out");
            assertError(client.call("GET", "k")).contains("timed out");
            await().atMost(BOUND).until(() -> server.count("PING") >= 3);
            assertError(client.call("GET", "k")).contains("state=probing");

            silent.set(false);
            loading.set(false);
            server.closeConnections(); // on which older requests would have to be answered first

            await().atMost(BOUND)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> "value of k".equals(client.call("GET", "k")));
        }
    }

    /** As after its machine lost power: the proxy hears of that when it uses the connection. */
    @Test
    void aConnectionFromBeforeTheServersReturnDoesNotLeaveItOutAgain() throws Exception {
        AtomicBoolean silent = new AtomicBoolean(true);
        AtomicBoolean restarted = new AtomicBoolean();
        ScriptedServer.Script script = asked -> {
            if (asked.isPing()) {
                asked.replySensibly();
            } else if (restarted.compareAndSet(true, false)) {
                asked.from().reset();
            } else if (!silent.get()) {
                asked.replySensibly();
            }
        };
        try (ScriptedServer server = ScriptedServer.start(script);
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .timeout(Duration.ofMillis(500), Duration.ofSeconds(30))
                        .ejection(Ejections.failFast(Duration.ofSeconds(1)))
                        .monitored()
                        .start();
                RespClient client = proxy.connect()) {
            assertError(client.call("GET", "k")).contains("timed out");
            assertError(client.call("GET", "k")).contains("timed out");
            await().atMost(BOUND)
                    .untilAsserted(() -> assertThat(state(proxy, 0)).isEqualTo("returning"));

            silent.set(false);
            restarted.set(true);
            assertError(client.call("GET", "k")).startsWith("ERR Connection reset by peer: server=server0");

            assertThat(client.call("GET", "k")).isEqualTo("value of k");
        }
    }

    /** Redis refuses PING, as it does writes, while it cannot save; it serves reads. */
    @Test
    void aServerThatRefusesWritesAndPingsIsTakenBackForItsReads() throws Exception {
        AtomicBoolean silent = new AtomicBoolean(true);
        ScriptedServer.Script script = asked -> {
            if (asked.isPing()) {
                asked.reply("-MISCONF Redis is configured to save RDB snapshots, but\r\n");
            } else if (!silent.get()) {
                asked.replySensibly();
            }
        };
        try (ScriptedServer server = ScriptedServer.start(script);
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .timeout(Duration.ofMillis(60), HARD_TIMEOUT)
                        .ejection(Ejections.failFast())
                        .start();
                RespClient client = proxy.connect()) {
            assertError(client.call("GET", "k")).contains("timed out");
            assertError(client.call("GET", "k")).contains("timed out");
            assertError(client.call("GET", "k")).contains("state=ejected");

            silent.set(false);
            server.closeConnections();

            await().atMost(BOUND)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> "value of k".equals(client.call("GET", "k")));
        }
    }

    @Test
    void aServerThatSaysItIsInTroubleIsNotLeftOutSinceItAnswersAtOnceAnyway() throws Exception {
        try (ScriptedServer full = ScriptedServer.start(asked -> {
                    if (asked.command().equals("SET")) {
                        asked.reply("-OOM command not allowed when used memory > 'maxmemory'.\r\n");
                    } else {
                        asked.replySensibly();
                    }
                });
                RunningProxy proxy = RunningProxy.overPorts(full.port())
                        .ejection(Ejections.failFast())
                        .start();
                RespClient client = proxy.connect()) {
            for (int i = 0; i < 10; i++) {
                assertError(client.call("SET", "k", "v")).startsWith("OOM");
            }

            assertThat(client.call("GET", "k")).isEqualTo("value of k");
            assertThat(full.accepts()).isEqualTo(1);
        }
    }

    @Test
    void whenTooManyFailNoneOfTheRestIsLeftOut() throws Exception {
        try (ScriptedServer first = ScriptedServer.start(ScriptedServer::silence);
                ScriptedServer second = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = RunningProxy.overPorts(first.port(), second.port())
                        .timeout(Duration.ofMillis(40), HARD_TIMEOUT)
                        .ejection(Ejections.failFast(50))
                        .monitored()
                        .start();
                RespClient client = proxy.connect()) {
            String firstKey = Keys.ownedBy(0, proxy);
            String secondKey = Keys.ownedBy(1, proxy);
            assertError(client.call("GET", firstKey)).contains("timed out");
            assertError(client.call("GET", firstKey)).contains("timed out");
            assertError(client.call("GET", firstKey)).contains("state=");

            for (int i = 0; i < 3 * Ejections.FAILURES; i++) {
                assertError(client.call("GET", secondKey)).contains("timed out");
            }

            assertThat(AdminClient.metrics(proxy.adminPort()).value("sluice_pool_ejections_withheld_total{pool=alpha}"))
                    .isEqualTo(3);
        }
    }
}
