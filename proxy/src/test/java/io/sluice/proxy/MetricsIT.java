package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.assertError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.Ejection;
import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.Keys;
import io.sluice.proxy.testing.PrometheusText;
import io.sluice.proxy.testing.RawClient;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is counted, compared with what was done. */
class MetricsIT {

    @RegisterExtension
    static final RedisServer first = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer second = RedisServer.onFreePort();

    private static final String POOL = "{pool=alpha}";

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO"})
    void trafficIsCountedExactly(TransportPreference transport) throws Exception {
        try (RunningProxy proxy = RunningProxy.overPorts(first.port(), second.port())
                        .transport(transport)
                        .monitored()
                        .start();
                RespClient client = proxy.connect()) {
            String left = Keys.ownedBy(0, proxy);
            String right = Keys.ownedBy(1, proxy);
            for (int i = 0; i < 100; i++) {
                client.call("SET", left, "12345"); // 28 + key, +OK
            }
            client.call("GET", right);
            client.call("MGET", left, right);
            client.call("PING");
            assertError(client.call("INCR", left + left, "too", "many")).contains("wrong number");
            assertError(client.call("NOSUCH")).contains("unknown");
            assertError(client.call("LPUSH", left, "x")).startsWith("WRONGTYPE");

            PrometheusText metrics = settled(proxy, "sluice_replies_total" + POOL, 106);

            assertThat(metrics.value("sluice_requests_total" + POOL)).isEqualTo(106);
            assertThat(metrics.value("sluice_requests_in_flight" + POOL)).isZero();
            assertThat(metrics.value("sluice_client_queued_bytes" + POOL)).isZero();
            assertThat(metrics.value("sluice_requests_split_total" + POOL)).isEqualTo(1);
            assertThat(metrics.value("sluice_request_parts_total" + POOL)).isEqualTo(2);
            assertThat(metrics.value("sluice_client_connections" + POOL)).isEqualTo(1);
            assertThat(metrics.value("sluice_client_connections_accepted_total" + POOL))
                    .isEqualTo(1);
            assertThat(errors(metrics, "unknown_command")).isEqualTo(1);
            assertThat(errors(metrics, "wrong_argument_count")).isEqualTo(1);
            assertThat(errors(metrics, "timed_out")).isZero();
            assertThat(metrics.value("sluice_request_duration_seconds_count" + POOL))
                    .isEqualTo(106);
            assertThat(metrics.value("sluice_request_duration_recent_seconds{pool=alpha, quantile=0.99}"))
                    .isBetween(0.0, 1.0);
            assertThat(server(metrics, "sluice_server_requests_total", 0)).isEqualTo(102);
            assertThat(server(metrics, "sluice_server_replies_total", 0)).isEqualTo(102);
            assertThat(server(metrics, "sluice_server_error_replies_total", 0)).isEqualTo(1);
            assertThat(server(metrics, "sluice_server_requests_total", 1)).isEqualTo(2);
            assertThat(server(metrics, "sluice_server_request_duration_seconds_count", 0))
                    .isEqualTo(102);
            assertThat(server(metrics, "sluice_server_requests_in_flight", 0)).isZero();
            assertThat(server(metrics, "sluice_server_queued_bytes", 0)).isZero();
            assertThat(server(metrics, "sluice_server_connections", 0)).isEqualTo(1);
            assertThat(metrics.value("sluice_worker_requests_total{worker=0}")).isEqualTo(106);
            assertThat(metrics.value("process_cpu_seconds_total{}")).isPositive();
            assertThat(metrics.value("process_resident_memory_bytes{}")).isPositive();
        }
    }

