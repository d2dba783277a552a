package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Shards;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults asked for over the admin address, and what clients see of them. */
class FaultsIT {

    private static final String TOKEN = "a token of sixteen or more";
    private static final Duration TIMEOUT = Duration.ofMillis(600);

    @RegisterExtension
    static final Shards shards = Shards.three();

    @AutoClose
    static final RunningProxy proxy =
            shards.proxy().timeout(TIMEOUT, Duration.ofSeconds(30)).monitored().adminToken(TOKEN);

    @AutoClose
    static final RunningProxy closed = shards.proxy().monitored();

    @BeforeAll
    static void start() throws ProxyStartException {
        proxy.start();
        closed.start();
    }

    @AfterEach
    void end() throws Exception {
        assertThat(send("DELETE", "/faults", "").statusCode()).isEqualTo(200);
    }

    // ---- what clients see

    @Test
    void anErrorIsGivenInsteadOfSendingTheRequest() throws Exception {
        try (RespClient client = proxy.connect()) {
            client.call("SET", "before", "1");
            begin("{\"kind\": \"error\", \"commands\": [\"set\"]}");

            assertThat(client.call("SET", "before", "2"))
                    .asString()
                    .contains("ERR Fault injected: fault=", "command=set");
            assertThat(client.call("GET", "before")).isEqualTo("1");
        }
    }

    @Test
    void aDelayedReplyComesLateAndInItsPlaceAndRequestsKeepTheirOrder() throws Exception {
        try (RespClient client = proxy.connect();
                RespClient other = proxy.connect()) {
            begin("{\"kind\": \"delay\", \"delay\": \"500ms\", \"key_prefix\": \"slow\", \"commands\": [\"set\"]}");
            long begin = System.nanoTime();

            client.send("SET", "slow", "1");
            client.send("APPEND", "slow", "2");
            client.send("GET", "slow");
            client.flush();
            assertThat(other.call("SET", "quick", "1")).isEqualTo("OK");
            long otherTook = System.nanoTime() - begin;
            List<@Nullable Object> replies = List.of(receive(client), receive(client), receive(client));
            long took = System.nanoTime() - begin;

            assertThat(replies).isEqualTo(List.of("OK", 2L, "12"));
            assertThat(took).isGreaterThanOrEqualTo(Duration.ofMillis(500).toNanos());
            assertThat(otherTook).isLessThan(Duration.ofMillis(500).toNanos());
        }
    }

    private static Object receive(RespClient client) throws Exception {
        Object reply = client.receive();
        return reply == null ? "nil" : reply;
    }

    @Test
    void aLargeReplyAndASplitOneAreDelayedWhole() throws Exception {
        String large = "x".repeat(3 << 20);
        try (RespClient client = proxy.connect()) {
            client.call("SET", "large", large);
            client.call("MSET", "m1", "1", "m2", "2", "m3", "3", "m4", "4");
            begin("{\"kind\": \"delay\", \"delay\": \"50ms\"}");

            assertThat(client.call("GET", "large")).isEqualTo(large);
            assertThat(client.call("MGET", "m1", "m2", "m3", "m4")).isEqualTo(List.of("1", "2", "3", "4"));
        }
    }

    @Test
    void aDroppedRequestIsAnsweredWhenItsTimeIsOver() throws Exception {
        try (RespClient client = proxy.connect()) {
            begin("{\"kind\": \"drop\", \"commands\": [\"incr\"]}");
            long begin = System.nanoTime();

            client.send("INCR", "dropped");
            client.send("GET", "dropped");

            assertThat(client.receive()).asString().contains("ERR Fault injected: dropped, fault=", "waited=600ms");
            assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(TIMEOUT.toNanos());
            assertThat(client.receive()).isNull();
        }
    }

