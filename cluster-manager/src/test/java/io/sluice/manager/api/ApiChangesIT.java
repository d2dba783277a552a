package io.sluice.manager.api;

import static io.sluice.manager.api.ApiCaller.error;
import static io.sluice.manager.api.ApiCaller.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.api.Answers.ErrorAnswer;
import io.sluice.manager.api.Answers.HistoryAnswer;
import io.sluice.manager.api.Answers.HistoryLineAnswer;
import io.sluice.manager.api.Answers.MistakeAnswer;
import io.sluice.manager.api.Answers.PlanAnswer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Changes that are planned and applied over the API. */
class ApiChangesIT {

    @RegisterExtension
    private final ApiCaller caller = new ApiCaller();

    @Test
    void aPlanChangesNothingAndAnApplyIsInTheHistory() throws Exception {
        String add =
                ApiCaller.ADD.replace("s1", "s2").replace("10.0.0.", "10.0.1.").replace("0-8191", "8192-16383");

        PlanAnswer plan = read(caller.post("/v1/plan", add), PlanAnswer.class);

        assertThat(plan.epoch()).isEqualTo(2);
        assertThat(plan.newEpoch()).isNull();
        assertThat(plan.lines())
                .containsExactly("+ pool sessions: shard s2: primary 10.0.1.1:6379, replicas 10.0.1.2:6379,"
                        + " slots 8192-16383 (8192)");
        assertThat(caller.cluster().topology().epoch()).isEqualTo(2);

        PlanAnswer done = read(
                caller.post("/v1/apply", add.replace("{", "{\"by\": \"bob\\n\", \"expected_epoch\": 2, ")),
                PlanAnswer.class);

        assertThat(done.newEpoch()).isEqualTo(3);
        HistoryLineAnswer newest = read(caller.get("/v1/history?limit=1"), HistoryAnswer.class)
                .entries()
                .get(0);
        assertThat(newest)
                .isEqualTo(new HistoryLineAnswer(
                        "2026-11-21T12:00:00Z", "bob from 127.0.0.1", "shard add s2 to sessions", 2, 3, plan.lines()));
        assertThat(read(caller.get("/v1/history"), HistoryAnswer.class).entries())
                .hasSize(3);
    }

    @Test
    void everyMistakeOfABodyIsToldAtOnce() throws Exception {
        ErrorAnswer error = error(
                caller.post(
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
        assertThat(error(caller.post("/v1/plan", "{\"change\": \"shard ad\"}"), 400)
                        .mistakes())
                .singleElement()
                .satisfies(mistake -> assertThat(mistake.message()).endsWith("did you mean 'shard add'?"));
        assertThat(error(caller.post("/v1/plan", "{}"), 400).mistakes())
                .singleElement()
                .satisfies(mistake -> assertThat(mistake.message()).contains("topology apply"));
        assertThat(error(caller.post("/v1/plan", "what?"), 400).mistakes()).hasSize(1);
    }

    @Test
    void mistakesInADocumentHaveTheLinesOfItsFile() throws Exception {
        String document = "format: 1\npools:\n  sessions:\n    distribution: slots\n    shard: {}\n";
        String body = ApiJson.object(
                Map.of("change", "topology apply", "file", "new.yaml", "document", document, "force", true));

        assertThat(error(caller.post("/v1/plan", body), 400).mistakes())
                .containsExactly(new MistakeAnswer(
                        "new.yaml", 5, 5, "pools.sessions.shard", "unknown key; did you mean 'shards'?"));
    }

    @Test
    void aDocumentWithAnyCharactersArrivesWhole() throws Exception {
        String document = "{\"format\": 1, \"pools\": {\"r\": {\"servers\": [\"h:1:1 \u00e9\\\"\ud83d\ude00\"]}}}";
        String body = ApiJson.object(Map.of("change", "topology apply", "document", document, "force", true));

        read(caller.post("/v1/apply", body), PlanAnswer.class);

        assertThat(caller.cluster()
                        .topology()
                        .pool("r")
                        .orElseThrow()
                        .definition()
                        .servers())
                .singleElement()
                .satisfies(server -> assertThat(server.name()).isEqualTo("\u00e9\"\ud83d\ude00"));
    }

    @Test
    void aPlanForAnotherEpochAndARefusalAreConflicts() throws Exception {
        String stale = ApiCaller.ADD.replace("{", "{\"expected_epoch\": 1, ").replace("s1", "s2");

        assertThat(error(caller.post("/v1/apply", stale), 409).error()).isEqualTo("epoch_changed");
        ErrorAnswer refused = error(caller.post("/v1/apply", ApiCaller.ADD), 409);
        assertThat(refused.error()).isEqualTo("refused");
        assertThat(refused.message()).contains("has a shard 's1' already");
        assertThat(caller.cluster().topology().epoch()).isEqualTo(2);
    }

    @Test
    void aChangeOfUnknownFateSaysSo() throws Exception {
        caller.cluster().goDownAtNextWrite();
        String add =
                ApiCaller.ADD.replace("s1", "s2").replace("10.0.0.", "10.0.1.").replace("0-8191", "9000");

        assertThat(error(caller.post("/v1/apply", add), 503).error()).isEqualTo("outcome_unknown");
    }
}