    @Test
    void bytesAreCountedExactlyOnBothSides() throws Exception {
        String set = "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\n12345\r\n";
        String get = "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n";
        try (RunningProxy proxy =
                        RunningProxy.overPorts(first.port()).monitored().start();
                RawClient client = new RawClient(proxy.port())) {
            client.send((set + get + get).getBytes(StandardCharsets.US_ASCII));

            PrometheusText metrics = settled(proxy, "sluice_replies_total" + POOL, 3);

            int requests = set.length() + 2 * get.length();
            int replies = 5 + 2 * 11;
            assertThat(metrics.value("sluice_request_bytes_total" + POOL)).isEqualTo(requests);
            assertThat(metrics.value("sluice_reply_bytes_total" + POOL)).isEqualTo(replies);
            assertThat(server(metrics, "sluice_server_request_bytes_total", 0)).isEqualTo(requests);
            assertThat(server(metrics, "sluice_server_reply_bytes_total", 0)).isEqualTo(replies);
        }
    }

    @Test
    void whatIsInFlightIsSeenWhileItIs() throws Exception {
        try (ScriptedServer silent = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy =
                        RunningProxy.overPorts(silent.port()).monitored().start();
                RespClient client = proxy.connect()) {
            client.send("GET", "a");
            client.send("GET", "b");
            client.flush();
            silent.next();
            ScriptedServer.Asked b = silent.next();

            PrometheusText during = settled(proxy, "sluice_requests_in_flight" + POOL, 2);
            assertThat(server(during, "sluice_server_requests_in_flight", 0)).isEqualTo(2);
            b.reply("$1\r\n1\r\n$1\r\n2\r\n");
            PrometheusText after = settled(proxy, "sluice_requests_in_flight" + POOL, 0);
            assertThat(server(after, "sluice_server_requests_in_flight", 0)).isZero();
            assertThat(after.value("sluice_replies_total" + POOL)).isEqualTo(2);
        }
    }

    @Test
    void requestsOfAClientThatWentAreAbandonedAndNotInFlight() throws Exception {
        try (ScriptedServer silent = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy =
                        RunningProxy.overPorts(silent.port()).monitored().start()) {
            try (RespClient client = proxy.connect()) {
                client.send("GET", "a");
                client.flush();
                silent.next();
            }
            silent.closeConnections();

            PrometheusText metrics = settled(proxy, "sluice_client_connections_closed_total" + POOL, 1);

            assertThat(metrics.value("sluice_requests_in_flight" + POOL)).isZero();
            settled(proxy, "sluice_server_requests_lost_total{pool=alpha, server=server0}", 1);
            settled(proxy, "sluice_server_connections_lost_total{pool=alpha, server=server0}", 1);
            settled(proxy, "sluice_server_connections{pool=alpha, server=server0}", 0);
        }
    }

    @Test
    void timeoutsAndEjectionAreSeenUntilTheServerIsBack() throws Exception {
        Duration retry = Duration.ofMillis(1500);
        try (ScriptedServer silent = ScriptedServer.start(ScriptedServer::onlyPings);
                ScriptedServer healthy = ScriptedServer.start(ScriptedServer::sensibly);
                RunningProxy proxy = RunningProxy.overPorts(silent.port(), healthy.port())
                        .timeout(Duration.ofMillis(60), Duration.ofSeconds(20))
                        .ejection(new Ejection(true, 2, retry))
                        .monitored()
                        .start();
                RespClient client = proxy.connect()) {
            String key = Keys.ownedBy(0, proxy);
            double before = System.currentTimeMillis() / 1e3;
            assertError(client.call("GET", key)).contains("timed out");
            assertError(client.call("GET", key)).contains("timed out");

            PrometheusText metrics = AdminClient.metrics(proxy.adminPort());

            assertThat(errors(metrics, "timed_out")).isEqualTo(2);
            assertThat(metrics.value("sluice_server_request_errors_total{kind=timed_out, pool=alpha, server=server0}"))
                    .isEqualTo(2);
            assertThat(server(metrics, "sluice_server_timeouts_total", 0)).isEqualTo(2);
            assertThat(server(metrics, "sluice_server_ejected", 0)).isEqualTo(1);
            assertThat(server(metrics, "sluice_server_ejected", 1)).isZero();
            assertThat(server(metrics, "sluice_server_ejections_total", 0)).isEqualTo(1);
            assertThat(server(metrics, "sluice_server_last_ejection_timestamp_seconds", 0))
                    .isBetween(before - 0.001, before + 60);
            assertThat(metrics.value("sluice_pool_servers_in_use" + POOL)).isEqualTo(1);
            assertThat(AdminClient.get(proxy.adminPort(), "/topology").body())
                    .contains("\"state\": \"ejected\"", "\"ejected_until\": \"20");
            settled(proxy, "sluice_pool_servers_in_use" + POOL, 2);
            settled(proxy, "sluice_server_ejected{pool=alpha, server=server0}", 0);
        }
    }

