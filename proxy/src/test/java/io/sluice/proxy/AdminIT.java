package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.sluice.proxy.config.Monitoring;
import io.sluice.proxy.config.Monitoring.Endpoint;
import io.sluice.proxy.config.Monitoring.IfTaken;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.Authority;
import io.sluice.proxy.testing.Edges;
import io.sluice.proxy.testing.PrometheusText;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The admin address of a real proxy, and those who misuse it. */
class AdminIT {

    @TempDir
    static Path folder;

    @RegisterExtension
    static final RedisServer redis = RedisServer.onFreePort();

    @ParameterizedTest
    @CsvSource({
        "/, text/html, <title>Sluice",
        "/metrics, text/plain; version=0.0.4, sluice_requests_total",
        "/health, text/plain, ok",
        "/ready, text/plain, ready",
        "/topology, application/json, server0",
        "/config, application/json, max_clients",
        "/health?from=balancer, text/plain, ok"
    })
    void everyPageIsThereAndItsHeadAsWell(String path, String type, String content) throws Exception {
        try (RunningProxy proxy = monitored().start()) {
            HttpResponse<String> page = AdminClient.get(proxy.adminPort(), path);
            HttpResponse<String> head = AdminClient.send("HEAD", proxy.adminPort(), path);

            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.headers().firstValue("content-type").orElse("")).startsWith(type);
            assertThat(page.body()).contains(content);
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.body()).isEmpty();
            assertThat(head.headers().firstValue("content-type"))
                    .isEqualTo(page.headers().firstValue("content-type"));
        }
    }

    @Test
    void anUnknownPathNamesThePagesThereAre() throws Exception {
        try (RunningProxy proxy = monitored().start()) {
            HttpResponse<String> page = AdminClient.get(proxy.adminPort(), "/metric");

            assertThat(page.statusCode()).isEqualTo(404);
            assertThat(page.body()).contains("/metrics", "/health", "/topology");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
    void onlyReadingIsAllowed(String method) throws Exception {
        try (RunningProxy proxy = monitored().start()) {
            HttpResponse<String> page = AdminClient.send(method, proxy.adminPort(), "/metrics");

            assertThat(page.statusCode()).isEqualTo(405);
            assertThat(page.headers().firstValue("allow")).contains("GET, HEAD");
        }
    }

    @ParameterizedTest
    @CsvSource({"nonsense, 400", "GET, 400", "PING, 400"})
    void whatIsNoHttpGetsAnError(String line, int status) throws Exception {
        try (RunningProxy proxy = monitored().start()) {
            String reply = AdminClient.exchange(proxy.adminPort(), line + "\r\n\r\n");

            assertThat(reply).startsWith("HTTP/1.1 " + status);
            assertThat(AdminClient.get(proxy.adminPort(), "/health").statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void whatIsTooLongGetsAnErrorThatSaysSo() throws Exception {
        try (RunningProxy proxy = monitored().start()) {
            String longLine =
                    AdminClient.exchange(proxy.adminPort(), "GET /" + "x".repeat(5_000) + " HTTP/1.1\r\n\r\n");
            String longHeader =
                    AdminClient.exchange(proxy.adminPort(), "GET / HTTP/1.1\r\nx: " + "x".repeat(20_000) + "\r\n\r\n");

            assertThat(longLine).startsWith("HTTP/1.1 414");
            assertThat(longHeader).startsWith("HTTP/1.1 431");
        }
    }

    @Test
    void aSecondRequestOnOneConnectionIsNotServed() throws Exception {
        try (RunningProxy proxy = monitored().start()) {
            String reply = AdminClient.exchange(proxy.adminPort(), "GET /health HTTP/1.1\r\n\r\n".repeat(1_000));

            assertThat(reply.split("HTTP/1.1 200", -1)).hasSize(2);
        }
    }

    @Test
    void configurationIsShownWithoutItsSecrets() throws Exception {
        try (RunningProxy proxy = monitored().redisAuth("open sesame").start()) {
            String body = AdminClient.get(proxy.adminPort(), "/config").body();

            JsonObject config = JsonParser.parseString(body).getAsJsonObject();
            JsonObject pool = config.getAsJsonObject("pools").getAsJsonObject("alpha");
            assertThat(pool.get("redis_auth").getAsString()).isEqualTo("(hidden)");
            assertThat(pool.get("timeout").getAsString()).isEqualTo("5000ms");
            assertThat(pool.getAsJsonArray("servers").get(0).getAsString())
                    .isEqualTo("127.0.0.1:" + redis.port() + ":1 server0");
            assertThat(body).doesNotContain("sesame");
            for (String path : List.of("/", "/metrics", "/topology")) {
                assertThat(AdminClient.get(proxy.adminPort(), path).body()).doesNotContain("sesame");
            }
        }
    }

    @Test
    void topologyShowsServersAndHowTheyDo() throws Exception {
        try (RunningProxy proxy = monitored().start();
                RespClient client = proxy.connect()) {
            client.call("SET", "k", "v");

            JsonObject topology = JsonParser.parseString(
                            AdminClient.get(proxy.adminPort(), "/topology").body())
                    .getAsJsonObject();

            JsonObject pool = topology.getAsJsonArray("pools").get(0).getAsJsonObject();
            JsonObject server = pool.getAsJsonArray("servers").get(0).getAsJsonObject();
            assertThat(pool.get("clients").getAsInt()).isEqualTo(1);
            assertThat(server.get("name").getAsString()).isEqualTo("server0");
            assertThat(server.get("address").getAsString()).isEqualTo("127.0.0.1:" + redis.port());
            assertThat(server.get("state").getAsString()).isEqualTo("up");
            assertThat(server.get("connections").getAsInt()).isEqualTo(1);
            assertThat(server.get("requests").getAsInt()).isEqualTo(1);
            assertThat(server.get("p99_millis").getAsDouble()).isPositive();
        }
    }

    @Test
    void notReadyFromTheFirstMomentOfDrainingAndHealthyToItsEnd() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy =
                        RunningProxy.overPorts(server.port()).monitored().start();
                RespClient client = proxy.connect()) {
            assertThat(AdminClient.get(proxy.adminPort(), "/ready").statusCode())
                    .isEqualTo(200);
            client.send("GET", "a");
            client.flush();
            ScriptedServer.Asked asked = server.next();

            CompletableFuture<Void> drained =
                    CompletableFuture.runAsync(() -> proxy.proxy().drainAndStop());

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> AdminClient.get(proxy.adminPort(), "/ready").statusCode() == 503);
            assertThat(AdminClient.get(proxy.adminPort(), "/ready").body()).contains("draining");
            assertThat(AdminClient.get(proxy.adminPort(), "/health").statusCode())
                    .isEqualTo(200);
            assertThat(AdminClient.metrics(proxy.adminPort()).value("sluice_ready"))
                    .isZero();
            asked.replySensibly();
            assertThat(client.receive()).isEqualTo("value of a");
            drained.get(30, TimeUnit.SECONDS);
            assertThatThrownBy(() -> AdminClient.get(proxy.adminPort(), "/health"))
                    .isInstanceOf(IOException.class);
        }
    }

    /** Each scrape is whole and well-formed, and counters never go back. */
    @Test
    void aHundredScrapesAtOnceUnderTraffic() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(101);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong requests = new AtomicLong();
        try (RunningProxy proxy = monitored().workers(2).start()) {
            Future<?> traffic = threads.submit(() -> {
                try (RespClient client = proxy.connect()) {
                    while (!stop.get()) {
                        assertThat(client.call("SET", "k", "v")).isEqualTo("OK");
                        requests.incrementAndGet();
                    }
                }
                return null;
            });
            List<Future<Double>> scrapers = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                scrapers.add(threads.submit(() -> scrapeThrice(proxy.adminPort())));
            }

            for (Future<Double> scraper : scrapers) {
                assertThat(scraper.get(60, TimeUnit.SECONDS)).isNotNegative();
            }
            stop.set(true);
            traffic.get(30, TimeUnit.SECONDS);

            assertThat(AdminClient.metrics(proxy.adminPort()).value("sluice_requests_total{pool=alpha}"))
                    .isEqualTo((double) requests.get());
        } finally {
            stop.set(true);
            threads.shutdownNow();
        }
    }

    private static double scrapeThrice(int port) throws IOException, InterruptedException {
        double last = 0;
        for (int i = 0; i < 3; i++) {
            PrometheusText metrics = AdminClient.metrics(port);
            double now = metrics.value("sluice_requests_total{pool=alpha}");
            assertThat(now).isGreaterThanOrEqualTo(last);
            assertThat(metrics.value("sluice_requests_in_flight{pool=alpha}")).isBetween(0.0, 1.0);
            last = now;
        }
        return last;
    }

    /** With all the metrics that there can be. */
    private static RunningProxy withTls() throws Exception {
        Authority authority = new Authority(folder, "authority" + FreePorts.next());
        return monitored()
                .edge(Edges.tls(
                        FreePorts.next(),
                        Edges.listener(authority.issue("proxy").files())));
    }

    @Test
    void metricsKeepToTheFormatAndEachIsExplained() throws Exception {
        String explained = Files.readString(Path.of("../docs/monitoring.md"));
        try (RunningProxy proxy = withTls().start()) {
            PrometheusText metrics = AdminClient.metrics(proxy.adminPort());

            assertThat(metrics.families()).hasSizeGreaterThan(50);
            assertThat(metrics.families())
                    .allSatisfy(family -> assertThat(explained).contains("`" + family + "`"));
        }
    }

    @Test
    void alertsAskForMetricsThereAre() throws Exception {
        String rules = Files.readString(Path.of("../deploy/prometheus/sluice-alerts.yml"));
        List<String> asked = Pattern.compile("\\b(sluice|process)_[a-z_]+")
                .matcher(rules)
                .results()
                .map(name -> name.group().replaceAll("_bucket$", ""))
                .toList();
        try (RunningProxy proxy = withTls().start()) {
            assertThat(asked).hasSizeGreaterThan(10);
            assertThat(AdminClient.metrics(proxy.adminPort()).families()).containsAll(asked);
        }
    }

    /** Those who say nothing, and those who do not listen, do not keep others from being served. */
    @Test
    void slowClientsAreBoundedAndOthersServed() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try (RunningProxy proxy = monitored().start()) {
            for (int i = 0; i < 200; i++) {
                Socket socket = AdminClient.connect(proxy.adminPort());
                slow.add(socket);
                socket.getOutputStream()
                        .write((i % 2 == 0 ? "GET /met" : "GET /metrics HTTP/1.1\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
            }

            assertThat(AdminClient.get(proxy.adminPort(), "/health").statusCode())
                    .isEqualTo(200);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void aTakenAddressThatWasAskedForKeepsTheProxyFromStarting() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RunningProxy proxy = RunningProxy.overPorts(redis.port())
                        .monitoring(Monitoring.NONE.withAdmin(
                                Endpoint.at(ServerAddress.tcp("127.0.0.1", taken.getLocalPort()))))) {
            assertThatThrownBy(proxy::start)
                    .isInstanceOf(ProxyStartException.class)
                    .hasMessageContaining("admin: cannot listen on 127.0.0.1:" + taken.getLocalPort())
                    .hasMessageContaining("--admin");
        }
    }

    @Test
    void aTakenDefaultAddressOnlyCostsThePages() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RunningProxy proxy = RunningProxy.overPorts(redis.port())
                        .monitoring(Monitoring.NONE.withAdmin(
                                new Endpoint(ServerAddress.tcp("127.0.0.1", taken.getLocalPort()), IfTaken.GO_WITHOUT)))
                        .start();
                RespClient client = proxy.connect()) {
            assertThat(client.call("PING")).isEqualTo("PONG");
            assertThat(proxy.proxy().adminAddress()).isEmpty();
        }
    }

    @Test
    void aTakenPreferredPortIsReplacedByAnother() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RunningProxy proxy = RunningProxy.overPorts(redis.port())
                        .monitoring(Monitoring.NONE.withAdmin(
                                Endpoint.preferably(ServerAddress.tcp("127.0.0.1", taken.getLocalPort()))))
                        .start()) {
            int port = URI.create(proxy.proxy().adminAddress().orElseThrow()).getPort();

            assertThat(port).isNotEqualTo(taken.getLocalPort());
            assertThat(AdminClient.get(port, "/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void withoutAdminThereIsNoThreadForIt() throws Exception {
        try (RunningProxy proxy = RunningProxy.overPorts(redis.port()).start();
                RespClient client = proxy.connect()) {
            assertThat(client.call("PING")).isEqualTo("PONG");
            assertThat(Thread.getAllStackTraces().keySet().stream().map(Thread::getName))
                    .noneMatch(name -> name.startsWith("admin"));
        }
    }

    private static RunningProxy monitored() {
        return RunningProxy.overPorts(redis.port()).monitored();
    }
}
