package io.sluice.manager.api;

import static io.sluice.manager.api.ApiCaller.error;
import static io.sluice.manager.api.ApiCaller.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.api.Answers.ErrorAnswer;
import io.sluice.manager.api.Answers.ProxiesAnswer;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the API tells of proxies, and how one is forgotten. */
class ApiProxiesIT {

    @RegisterExtension
    private final ApiCaller caller = new ApiCaller();

    @Test
    void tellsHowFarEachProxyIs() throws Exception {
        caller.cluster()
                .withProxy("p1")
                .withProxy("p2", true, 1, 2, "pool x: no listener")
                .withProxy("p3", false, 0, 0, "");

        ProxiesAnswer answer = read(caller.get("/v1/proxies"), ProxiesAnswer.class);

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
        caller.cluster().withProxy("p1").withUnreadableProxy("p2", "/sluice/main/proxies/p2:1: expected a mapping");

        ProxiesAnswer answer = read(caller.get("/v1/proxies"), ProxiesAnswer.class);
        HttpResponse<String> removed = caller.delete("/v1/proxies/p2");

        assertThat(answer.proxies()).extracting(Answers.ProxyAnswer::applied).containsExactly(2L, 0L);
        assertThat(answer.proxies().get(0).reason()).isNull();
        assertThat(answer.proxies().get(1).reason())
                .isEqualTo("cannot be understood: /sluice/main/proxies/p2:1: expected a mapping");
        assertThat(answer.proxies().get(1).refused()).isNull();
        assertThat(removed.statusCode()).isEqualTo(200);
    }

    @Test
    void onlyAProxyThatDiedIsForgotten() throws Exception {
        caller.cluster().withProxy("p1").withProxy("p2", false, 1, 0, "");

        HttpResponse<String> alive = caller.delete("/v1/proxies/p1");
        HttpResponse<String> dead = caller.delete("/v1/proxies/p2?by=alice");

        assertThat(error(alive, 409).message()).contains("p1 is alive");
        assertThat(dead.statusCode()).isEqualTo(200);
        assertThat(dead.body()).contains("\"assumes\": \"the process has ended");
        assertThat(read(caller.get("/v1/proxies"), ProxiesAnswer.class).proxies())
                .hasSize(1);
        assertThat(caller.cluster().historyEntries().get(0).title()).isEqualTo("proxies remove p2");
        assertThat(caller.cluster().historyEntries().get(0).by()).isEqualTo("alice from 127.0.0.1");
    }

    @Test
    void aRemovalOfUnknownFateSaysSo() throws Exception {
        caller.cluster().withProxy("p1", false, 1, 0, "").withProxy("p2", false, 1, 0, "");
        caller.cluster().setHistoryDown(true);
        ErrorAnswer unwritten = error(caller.delete("/v1/proxies/p1"), 503);
        caller.cluster().loseAnswersOfWrites();
        ErrorAnswer unanswered = error(caller.delete("/v1/proxies/p2"), 503);

        assertThat(unwritten.error()).isEqualTo("outcome_unknown");
        assertThat(unwritten.message()).startsWith("proxy p1 was removed, but that could not be written");
        assertThat(unanswered.error()).isEqualTo("outcome_unknown");
        assertThat(unanswered.message()).contains("proxy p2 may have been removed or not");
    }
}