    @Test
    void aServerThatIsNotThereIsCountedAsUnreachable() throws Exception {
        try (RunningProxy proxy =
                        RunningProxy.overPorts(FreePorts.next()).monitored().start();
                RespClient client = proxy.connect()) {
            assertError(client.call("GET", "a")).contains("refused");

            PrometheusText metrics = AdminClient.metrics(proxy.adminPort());

            assertThat(errors(metrics, "unreachable")).isEqualTo(1);
            assertThat(server(metrics, "sluice_server_connect_failures_total", 0))
                    .isEqualTo(1);
            assertThat(server(metrics, "sluice_server_requests_lost_total", 0)).isEqualTo(1);
            assertThat(server(metrics, "sluice_server_queued_bytes", 0)).isZero();
        }
    }

    @Test
    void aServerThatDiesIsShownAsUnreachableUntilItCanBeHadAgain() throws Exception {
        String unreachable = "sluice_server_unreachable{pool=alpha, server=server0}";
        try (RedisServer dies = RedisServer.onFreePort()) {
            dies.start();
            try (RunningProxy proxy =
                            RunningProxy.overPorts(dies.port()).monitored().start();
                    RespClient client = proxy.connect()) {
                client.call("SET", "a", "1");
                settled(proxy, unreachable, 0);

                dies.kill();
                assertError(client.call("GET", "a")); // lost, or refused already
                await().until(() -> client.call("GET", "a") instanceof RespError error
                        && error.message().contains("refused"));

                settled(proxy, unreachable, 1);
                assertThat(AdminClient.get(proxy.adminPort(), "/topology").body())
                        .contains("\"state\": \"unreachable\"");
                dies.restart();
                await().until(() -> !(client.call("GET", "a") instanceof RespError));
                settled(proxy, unreachable, 0);
                assertThat(AdminClient.get(proxy.adminPort(), "/topology").body())
                        .contains("\"state\": \"up\"");
            }
        }
    }

    @Test
    void clientsThatBreakTheProtocolAreCounted() throws Exception {
        try (RunningProxy proxy =
                        RunningProxy.overPorts(first.port()).monitored().start();
                RawClient client = new RawClient(proxy.port())) {
            client.send("*1\r\n!x\r\n".getBytes(StandardCharsets.US_ASCII));

            PrometheusText metrics = settled(proxy, "sluice_client_protocol_errors_total" + POOL, 1);

            assertThat(errors(metrics, "protocol")).isEqualTo(1);
        }
    }

    /** The figures of a reply may come a moment after the reply itself. */
    private static PrometheusText settled(RunningProxy proxy, String sample, double value) {
        Callable<PrometheusText> scrape = () -> AdminClient.metrics(proxy.adminPort());
        ToDoubleFunction<PrometheusText> figure = metrics -> metrics.value(sample);
        return await(sample)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(scrape, metrics -> figure.applyAsDouble(metrics) == value);
    }

    private static double errors(PrometheusText metrics, String kind) {
        return metrics.value("sluice_request_errors_total{kind=" + kind + ", pool=alpha}");
    }

    private static double server(PrometheusText metrics, String name, int server) {
        return metrics.value(name + "{pool=alpha, server=server" + server + "}");
    }
}
