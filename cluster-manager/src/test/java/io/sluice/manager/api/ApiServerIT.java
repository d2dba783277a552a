package io.sluice.manager.api;

import static io.sluice.manager.api.ApiCaller.error;
import static io.sluice.manager.api.ApiCaller.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.api.Answers.ClusterAnswer;
import io.sluice.manager.api.Answers.ErrorAnswer;
import io.sluice.manager.api.Answers.ExplainAnswer;
import io.sluice.manager.api.Answers.PoolAnswer;
import io.sluice.manager.api.Answers.RangeAnswer;
import io.sluice.manager.api.Answers.ShardAnswer;
import io.sluice.manager.api.Answers.SlotsAnswer;
import io.sluice.manager.failover.ShardStatus;
import io.sluice.manager.testing.MemoryCluster;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.topology.ServerAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read from the API, and what it says where it cannot answer. */
class ApiServerIT {

    @RegisterExtension
    private final ApiCaller caller = new ApiCaller();

    @Test
    void tellsWhatThereIs() throws Exception {
        assertThat(read(caller.get("/v1/cluster"), ClusterAnswer.class))
                .isEqualTo(
                        new ClusterAnswer("test", 2, MemoryCluster.TERM, null, new Answers.ManagerAnswer("m1", true)));
        PoolAnswer pool = read(caller.get("/v1/pools/sessions"), PoolAnswer.class);
        assertThat(pool.slots()).isEqualTo(16384);
        assertThat(pool.unowned()).isEqualTo("8192-16383");
        assertThat(pool.shards())
                .containsExactly(
                        new ShardAnswer("s1", "10.0.0.1:6379", List.of("10.0.0.2:6379"), "0-8191", 8192, null));
        assertThat(read(caller.get("/v1/pools/sessions/slots"), SlotsAnswer.class)
                        .ranges())
                .containsExactly(
                        new RangeAnswer("0-8191", 8192, "s1", "10.0.0.1:6379"),
                        new RangeAnswer("8192-16383", 8192, null, null));
        assertThat(caller.get("/v1/pools").body()).contains("\"epoch\": 2", "\"name\": \"sessions\"");
        assertThat(caller.get("/v1/pools/sessions/shards").body())
                .contains("\"pool\": \"sessions\"", "\"owns\": \"0-8191\"");
    }

    @Test
    void theTopologyIsTheDocumentThatProxiesRead() throws Exception {
        byte[] document = caller.get("/v1/topology").body().getBytes(StandardCharsets.UTF_8);

        assertThat(TopologyDocument.parse("answer", document))
                .isEqualTo(caller.cluster().topology());
    }

    @Test
    void tellsWhichShardHasAKeyOfAnyBytes() throws Exception {
        ExplainAnswer tagged = read(caller.get("/v1/explain?key=a%7Bfoo%7D"), ExplainAnswer.class);
        ExplainAnswer binary = read(caller.get("/v1/explain?pool=sessions&key=%00%ff+"), ExplainAnswer.class);

        assertThat(tagged.hashedPart()).isEqualTo("foo");
        assertThat(tagged.position()).isEqualTo(12182); // as CLUSTER KEYSLOT foo
        assertThat(tagged.server()).isNull();
        assertThat(binary.hashedPart()).isEqualTo("\\x00\\xff+");
        assertThat(error(caller.get("/v1/explain"), 400).message()).isEqualTo("no key");
        assertThat(caller.raw("GET /v1/explain?key=%f HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ");
        assertThat(error(caller.get("/v1/explain?kee=x"), 400).hint()).contains("key", "pool");
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
        HttpResponse<String> response =
                caller.send(HttpRequest.newBuilder(caller.uri(path)).method(method, BodyPublishers.noBody()));

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).contains(error);
    }

    @Test
    void aPoolThatIsMisspeltIsGuessed() throws Exception {
        assertThat(error(caller.get("/v1/pools/sesions"), 404).message())
                .isEqualTo("no pool 'sesions'; did you mean 'sessions'?");
    }

    @Test
    void aBodyThatIsTooLargeIsRefused() throws Exception {
        String long_ = "{\"change\": \"" + "x".repeat(ApiServer.MAX_BODY_BYTES);

        assertThat(error(caller.post("/v1/plan", long_), 413).error()).isEqualTo("too_large");
    }

    @Test
    void whoDoesNotLeadNamesTheLeader() throws Exception {
        caller.cluster().ledBy("http://10.0.0.2:9700");

        ErrorAnswer error = error(caller.post("/v1/apply", ApiCaller.ADD), 421);

        assertThat(error.leader()).isEqualTo("http://10.0.0.2:9700");
        assertThat(caller.get("/v1/pools").statusCode()).isEqualTo(200);
        assertThat(read(caller.get("/v1/cluster"), ClusterAnswer.class).leader())
                .isEqualTo("http://10.0.0.2:9700");
        caller.cluster().ledBy(null);
        assertThat(error(caller.post("/v1/apply", ApiCaller.ADD), 503).error()).isEqualTo("no_leader");
    }

    @Test
    void withoutZooKeeperEveryAnswerSaysSo() throws Exception {
        caller.cluster().setDown(true);

        assertThat(error(caller.get("/v1/topology"), 503).error()).isEqualTo("no_zookeeper");
        assertThat(error(caller.post("/v1/apply", ApiCaller.ADD), 503).hint()).startsWith("nothing was changed");
    }

    @Test
    void onlyWhoLeadsTellsHowPrimariesAreFollowed() throws Exception {
        caller.follow(new ShardStatus("sessions", "s1", ServerAddress.tcp("10.0.0.1", 6379), "role", ""));

        assertThat(read(caller.get("/v1/failover"), Answers.FailoverAnswer.class)
                        .shards())
                .containsExactly(new Answers.FollowedAnswer("sessions", "s1", "10.0.0.1:6379", "role", null));
        caller.cluster().ledBy("http://other:9700");
        assertThat(error(caller.get("/v1/failover"), 421).leader()).isEqualTo("http://other:9700");
    }

    @Test
    void slowClientsDoNotKeepOthersWaiting() throws Exception {
        Socket[] slow = new Socket[3 * ApiServer.AT_ONCE];
        for (int i = 0; i < slow.length; i++) {
            slow[i] = caller.connect();
            slow[i].getOutputStream().write("GET /v1/po".getBytes(StandardCharsets.US_ASCII));
        }

        assertThat(caller.get("/v1/pools").statusCode()).isEqualTo(200);
        for (Socket socket : slow) {
            socket.close();
        }
    }

    @Test
    void everyPathIsDocumentedWithAnExample() throws Exception {
        String docs = Files.readString(Path.of("../docs/api.md"));

        assertThat(caller.api().paths())
                .isNotEmpty()
                .allSatisfy(path -> assertThat(docs).contains("### " + path + "\n"));
        assertThat(caller.api().paths())
                .allSatisfy(path -> assertThat(section(docs, path)).contains("    $ curl "));
    }

    private static String section(String docs, String path) {
        String after = docs.substring(docs.indexOf("### " + path + "\n") + 4);
        int end = after.indexOf("\n### ");
        return end < 0 ? after : after.substring(0, end);
    }
}
