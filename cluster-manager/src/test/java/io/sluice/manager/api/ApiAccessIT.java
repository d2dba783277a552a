package io.sluice.manager.api;

import static io.sluice.manager.api.ApiCaller.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.manager.config.ApiToken;
import io.sluice.manager.testing.MemoryApi;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who may use the API. */
class ApiAccessIT {

    @RegisterExtension
    private final ApiCaller caller = new ApiCaller();

    @Test
    void withoutTheTokenNothingIsTold() throws Exception {
        caller.open(new ApiTokens(Map.of("deploy", ApiToken.of("s3cret"), "nightly", ApiToken.of("other"))));

        assertThat(error(caller.get("/v1/pools"), 401).error()).isEqualTo("unauthorized");
        assertThat(caller.get("/v1/pools").headers().firstValue("WWW-Authenticate"))
                .contains("Bearer");
        assertThat(error(caller.get("/v1/pools", "Authorization", "Bearer s3cre"), 401)
                        .message())
                .isEqualTo("that token is not known here");
        assertThat(error(caller.post("/v1/apply", ApiCaller.ADD), 401).error()).isEqualTo("unauthorized");
        assertThat(caller.get("/v1/pools", "Authorization", "bearer other").statusCode())
                .isEqualTo(200);
        String add =
                ApiCaller.ADD.replace("s1", "s2").replace("10.0.0.", "10.0.1.").replace("0-8191", "9000");
        assertThat(caller.post("/v1/apply", add.replace("{", "{\"by\": \"bob\","), "Authorization", "Bearer s3cret")
                        .statusCode())
                .isEqualTo(200);
        assertThat(caller.cluster().historyEntries().get(0).by()).isEqualTo("bob (token deploy) from 127.0.0.1");
    }

    @Test
    void readsCanBeOpenWhileChangesAreNot() throws Exception {
        caller.open(ApiTokens.of(ApiToken.of("s3cret").guardingReads(false)));

        assertThat(caller.get("/v1/pools").statusCode()).isEqualTo(200);
        assertThat(caller.post("/v1/plan", ApiCaller.ADD.replace("s1", "s2")).statusCode())
                .isEqualTo(409); // planned, refused
        assertThat(error(caller.post("/v1/apply", ApiCaller.ADD), 401).error()).isEqualTo("unauthorized");
        assertThat(error(caller.delete("/v1/proxies/p1"), 401).error()).isEqualTo("unauthorized");
    }

    @Test
    void anAddressThatOthersReachNeedsAToken() {
        InetSocketAddress open = new InetSocketAddress("0.0.0.0", 0);

        assertThat(ApiTokens.NONE.mistakeAt(open))
                .hasValueSatisfying(text -> assertThat(text).contains("without a token"));
        assertThat(ApiTokens.of(ApiToken.of("b")).mistakeAt(open)).isEmpty();
        assertThatThrownBy(() -> MemoryApi.open(caller.cluster(), ApiTokens.NONE, List::of, open))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void pagesInABrowserChangeNothing() throws Exception {
        assertThat(error(caller.post("/v1/apply", ApiCaller.ADD, "Origin", "http://evil.example"), 403)
                        .error())
                .isEqualTo("forbidden");
        HttpResponse<String> form = caller.send(HttpRequest.newBuilder(caller.uri("/v1/apply"))
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString(ApiCaller.ADD)));
        assertThat(error(form, 415).error()).isEqualTo("unsupported_media_type");
        assertThat(caller.raw("GET /v1/pools HTTP/1.1\r\nHost: rebound.example:9700\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 403 ");
        assertThat(caller.raw("GET /v1/pools HTTP/1.1\r\nHost: localhost:9700\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
    }
}
