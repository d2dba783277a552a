package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.sluice.manager.api.Answers.PlanAnswer;
import io.sluice.manager.api.ApiJson;
import io.sluice.manager.api.ApiTokens;
import io.sluice.manager.config.ApiToken;
import io.sluice.manager.failover.ShardStatus;
import io.sluice.manager.testing.MemoryCluster;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.topology.ServerAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which manager is asked, and what happens if it does not answer, or not as it should. */
class CtlManagersIT {

    @TempDir
    private Path folder;

    @RegisterExtension
    private final MemoryManager manager = new MemoryManager();

    @Test
    void nobodyAnswers() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }

        CtlRun run = CtlRun.of(CtlRun.NOBODY, "pools", "--manager", "http://127.0.0.1:" + free);

        assertThat(run.exitCode()).isEqualTo(CtlExit.UNREACHABLE);
        assertThat(run.err())
                .contains("no manager answers: http://127.0.0.1:" + free + " (connection refused)", "SLUICE_MANAGER");
        assertThat(CtlRun.of(CtlRun.NOBODY, "pools", "--manager", "http://127.0.0.1:" + free + "," + manager.url())
                        .exitCode())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:9700", "ftp://h:1", "http://", "http://h:1/path", "http://h:1 x", ","})
    void whatIsNoUrlIsToldSo(String url) {
        CtlRun run = CtlRun.of(CtlRun.NOBODY, "pools", "--manager", url);

        assertThat(run.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(run.err()).contains("--manager: ", "http://");
    }

    @Test
    void whoeverIsNoManagerIsFoundOut() throws Exception {
        var web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/", exchange -> {
            byte[] page = "<html>not found</html>".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(404, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        web.start();
        try {
            CtlRun run = CtlRun.of(
                    CtlRun.NOBODY,
                    "pools",
                    "--manager",
                    "http://127.0.0.1:" + web.getAddress().getPort());

            assertThat(run.exitCode()).isEqualTo(CtlExit.UNREACHABLE);
            assertThat(run.err()).contains("answers, but is no manager (status 404)");
        } finally {
            web.stop(0);
        }
    }

    @Test
    void theLeaderIsFollowed() {
        MemoryCluster follower = new MemoryCluster();
        follower.ledBy(manager.url());
        String standby = manager.open(follower, ApiTokens.NONE);

        CtlRun run = CtlRun.of(CtlRun.NOBODY, "pool", "create", "sessions", "--yes", "--no-wait", "--manager", standby);

        assertThat(run.err()).isEmpty();
        assertThat(manager.cluster().topology().pools()).containsOnlyKeys("sessions");
        assertThat(follower.topology()).isEqualTo(Topology.NONE);
    }

    @Test
    void aLeaderThatDoesNotAnswerIsToldApartFromNoManager() throws Exception {
        int nobody;
        try (ServerSocket free = new ServerSocket(0)) {
            nobody = free.getLocalPort();
        }
        manager.cluster().ledBy("http://127.0.0.1:" + nobody);

        CtlRun run = manager.ctl("pool create sessions --yes");

        assertThat(run.exitCode()).isEqualTo(CtlExit.UNREACHABLE);
        assertThat(run.err())
                .contains("no leader answers: " + manager.url() + " says that another one leads: http://127.0.0.1:"
                        + nobody + " (connection refused)")
                .contains("try again", "'url'");
    }

    @Test
    void twoWhoTakeEachOtherForTheLeaderAreNotFollowedForever() {
        manager.cluster().ledBy(manager.url());

        CtlRun run = manager.ctl("pool create sessions --yes");

        assertThat(run.exitCode()).isEqualTo(CtlExit.FAILED);
        assertThat(run.err()).contains("does not lead");
    }

    @Test
    void showsHowPrimariesAreFollowed() {
        ServerAddress primary = ServerAddress.tcp("10.0.0.1", 6379);
        manager.follow(
                new ShardStatus("sessions", "s1", primary, "sentinel", ""),
                new ShardStatus("sessions", "s2", primary, "role", "two primaries: left and right"));

        CtlRun.assertLines(
                manager.ctl("failover"),
                "POOL       SHARD   PRIMARY         FOLLOWED BY   STATE",
                "sessions   s1      10.0.0.1:6379   sentinel      ok",
                "sessions   s2      10.0.0.1:6379   role          look",
                "sessions/s2: two primaries: left and right");
        assertThat(manager.ctl("failover --json").out()).contains("\"note\": \"two primaries: left and right\"");
        manager.follow();
        assertThat(manager.ctl("failover").out()).startsWith("Nobody's primary is followed");
    }

    @Test
    void onlyWhoLeadsKnowsHowPrimariesAreFollowed() {
        MemoryCluster follower = new MemoryCluster();
        follower.ledBy(manager.url());
        String standby = manager.open(follower, ApiTokens.NONE);
        manager.follow(new ShardStatus("sessions", "s1", ServerAddress.tcp("10.0.0.1", 6379), "role", ""));

        assertThat(CtlRun.of(CtlRun.NOBODY, "failover", "--manager", standby).out())
                .contains("10.0.0.1:6379");
    }

    @Test
    void aManagerWithoutZooKeeperIsPassedOver() {
        MemoryCluster cutOff = new MemoryCluster();
        cutOff.setDown(true);
        String blind = manager.open(cutOff, ApiTokens.NONE);
        manager.done("pool create sessions");

        assertThat(CtlRun.of(CtlRun.NOBODY, "pools", "--manager", blind + "," + manager.url())
                        .out())
                .contains("sessions");
        CtlRun alone = CtlRun.of(CtlRun.NOBODY, "pools", "--manager", blind);
        assertThat(alone.exitCode()).isEqualTo(CtlExit.FAILED);
        assertThat(alone.err()).contains("no answer from ZooKeeper", "majority");
    }

    @Test
    void theTokenIsTakenFromAFile() throws Exception {
        String locked = manager.open(manager.cluster(), ApiTokens.of(ApiToken.of("s3cret")));
        Path token = Files.writeString(folder.resolve("token"), "s3cret\n");

        CtlRun without = CtlRun.of(CtlRun.NOBODY, "pools", "--manager", locked);
        CtlRun wrong = CtlRun.of(CtlRun.NOBODY, "pools", "--manager", locked, "--token", "guess");
        CtlRun right = CtlRun.of(CtlRun.NOBODY, "pools", "--manager", locked, "--token-file", token.toString());
        CtlRun noFile = CtlRun.of(CtlRun.NOBODY, "pools", "--manager", locked, "--token-file", "/none");

        assertThat(without.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(without.err()).contains("no token was shown", "--token-file");
        assertThat(wrong.err()).contains("that token is not known here").doesNotContain("guess");
        assertThat(right.exitCode()).isZero();
        assertThat(noFile.err()).contains("/none: cannot be read");
    }

    @Test
    void aChangeWhoseAnswerIsCutOffMayHaveBeenMade() {
        manager.cluster().goDownAtNextWrite();

        CtlRun run = manager.ctl("pool create sessions --yes");

        assertThat(run.exitCode()).isEqualTo(CtlExit.FAILED);
        assertThat(run.err()).contains("may have been applied or not");
    }

    @Test
    void aConnectionThatBreaksInTheMiddleOfAChangeIsNotTriedAgain() throws Exception {
        List<String> asked = new ArrayList<>();
        var rude = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        rude.createContext("/v1/plan", exchange -> {
            byte[] plan = ApiJson.text(new PlanAnswer("x", 0, null, List.of("+ x"), List.of()))
                    .getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, plan.length);
            exchange.getResponseBody().write(plan);
            exchange.close();
        });
        rude.createContext("/v1/apply", exchange -> {
            asked.add(exchange.getRequestMethod());
            exchange.close(); // without an answer
        });
        rude.start();
        try {
            CtlRun run = CtlRun.of(
                    CtlRun.NOBODY,
                    "pool",
                    "create",
                    "x",
                    "--yes",
                    "--manager",
                    "http://127.0.0.1:" + rude.getAddress().getPort() + "," + manager.url());

            assertThat(run.exitCode()).isEqualTo(CtlExit.FAILED);
            assertThat(run.err()).contains("the change may have been made or not", "sluice ctl history");
            assertThat(asked).hasSize(1);
            assertThat(manager.cluster().topology()).isEqualTo(Topology.NONE);
        } finally {
            rude.stop(0);
        }
    }
}