    @Test
    void aFaultAtOneServerLeavesTheOthersAlone() throws Exception {
        begin("{\"kind\": \"error\", \"server\": \"server1\"}");

        try (RespClient client = proxy.connect()) {
            assertThat(client.call("GET", shards.keyOn(1, "k"))).isInstanceOf(RespError.class);
            assertThat(client.call("GET", shards.keyOn(0, "k"))).isNull();
            assertThat(client.call("GET", shards.keyOn(2, "k"))).isNull();
            assertThat(client.call("MGET", shards.keyOn(0, "k"), shards.keyOn(1, "k")))
                    .isInstanceOf(RespError.class);
        }
    }

    @Test
    void aShareOfRequestsMeetsTheFault() throws Exception {
        begin("{\"kind\": \"error\", \"percent\": 30}");

        int errors = 0;
        try (RespClient client = proxy.connect()) {
            for (int i = 0; i < 1000; i++) {
                client.send("GET", "share" + i);
            }
            for (int i = 0; i < 1000; i++) {
                errors += client.receive() instanceof RespError ? 1 : 0;
            }
        }

        assertThat(errors).isBetween(220, 380);
    }

    @Test
    void aClientThatGoesMeanwhileHurtsNobody() throws Exception {
        begin("{\"kind\": \"delay\", \"delay\": \"100ms\"}");
        List<RespClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            RespClient client = proxy.connect();
            client.send("GET", "gone" + i);
            client.flush();
            clients.add(client);
        }
        for (RespClient client : clients) {
            client.close();
        }

