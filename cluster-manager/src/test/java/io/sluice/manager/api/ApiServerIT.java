package io.sluice.manager.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.manager.api.Answers.ClusterAnswer;
import io.sluice.manager.api.Answers.ErrorAnswer;
import io.sluice.manager.api.Answers.ExplainAnswer;
import io.sluice.manager.api.Answers.HistoryAnswer;
import io.sluice.manager.api.Answers.HistoryLineAnswer;
import io.sluice.manager.api.Answers.MigrationAnswer;
import io.sluice.manager.api.Answers.MigrationsAnswer;
import io.sluice.manager.api.Answers.MistakeAnswer;
import io.sluice.manager.api.Answers.PlanAnswer;
import io.sluice.manager.api.Answers.PoolAnswer;
import io.sluice.manager.api.Answers.ProxiesAnswer;
import io.sluice.manager.api.Answers.RangeAnswer;
import io.sluice.manager.api.Answers.RingAnswer;
import io.sluice.manager.api.Answers.ShardAnswer;
import io.sluice.manager.api.Answers.SlotsAnswer;
import io.sluice.manager.balance.Rebalancing;
import io.sluice.manager.balance.ServerLoads;
import io.sluice.manager.change.ClusterDesk;
import io.sluice.manager.config.ApiToken;
import io.sluice.manager.failover.ShardStatus;
import io.sluice.manager.migration.engine.CopyLimits;
import io.sluice.manager.redis.PoolLogins;
import io.sluice.manager.store.HistoryEntry;
import io.sluice.manager.testing.MemoryCluster;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.topology.ServerAddress;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiServerIT {

    private static final String CREATE = "{\"change\": \"pool create\", \"pool\": \"sessions\", \"by\": \"alice\"}";
    private static final String ADD =
            "{\"change\": \"shard add\", \"pool\": \"sessions\", \"shard\": \"s1\", \"primary\": \"10.0.0.1:6379\","
                    + " \"replicas\": [\"10.0.0.2:6379\"], \"slots\": \"0-8191\"}";

    private final HttpClient http = HttpClient.newHttpClient();
    private final MemoryCluster cluster = new MemoryCluster();
    private volatile List<ShardStatus> statuses = List.of();
    private ApiServer api = server(ApiTokens.NONE);

    private ApiServer server(ApiTokens tokens) {
        try {
            return new ApiServer(
                    cluster.cluster(),
                    new ClusterDesk(cluster.cluster(), () -> MemoryCluster.NOW),
                    List::of,
                    List::of,
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    tokens,
                    "m1",
                    () -> MemoryCluster.NOW,
                    () -> statuses,
                    new Rebalancing(new ServerLoads(PoolLogins.NONE), CopyLimits.DEFAULTS));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void aShardInAPool() throws Exception {
        assertThat(post("/v1/apply", CREATE).statusCode()).isEqualTo(200);
        assertThat(post("/v1/apply", ADD).statusCode()).isEqualTo(200);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + api.address().getPort() + path);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    private HttpResponse<String> post(String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    private static <T> T read(HttpResponse<String> response, Class<T> type) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return ApiJson.read(response.body(), type).orElseThrow();
    }

    private static ErrorAnswer error(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json; charset=utf-8");
        ErrorAnswer error = ApiJson.read(response.body(), ErrorAnswer.class).orElseThrow();
        assertThat(error.hint()).isNotBlank();
        return error;
    }

    @Test
    void tellsWhatThereIs() throws Exception {
        assertThat(read(get("/v1/cluster"), ClusterAnswer.class))
                .isEqualTo(
                        new ClusterAnswer("test", 2, MemoryCluster.TERM, null, new Answers.ManagerAnswer("m1", true)));
        PoolAnswer pool = read(get("/v1/pools/sessions"), PoolAnswer.class);
        assertThat(pool.slots()).isEqualTo(16384);
        assertThat(pool.unowned()).isEqualTo("8192-16383");
        assertThat(pool.shards())
                .containsExactly(
                        new ShardAnswer("s1", "10.0.0.1:6379", List.of("10.0.0.2:6379"), "0-8191", 8192, null));
        assertThat(read(get("/v1/pools/sessions/slots"), SlotsAnswer.class).ranges())
                .containsExactly(
                        new RangeAnswer("0-8191", 8192, "s1", "10.0.0.1:6379"),
                        new RangeAnswer("8192-16383", 8192, null, null));
        assertThat(get("/v1/pools").body()).contains("\"epoch\": 2", "\"name\": \"sessions\"");
        assertThat(get("/v1/pools/sessions/shards").body()).contains("\"pool\": \"sessions\"", "\"owns\": \"0-8191\"");
    }

    @Test
    void theTopologyIsTheDocumentThatProxiesRead() throws Exception {
        byte[] document = get("/v1/topology").body().getBytes(StandardCharsets.UTF_8);

        assertThat(TopologyDocument.parse("answer", document)).isEqualTo(cluster.topology());
    }

    @Test
    void tellsWhichShardHasAKeyOfAnyBytes() throws Exception {
        ExplainAnswer tagged = read(get("/v1/explain?key=a%7Bfoo%7D"), ExplainAnswer.class);
        ExplainAnswer binary = read(get("/v1/explain?pool=sessions&key=%00%ff+"), ExplainAnswer.class);

        assertThat(tagged.hashedPart()).isEqualTo("foo");
        assertThat(tagged.position()).isEqualTo(12182); // as CLUSTER KEYSLOT foo
        assertThat(tagged.server()).isNull();
        assertThat(binary.hashedPart()).isEqualTo("\\x00\\xff+");
        assertThat(error(get("/v1/explain"), 400).message()).isEqualTo("no key");
        assertThat(raw("GET /v1/explain?key=%f HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ");
        assertThat(error(get("/v1/explain?kee=x"), 400).hint()).contains("key", "pool");
    }

    @Test
    void aPlanChangesNothingAndAnApplyIsInTheHistory() throws Exception {
        String add = ADD.replace("s1", "s2").replace("10.0.0.", "10.0.1.").replace("0-8191", "8192-16383");

        PlanAnswer plan = read(post("/v1/plan", add), PlanAnswer.class);

        assertThat(plan.epoch()).isEqualTo(2);
        assertThat(plan.newEpoch()).isNull();
        assertThat(plan.lines())
                .containsExactly("+ pool sessions: shard s2: primary 10.0.1.1:6379, replicas 10.0.1.2:6379,"
                        + " slots 8192-16383 (8192)");
        assertThat(cluster.topology().epoch()).isEqualTo(2);

        PlanAnswer done = read(
                post("/v1/apply", add.replace("{", "{\"by\": \"bob\\n\", \"expected_epoch\": 2, ")), PlanAnswer.class);

        assertThat(done.newEpoch()).isEqualTo(3);
        HistoryLineAnswer newest =
                read(get("/v1/history?limit=1"), HistoryAnswer.class).entries().get(0);
        assertThat(newest)
                .isEqualTo(new HistoryLineAnswer(
                        "2026-11-21T12:00:00Z", "bob from 127.0.0.1", "shard add s2 to sessions", 2, 3, plan.lines()));
        assertThat(read(get("/v1/history"), HistoryAnswer.class).entries()).hasSize(3);
    }

    @Test
    void everyMistakeOfABodyIsToldAtOnce() throws Exception {
        ErrorAnswer error = error(
                post(
                        "/v1/plan",
                        "{\"change\": \"shard add\",\n \"pool\": \"sessions\",\n \"primary\": \"h:99999\","
                                + "\n \"slots\": \"9-3\",\n \"replica\": \"x:1\"}"),
                400);

        assertThat(error.message()).isEqualTo("found 4 mistakes");
        assertThat(error.mistakes())
                .containsExactly(
                        new MistakeAnswer("request", 1, 1, "shard", "missing; expected a text"),
                        new MistakeAnswer(
                                "request", 3, 13, "primary", "port '99999' is out of range; expected 1 to 65535"),
                        new MistakeAnswer(
                                "request",
                                4,
                                11,
                                "slots",
                                "'9-3' is not a set of slots; expected slots of 0-16383, each once, such as"
                                        + " 0-8191,9000"),
                        new MistakeAnswer("request", 5, 2, "replica", "unknown key; did you mean 'replicas'?"));
    }

    @Test
    void aChangeThatIsMisspeltIsGuessed() throws Exception {
        assertThat(error(post("/v1/plan", "{\"change\": \"shard ad\"}"), 400).mistakes())
                .singleElement()
                .satisfies(mistake -> assertThat(mistake.message()).endsWith("did you mean 'shard add'?"));
        assertThat(error(post("/v1/plan", "{}"), 400).mistakes())
                .singleElement()
                .satisfies(mistake -> assertThat(mistake.message()).contains("topology apply"));
        assertThat(error(post("/v1/plan", "what?"), 400).mistakes()).hasSize(1);
    }

    @Test
    void mistakesInADocumentHaveTheLinesOfItsFile() throws Exception {
        String document = "format: 1\npools:\n  sessions:\n    distribution: slots\n    shard: {}\n";
        String body = ApiJson.object(
                Map.of("change", "topology apply", "file", "new.yaml", "document", document, "force", true));

        assertThat(error(post("/v1/plan", body), 400).mistakes())
                .containsExactly(new MistakeAnswer(
                        "new.yaml", 5, 5, "pools.sessions.shard", "unknown key; did you mean 'shards'?"));
    }

    @Test
    void aDocumentWithAnyCharactersArrivesWhole() throws Exception {
        String document = "{\"format\": 1, \"pools\": {\"r\": {\"servers\": [\"h:1:1 \u00e9\\\"\ud83d\ude00\"]}}}";
        String body = ApiJson.object(Map.of("change", "topology apply", "document", document, "force", true));

        read(post("/v1/apply", body), PlanAnswer.class);

        assertThat(cluster.topology().pool("r").orElseThrow().definition().servers())
                .singleElement()
                .satisfies(server -> assertThat(server.name()).isEqualTo("\u00e9\"\ud83d\ude00"));
    }

    @Test
    void aPlanForAnotherEpochAndARefusalAreConflicts() throws Exception {
        String stale = ADD.replace("{", "{\"expected_epoch\": 1, ").replace("s1", "s2");

        assertThat(error(post("/v1/apply", stale), 409).error()).isEqualTo("epoch_changed");
        ErrorAnswer refused = error(post("/v1/apply", ADD), 409);
        assertThat(refused.error()).isEqualTo("refused");
        assertThat(refused.message()).contains("has a shard 's1' already");
        assertThat(cluster.topology().epoch()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v2/pools, 404, not_found",
        "GET, /v1/pools/, 404, not_found",
        "GET, /, 404, not_found",
        "GET, /v1/pools/sesions, 404, not_found",
        "DELETE, /v1/pools, 405, method_not_allowed",
        "HEAD, /v1/pools, 405, ''",
        "GET, /v1/apply, 405, method_not_allowed",
        "GET, /v1/history?limit=0, 400, bad_request",
        "GET, /v1/history?limit=x, 400, bad_request",
        "DELETE, /v1/proxies/p9, 404, not_found"
    })
    void whatIsNotThereIsAnErrorInJson(String method, String path, int status, String error) throws Exception {
        HttpResponse<String> response = send(HttpRequest.newBuilder(uri(path)).method(method, BodyPublishers.noBody()));

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).contains(error);
    }

    @Test
    void aPoolThatIsMisspeltIsGuessed() throws Exception {
        assertThat(error(get("/v1/pools/sesions"), 404).message())
                .isEqualTo("no pool 'sesions'; did you mean 'sessions'?");
    }

    @Test
    void tellsHowFarEachProxyIs() throws Exception {
        cluster.withProxy("p1")
                .withProxy("p2", true, 1, 2, "pool x: no listener")
                .withProxy("p3", false, 0, 0, "");

        ProxiesAnswer answer = read(get("/v1/proxies"), ProxiesAnswer.class);

        assertThat(answer.epoch()).isEqualTo(2);
        assertThat(answer.proxies()).extracting(Answers.ProxyAnswer::id).containsExactly("p1", "p2", "p3");
        assertThat(answer.proxies()).extracting(Answers.ProxyAnswer::behindBy).containsExactly(0L, 1L, 2L);
        assertThat(answer.proxies())
                .extracting(Answers.ProxyAnswer::heartbeatAgeMs)
                .containsOnly(400L);
        assertThat(answer.proxies().get(1).refused()).isEqualTo(2);
        assertThat(answer.proxies().get(1).reason()).isEqualTo("pool x: no listener");
        assertThat(answer.proxies().get(2).live()).isFalse();
        assertThat(answer.proxies().get(0).pools()).containsEntry("sessions", "0.0.0.0:22121");
    }

    @Test
    void aProxyThatCannotBeUnderstoodIsToldBesideTheOthersAndCanBeRemoved() throws Exception {
        cluster.withProxy("p1").withUnreadableProxy("p2", "/sluice/main/proxies/p2:1: expected a mapping");

        ProxiesAnswer answer = read(get("/v1/proxies"), ProxiesAnswer.class);
        HttpResponse<String> removed =
                send(HttpRequest.newBuilder(uri("/v1/proxies/p2")).DELETE());

        assertThat(answer.proxies()).extracting(Answers.ProxyAnswer::applied).containsExactly(2L, 0L);
        assertThat(answer.proxies().get(0).reason()).isNull();
        assertThat(answer.proxies().get(1).reason())
                .isEqualTo("cannot be understood: /sluice/main/proxies/p2:1: expected a mapping");
        assertThat(answer.proxies().get(1).refused()).isNull();
        assertThat(removed.statusCode()).isEqualTo(200);
    }

    @Test
    void onlyAProxyThatDiedIsForgotten() throws Exception {
        cluster.withProxy("p1").withProxy("p2", false, 1, 0, "");

        HttpResponse<String> alive =
                send(HttpRequest.newBuilder(uri("/v1/proxies/p1")).DELETE());
        HttpResponse<String> dead =
                send(HttpRequest.newBuilder(uri("/v1/proxies/p2?by=alice")).DELETE());

        assertThat(error(alive, 409).message()).contains("p1 is alive");
        assertThat(dead.statusCode()).isEqualTo(200);
        assertThat(dead.body()).contains("\"assumes\": \"the process has ended");
        assertThat(read(get("/v1/proxies"), ProxiesAnswer.class).proxies()).hasSize(1);
        assertThat(cluster.historyEntries().get(0).title()).isEqualTo("proxies remove p2");
        assertThat(cluster.historyEntries().get(0).by()).isEqualTo("alice from 127.0.0.1");
    }

    @Test
    void withoutTheTokenNothingIsTold() throws Exception {
        api.close();
        api = server(new ApiTokens(Map.of("deploy", ApiToken.of("s3cret"), "nightly", ApiToken.of("other"))));

        assertThat(error(get("/v1/pools"), 401).error()).isEqualTo("unauthorized");
        assertThat(get("/v1/pools").headers().firstValue("WWW-Authenticate")).contains("Bearer");
        assertThat(error(get("/v1/pools", "Authorization", "Bearer s3cre"), 401).message())
                .isEqualTo("that token is not known here");
        assertThat(error(post("/v1/apply", ADD), 401).error()).isEqualTo("unauthorized");
        assertThat(get("/v1/pools", "Authorization", "bearer other").statusCode())
                .isEqualTo(200);
        String add = ADD.replace("s1", "s2").replace("10.0.0.", "10.0.1.").replace("0-8191", "9000");
        assertThat(post("/v1/apply", add.replace("{", "{\"by\": \"bob\","), "Authorization", "Bearer s3cret")
                        .statusCode())
                .isEqualTo(200);
        assertThat(cluster.historyEntries().get(0).by()).isEqualTo("bob (token deploy) from 127.0.0.1");
    }

    @Test
    void readsCanBeOpenWhileChangesAreNot() throws Exception {
        api.close();
        api = server(ApiTokens.of(ApiToken.of("s3cret").guardingReads(false)));

        assertThat(get("/v1/pools").statusCode()).isEqualTo(200);
        assertThat(post("/v1/plan", ADD.replace("s1", "s2")).statusCode()).isEqualTo(409); // planned, refused
        assertThat(error(post("/v1/apply", ADD), 401).error()).isEqualTo("unauthorized");
        assertThat(error(send(HttpRequest.newBuilder(uri("/v1/proxies/p1")).DELETE()), 401)
                        .error())
                .isEqualTo("unauthorized");
    }

    @Test
    void anAddressThatOthersReachNeedsAToken() {
        InetSocketAddress open = new InetSocketAddress("0.0.0.0", 0);

        assertThat(ApiTokens.NONE.mistakeAt(open))
                .hasValueSatisfying(text -> assertThat(text).contains("without a token"));
        assertThat(ApiTokens.of(ApiToken.of("b")).mistakeAt(open)).isEmpty();
        assertThatThrownBy(() -> new ApiServer(
                        cluster.cluster(),
                        new ClusterDesk(cluster.cluster(), () -> MemoryCluster.NOW),
                        List::of,
                        List::of,
                        open,
                        ApiTokens.NONE,
                        "m1",
                        () -> MemoryCluster.NOW,
                        List::of,
                        new Rebalancing(new ServerLoads(PoolLogins.NONE), CopyLimits.DEFAULTS)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void pagesInABrowserChangeNothing() throws Exception {
        assertThat(error(post("/v1/apply", ADD, "Origin", "http://evil.example"), 403)
                        .error())
                .isEqualTo("forbidden");
        HttpResponse<String> form = send(HttpRequest.newBuilder(uri("/v1/apply"))
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString(ADD)));
        assertThat(error(form, 415).error()).isEqualTo("unsupported_media_type");
        assertThat(raw("GET /v1/pools HTTP/1.1\r\nHost: rebound.example:9700\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 403 ");
        assertThat(raw("GET /v1/pools HTTP/1.1\r\nHost: localhost:9700\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
    }

    private String raw(String request) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), api.address().getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aBodyThatIsTooLargeIsRefused() throws Exception {
        String long_ = "{\"change\": \"" + "x".repeat(ApiServer.MAX_BODY_BYTES);

        assertThat(error(post("/v1/plan", long_), 413).error()).isEqualTo("too_large");
    }

    @Test
    void slotsThatAreOnTheirWayAreToldByTheOneThatLeads() throws Exception {
        String other =
                "{\"change\": \"shard add\", \"pool\": \"sessions\", \"shard\": \"s2\", \"primary\": \"10.0.0.3:6379\"}";
        assertThat(post("/v1/apply", other).statusCode()).isEqualTo(200);
        assertThat(read(get("/v1/migrations"), MigrationsAnswer.class).migrations())
                .isEmpty();
        String move =
                "{\"change\": \"slots move\", \"pool\": \"sessions\", \"slots\": \"0-9,20\", \"from\": \"s1\", \"to\": \"s2\"}";
        assertThat(post("/v1/apply", move).statusCode()).isEqualTo(200);

        MigrationAnswer told =
                read(get("/v1/migrations"), MigrationsAnswer.class).migrations().get(0);

        assertThat(told.id()).matches("m-[0-9]{8}-[0-9]{6}-[0-9a-z]{4}");
        assertThat(told.slots()).isEqualTo("0-9,20");
        assertThat(told.state()).isEqualTo("copy");
        assertThat(told.step()).isEqualTo("is taken up soon");
        assertThat(error(post("/v1/apply", move), 409).message()).contains(told.id(), "has some of them");
        String abort = "{\"change\": \"migrations abort\", \"pool\": \"sessions\", \"id\": \"" + told.id() + "\"}";
        assertThat(post("/v1/apply", abort).statusCode()).isEqualTo(200);
        assertThat(read(get("/v1/migrations"), MigrationsAnswer.class).migrations())
                .isEmpty();
        cluster.ledBy("http://10.0.0.2:9700");
        assertThat(error(get("/v1/migrations"), 421).leader()).isEqualTo("http://10.0.0.2:9700");
    }

    @Test
    void aMoveIsSteeredByChangesThatAreInTheHistory() throws Exception {
        String other =
                "{\"change\": \"shard add\", \"pool\": \"sessions\", \"shard\": \"s2\", \"primary\": \"10.0.0.3:6379\"}";
        assertThat(post("/v1/apply", other).statusCode()).isEqualTo(200);
        String move = "{\"change\": \"slots move\", \"pool\": \"sessions\", \"id\": \"m-1\", \"slots\": \"0-9\","
                + " \"from\": \"s1\", \"to\": \"s2\", \"engine\": \"track\", \"bytes_per_second\": \"20mb\"}";
        assertThat(read(post("/v1/plan", move), PlanAnswer.class).lines())
                .contains("~ handoff m-1: engine auto -> track", "~ handoff m-1: bytes_per_second auto -> 20971520");
        assertThat(post("/v1/apply", move).statusCode()).isEqualTo(200);
        long epoch = cluster.topology().epoch();

        assertThat(read(post("/v1/apply", steer("pause", "")), PlanAnswer.class).lines())
                .containsExactly("~ handoff m-1: paused");
        assertThat(read(post("/v1/apply", steer("pause", "")), PlanAnswer.class).newEpoch())
                .as("nothing changes")
                .isNull();
        assertThat(read(
                                post(
                                        "/v1/apply",
                                        steer("limits", ", \"keys_per_second\": 1000, \"bytes_per_second\": \"auto\"")),
                                PlanAnswer.class)
                        .lines())
                .containsExactly(
                        "~ handoff m-1: keys_per_second auto -> 1000",
                        "~ handoff m-1: bytes_per_second 20971520 -> auto");
        assertThat(read(post("/v1/apply", steer("resume", "")), PlanAnswer.class)
                        .lines())
                .containsExactly("~ handoff m-1: goes on");

        assertThat(cluster.topology().epoch()).as("no proxy has to know").isEqualTo(epoch);
        assertThat(cluster.historyEntries())
                .extracting(HistoryEntry::title)
                .startsWith("migrations resume m-1", "migrations limits m-1", "migrations pause m-1");
    }

    private static String steer(String what, String more) {
        return "{\"change\": \"migrations " + what + "\", \"pool\": \"sessions\", \"id\": \"m-1\"" + more + "}";
    }

    @Test
    void allThatIsWrongWithLimitsIsTold() throws Exception {
        String limits = steer(
                "limits",
                ", \"keys_per_second\": 0, \"bytes_per_second\": \"fast\", \"spool_bytes\": \"1kb\", \"engine\": \"x\"");

        assertThat(error(post("/v1/plan", limits), 400).mistakes())
                .extracting(mistake -> mistake.key())
                .containsExactlyInAnyOrder("keys_per_second", "bytes_per_second", "spool_bytes", "engine");
        assertThat(error(post("/v1/plan", steer("rollback", "")), 409).message())
                .contains("there is no handoff 'm-1'", "ctl slots move");
        assertThat(error(post("/v1/plan", steer("limits", "")), 409).message()).contains("which limit?");
    }

    @Test
    void aRingThatChangesIsToldBesideTheSlots() throws Exception {
        String ring = "{\"change\": \"pool create\", \"pool\": \"pages\", \"protocol\": \"memcache\","
                + " \"distribution\": \"ketama\", \"servers\": [\"10.0.0.5:11211:1 alpha\", \"10.0.0.6:11211:1 beta\"]}";
        assertThat(post("/v1/apply", ring).statusCode()).isEqualTo(200);
        String add = "{\"change\": \"server add\", \"pool\": \"pages\", \"server\": \"10.0.0.7:11211\","
                + " \"name\": \"gamma\", \"window\": \"10m\", \"id\": \"r-1\"}";
        PlanAnswer plan = read(post("/v1/plan", add), PlanAnswer.class);
        assertThat(plan.lines()).first().asString().contains("% of the keys get another server, by a cache window of");

        assertThat(post("/v1/apply", add).statusCode()).isEqualTo(200);

        RingAnswer told =
                read(get("/v1/migrations"), MigrationsAnswer.class).rings().get(0);
        assertThat(told.id()).isEqualTo("r-1");
        assertThat(told.state()).isEqualTo("prepare");
        assertThat(told.comes()).containsExactly("gamma");
        assertThat(told.goes()).isEmpty();
        assertThat(told.share()).isBetween(0.2, 0.5);
        assertThat(error(post("/v1/apply", add), 409).message()).contains("is on its way to other servers already");
        String both = add.replace("\"10m\"", "\"2d\", \"broker\": true, \"grace\": \"0s\"");
        assertThat(error(post("/v1/plan", both), 400).mistakes())
                .extracting(MistakeAnswer::key)
                .contains("window", "grace");
        String abort = "{\"change\": \"migrations abort\", \"pool\": \"pages\", \"id\": \"r-1\"}";
        assertThat(post("/v1/apply", abort).statusCode()).isEqualTo(200);
        assertThat(read(get("/v1/migrations"), MigrationsAnswer.class).rings()).isEmpty();
    }

    @Test
    void whoDoesNotLeadNamesTheLeader() throws Exception {
        cluster.ledBy("http://10.0.0.2:9700");

        ErrorAnswer error = error(post("/v1/apply", ADD), 421);

        assertThat(error.leader()).isEqualTo("http://10.0.0.2:9700");
        assertThat(get("/v1/pools").statusCode()).isEqualTo(200);
        assertThat(read(get("/v1/cluster"), ClusterAnswer.class).leader()).isEqualTo("http://10.0.0.2:9700");
        cluster.ledBy(null);
        assertThat(error(post("/v1/apply", ADD), 503).error()).isEqualTo("no_leader");
    }

    @Test
    void withoutZooKeeperEveryAnswerSaysSo() throws Exception {
        cluster.setDown(true);

        assertThat(error(get("/v1/topology"), 503).error()).isEqualTo("no_zookeeper");
        assertThat(error(post("/v1/apply", ADD), 503).hint()).startsWith("nothing was changed");
    }

    @Test
    void aChangeOfUnknownFateSaysSo() throws Exception {
        cluster.goDownAtNextWrite();
        String add = ADD.replace("s1", "s2").replace("10.0.0.", "10.0.1.").replace("0-8191", "9000");

        assertThat(error(post("/v1/apply", add), 503).error()).isEqualTo("outcome_unknown");
    }

    @Test
    void aRemovalOfUnknownFateSaysSo() throws Exception {
        cluster.withProxy("p1", false, 1, 0, "").withProxy("p2", false, 1, 0, "");
        cluster.setHistoryDown(true);
        ErrorAnswer unwritten =
                error(send(HttpRequest.newBuilder(uri("/v1/proxies/p1")).DELETE()), 503);
        cluster.loseAnswersOfWrites();
        ErrorAnswer unanswered =
                error(send(HttpRequest.newBuilder(uri("/v1/proxies/p2")).DELETE()), 503);

        assertThat(unwritten.error()).isEqualTo("outcome_unknown");
        assertThat(unwritten.message()).startsWith("proxy p1 was removed, but that could not be written");
        assertThat(unanswered.error()).isEqualTo("outcome_unknown");
        assertThat(unanswered.message()).contains("proxy p2 may have been removed or not");
    }

    @Test
    void onlyWhoLeadsTellsHowPrimariesAreFollowed() throws Exception {
        statuses = List.of(new ShardStatus("sessions", "s1", ServerAddress.tcp("10.0.0.1", 6379), "role", ""));

        assertThat(read(get("/v1/failover"), Answers.FailoverAnswer.class).shards())
                .containsExactly(new Answers.FollowedAnswer("sessions", "s1", "10.0.0.1:6379", "role", null));
        cluster.ledBy("http://other:9700");
        assertThat(error(get("/v1/failover"), 421).leader()).isEqualTo("http://other:9700");
    }

    @Test
    void slowClientsDoNotKeepOthersWaiting() throws Exception {
        Socket[] slow = new Socket[3 * ApiServer.AT_ONCE];
        for (int i = 0; i < slow.length; i++) {
            slow[i] = new Socket(InetAddress.getLoopbackAddress(), api.address().getPort());
            slow[i].getOutputStream().write("GET /v1/po".getBytes(StandardCharsets.US_ASCII));
        }

        assertThat(get("/v1/pools").statusCode()).isEqualTo(200);
        for (Socket socket : slow) {
            socket.close();
        }
    }

    @Test
    void everyPathIsDocumentedWithAnExample() throws Exception {
        String docs = Files.readString(Path.of("../docs/api.md"));

        assertThat(api.paths()).isNotEmpty().allSatisfy(path -> assertThat(docs).contains("### " + path + "\n"));
        assertThat(api.paths())
                .allSatisfy(path -> assertThat(section(docs, path)).contains("    $ curl "));
    }

    private static String section(String docs, String path) {
        String after = docs.substring(docs.indexOf("### " + path + "\n") + 4);
        int end = after.indexOf("\n### ");
        return end < 0 ? after : after.substring(0, end);
    }
}
