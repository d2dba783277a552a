package io.sluice.manager.api;

import static io.sluice.manager.api.ApiCaller.error;
import static io.sluice.manager.api.ApiCaller.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.api.Answers.MigrationAnswer;
import io.sluice.manager.api.Answers.MigrationsAnswer;
import io.sluice.manager.api.Answers.MistakeAnswer;
import io.sluice.manager.api.Answers.PlanAnswer;
import io.sluice.manager.api.Answers.RingAnswer;
import io.sluice.manager.store.HistoryEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Slots and rings on their way, as the API tells and steers them. */
class ApiMigrationsIT {

    @RegisterExtension
    private final ApiCaller caller = new ApiCaller();

    @Test
    void slotsThatAreOnTheirWayAreToldByTheOneThatLeads() throws Exception {
        String other =
                "{\"change\": \"shard add\", \"pool\": \"sessions\", \"shard\": \"s2\", \"primary\": \"10.0.0.3:6379\"}";
        assertThat(caller.post("/v1/apply", other).statusCode()).isEqualTo(200);
        assertThat(read(caller.get("/v1/migrations"), MigrationsAnswer.class).migrations())
                .isEmpty();
        String move =
                "{\"change\": \"slots move\", \"pool\": \"sessions\", \"slots\": \"0-9,20\", \"from\": \"s1\", \"to\": \"s2\"}";
        assertThat(caller.post("/v1/apply", move).statusCode()).isEqualTo(200);

        MigrationAnswer told = read(caller.get("/v1/migrations"), MigrationsAnswer.class)
                .migrations()
                .get(0);

        assertThat(told.id()).matches("m-[0-9]{8}-[0-9]{6}-[0-9a-z]{4}");
        assertThat(told.slots()).isEqualTo("0-9,20");
        assertThat(told.state()).isEqualTo("copy");
        assertThat(told.step()).isEqualTo("is taken up soon");
        assertThat(error(caller.post("/v1/apply", move), 409).message()).contains(told.id(), "has some of them");
        String abort = "{\"change\": \"migrations abort\", \"pool\": \"sessions\", \"id\": \"" + told.id() + "\"}";
        assertThat(caller.post("/v1/apply", abort).statusCode()).isEqualTo(200);
        assertThat(read(caller.get("/v1/migrations"), MigrationsAnswer.class).migrations())
                .isEmpty();
        caller.cluster().ledBy("http://10.0.0.2:9700");
        assertThat(error(caller.get("/v1/migrations"), 421).leader()).isEqualTo("http://10.0.0.2:9700");
    }

    @Test
    void aMoveIsSteeredByChangesThatAreInTheHistory() throws Exception {
        String other =
                "{\"change\": \"shard add\", \"pool\": \"sessions\", \"shard\": \"s2\", \"primary\": \"10.0.0.3:6379\"}";
        assertThat(caller.post("/v1/apply", other).statusCode()).isEqualTo(200);
        String move = "{\"change\": \"slots move\", \"pool\": \"sessions\", \"id\": \"m-1\", \"slots\": \"0-9\","
                + " \"from\": \"s1\", \"to\": \"s2\", \"engine\": \"track\", \"bytes_per_second\": \"20mb\"}";
        assertThat(read(caller.post("/v1/plan", move), PlanAnswer.class).lines())
                .contains("~ handoff m-1: engine auto -> track", "~ handoff m-1: bytes_per_second auto -> 20971520");
        assertThat(caller.post("/v1/apply", move).statusCode()).isEqualTo(200);
        long epoch = caller.cluster().topology().epoch();

        assertThat(read(caller.post("/v1/apply", steer("pause", "")), PlanAnswer.class)
                        .lines())
                .containsExactly("~ handoff m-1: paused");
        assertThat(read(caller.post("/v1/apply", steer("pause", "")), PlanAnswer.class)
                        .newEpoch())
                .as("nothing changes")
                .isNull();
        assertThat(read(
                                caller.post(
                                        "/v1/apply",
                                        steer("limits", ", \"keys_per_second\": 1000, \"bytes_per_second\": \"auto\"")),
                                PlanAnswer.class)
                        .lines())
                .containsExactly(
                        "~ handoff m-1: keys_per_second auto -> 1000",
                        "~ handoff m-1: bytes_per_second 20971520 -> auto");
        assertThat(read(caller.post("/v1/apply", steer("resume", "")), PlanAnswer.class)
                        .lines())
                .containsExactly("~ handoff m-1: goes on");

        assertThat(caller.cluster().topology().epoch())
                .as("no proxy has to know")
                .isEqualTo(epoch);
        assertThat(caller.cluster().historyEntries())
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

        assertThat(error(caller.post("/v1/plan", limits), 400).mistakes())
                .extracting(mistake -> mistake.key())
                .containsExactlyInAnyOrder("keys_per_second", "bytes_per_second", "spool_bytes", "engine");
        assertThat(error(caller.post("/v1/plan", steer("rollback", "")), 409).message())
                .contains("there is no handoff 'm-1'", "ctl slots move");
        assertThat(error(caller.post("/v1/plan", steer("limits", "")), 409).message())
                .contains("which limit?");
    }

    @Test
    void aRingThatChangesIsToldBesideTheSlots() throws Exception {
        String ring = "{\"change\": \"pool create\", \"pool\": \"pages\", \"protocol\": \"memcache\","
                + " \"distribution\": \"ketama\", \"servers\": [\"10.0.0.5:11211:1 alpha\", \"10.0.0.6:11211:1 beta\"]}";
        assertThat(caller.post("/v1/apply", ring).statusCode()).isEqualTo(200);
        String add = "{\"change\": \"server add\", \"pool\": \"pages\", \"server\": \"10.0.0.7:11211\","
                + " \"name\": \"gamma\", \"window\": \"10m\", \"id\": \"r-1\"}";
        PlanAnswer plan = read(caller.post("/v1/plan", add), PlanAnswer.class);
        assertThat(plan.lines()).first().asString().contains("% of the keys get another server, by a cache window of");

        assertThat(caller.post("/v1/apply", add).statusCode()).isEqualTo(200);

        RingAnswer told = read(caller.get("/v1/migrations"), MigrationsAnswer.class)
                .rings()
                .get(0);
        assertThat(told.id()).isEqualTo("r-1");
        assertThat(told.state()).isEqualTo("prepare");
        assertThat(told.comes()).containsExactly("gamma");
        assertThat(told.goes()).isEmpty();
        assertThat(told.share()).isBetween(0.2, 0.5);
        assertThat(error(caller.post("/v1/apply", add), 409).message())
                .contains("is on its way to other servers already");
        String both = add.replace("\"10m\"", "\"2d\", \"broker\": true, \"grace\": \"0s\"");
        assertThat(error(caller.post("/v1/plan", both), 400).mistakes())
                .extracting(MistakeAnswer::key)
                .contains("window", "grace");
        String abort = "{\"change\": \"migrations abort\", \"pool\": \"pages\", \"id\": \"r-1\"}";
        assertThat(caller.post("/v1/apply", abort).statusCode()).isEqualTo(200);
        assertThat(read(caller.get("/v1/migrations"), MigrationsAnswer.class).rings())
                .isEmpty();
    }
}