        try (RespClient client = proxy.connect()) {
            assertThat(client.call("SET", "still", "here")).isEqualTo("OK");
            assertThat(client.call("GET", "still")).isEqualTo("here");
        }
    }

    // ---- beginning and ending

    @Test
    void aFaultIsSeenAndCountedAndEndsByItself() throws Exception {
        HttpResponse<String> begun =
                begin("{\"kind\": \"error\", \"pool\": \"alpha\", \"duration\": \"1s\", \"commands\": [\"GET\"]}");
        assertThat(begun.body()).contains("\"kind\": \"error\"", "\"get\"", "\"until\"");
        assertThat(AdminClient.get(proxy.adminPort(), "/faults").body()).contains("\"pool\": \"alpha\"");
        assertThat(AdminClient.get(proxy.adminPort(), "/topology").body()).contains("\"faults\": 1");
        double before = metric("sluice_fault_errors_total");

        try (RespClient client = proxy.connect()) {
            assertThat(client.call("GET", "a")).isInstanceOf(RespError.class);
            assertThat(metric("sluice_faults_active")).isEqualTo(1);
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(client.call("GET", "a")).isNull());
        }

        assertThat(metric("sluice_fault_errors_total")).isGreaterThan(before);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(metric("sluice_faults_active")).isZero());
    }

    private static double metric(String name) throws Exception {
        return AdminClient.metrics(proxy.adminPort()).value(name + "{pool=alpha}");
    }

    @Test
    void oneFaultOfSeveralMayBeEnded() throws Exception {
        String first = begin("{\"kind\": \"error\", \"commands\": [\"get\"]}").body();
        begin("{\"kind\": \"error\", \"commands\": [\"set\"]}");
        String id = first.replaceAll("(?s).*\"id\": (\\d+).*", "$1");

        assertThat(send("DELETE", "/faults/" + id, "").statusCode()).isEqualTo(200);
        assertThat(send("DELETE", "/faults/" + id, "").statusCode()).isEqualTo(404);

        try (RespClient client = proxy.connect()) {
            assertThat(client.call("GET", "one")).isNull();
            assertThat(client.call("SET", "one", "1")).isInstanceOf(RespError.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{\"kind\": \"error\"} x",
                "{\"kind\": \"fire\"}",
                "{}",
                "{\"kind\": \"error\", \"percent\": 0}",
                "{\"kind\": \"error\", \"percent\": 101}",
                "{\"kind\": \"error\", \"percent\": \"all\"}",
                "{\"kind\": \"error\", \"pool\": \"nosuch\"}",
                "{\"kind\": \"error\", \"server\": \"nosuch\"}",
                "{\"kind\": \"error\", \"commands\": [\"nosuch\"]}",
                "{\"kind\": \"error\", \"commands\": \"get\"}",
                "{\"kind\": \"error\", \"delay\": \"1s\"}",
                "{\"kind\": \"delay\", \"delay\": \"2m\"}",
                "{\"kind\": \"delay\", \"delay\": \"soon\"}",
                "{\"kind\": \"error\", \"duration\": \"25h\"}",
                "{\"kind\": \"error\", \"duration\": \"1ms\"}",
                "{\"kind\": \"error\", \"prefix\": \"x\"}",
                "{\"kind\": 1}"
            })
    void whatCannotBeUnderstoodBeginsNothing(String order) throws Exception {
        HttpResponse<String> refused = send("POST", "/faults", order);

        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
        assertThat(refused.body()).contains("expected").doesNotContain("Exception");
        assertThat(AdminClient.get(proxy.adminPort(), "/faults").body()).doesNotContain("kind");
    }

    @Test
    void allThatIsWrongIsTold() throws Exception {
        String body = send("POST", "/faults", "{\"kind\": \"x\", \"percent\": -1, \"pool\": \"y\", \"z\": 1}")
                .body();

        assertThat(body).contains("kind: ", "percent: ", "pool: ", "unknown member");
    }

    // ---- who may

    @Test
    void nothingIsChangedWithoutAToken() throws Exception {
        HttpResponse<String> refused = AdminClient.send(
                "POST", closed.adminPort(), "/faults", "{\"kind\": \"error\"}", "Authorization", "Bearer " + TOKEN);

        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("admin_token");
    }

    @Test
    void whoeverHasNotTheTokenIsRefused() throws Exception {
        int port = proxy.adminPort();
        String order = "{\"kind\": \"error\"}";
        String json = "application/json";

        assertThat(AdminClient.send("POST", port, "/faults", order, "Content-Type", json)
                        .statusCode())
                .isEqualTo(401);
        assertThat(AdminClient.send(
                                "POST",
                                port,
                                "/faults",
                                order,
                                "Content-Type",
                                json,
                                "Authorization",
                                "Bearer x" + TOKEN)
                        .statusCode())
                .isEqualTo(401);
        assertThat(AdminClient.send("DELETE", port, "/faults", "").statusCode()).isEqualTo(401);
        assertThat(AdminClient.send("POST", port, "/faults", order, "Authorization", "Bearer " + TOKEN)
                        .statusCode())
                .isEqualTo(415);
        assertThat(AdminClient.get(port, "/faults").body()).doesNotContain("kind");
    }

    @Test
    void aWebPageIsRefusedEvenWithTheToken() throws Exception {
        String request = "POST /faults HTTP/1.1\r\nHost: a\r\nOrigin: http://127.0.0.1:" + proxy.adminPort()
                + "\r\nAuthorization: Bearer " + TOKEN + "\r\nContent-Type: application/json\r\nContent-Length: 2"
                + "\r\n\r\n{}";

        assertThat(AdminClient.exchange(proxy.adminPort(), request)).startsWith("HTTP/1.1 403");
    }

    @Test
    void aBodyHasABound() throws Exception {
        HttpResponse<String> refused = send("POST", "/faults", " ".repeat(70_000));

        assertThat(refused.statusCode()).isEqualTo(413);
    }

    @Test
    void pathsTellWhichMethodsTheyTake() throws Exception {
        HttpResponse<String> refused = send("PUT", "/faults", "{}");

        assertThat(refused.statusCode()).isEqualTo(405);
        assertThat(refused.headers().firstValue("allow")).contains("DELETE, GET, HEAD, POST");
        assertThat(send("POST", "/metrics", "{}").headers().firstValue("allow")).contains("GET, HEAD");
    }

    private static HttpResponse<String> begin(String order) throws Exception {
        HttpResponse<String> begun = send("POST", "/faults", order);
        assertThat(begun.statusCode()).as(begun.body()).isEqualTo(201);
        return begun;
    }

    private static HttpResponse<String> send(String method, String path, String body) throws Exception {
        return AdminClient.send(
                method,
                proxy.adminPort(),
                path,
                body,
                "Authorization",
                "Bearer " + TOKEN,
                "Content-Type",
                "application/json");
    }
}
