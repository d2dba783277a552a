package io.sluice.manager.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.api.Answers.ErrorAnswer;
import io.sluice.manager.failover.ShardStatus;
import io.sluice.manager.testing.MemoryApi;
import io.sluice.manager.testing.MemoryCluster;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Who calls the API of a manager whose cluster is in memory; in each test anew, with a pool that has a shard. */
final class ApiCaller implements BeforeEachCallback, AfterEachCallback {

    static final String CREATE = "{\"change\": \"pool create\", \"pool\": \"sessions\", \"by\": \"alice\"}";
    static final String ADD =
            "{\"change\": \"shard add\", \"pool\": \"sessions\", \"shard\": \"s1\", \"primary\": \"10.0.0.1:6379\","
                    + " \"replicas\": [\"10.0.0.2:6379\"], \"slots\": \"0-8191\"}";

    private final HttpClient http = HttpClient.newHttpClient();
    private final MemoryCluster cluster = new MemoryCluster();
    private volatile List<ShardStatus> statuses = List.of();
    private ApiServer api = MemoryApi.open(cluster, ApiTokens.NONE, () -> statuses);

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        assertThat(post("/v1/apply", CREATE).statusCode()).isEqualTo(200);
        assertThat(post("/v1/apply", ADD).statusCode()).isEqualTo(200);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        api.close();
    }

    /** From now on the API asks for these. */
    void open(ApiTokens tokens) {
        api.close();
        api = MemoryApi.open(cluster, tokens, () -> statuses);
    }

    /** How primaries are followed from now on. */
    void follow(ShardStatus... now) {
        statuses = List.of(now);
    }

    MemoryCluster cluster() {
        return cluster;
    }

    ApiServer api() {
        return api;
    }

    URI uri(String path) {
        return URI.create(MemoryApi.url(api) + path);
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    HttpResponse<String> post(String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    HttpResponse<String> delete(String path) throws Exception {
        return send(HttpRequest.newBuilder(uri(path)).DELETE());
    }

    /** Sends this as it is; returns all that comes until the connection is closed. */
    String raw(String request) throws IOException {
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), api.address().getPort());
    }

    static <T> T read(HttpResponse<String> response, Class<T> type) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return ApiJson.read(response.body(), type).orElseThrow();
    }

    static ErrorAnswer error(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json; charset=utf-8");
        ErrorAnswer error = ApiJson.read(response.body(), ErrorAnswer.class).orElseThrow();
        assertThat(error.hint()).isNotBlank();
        return error;
    }
}
