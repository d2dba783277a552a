package io.sluice.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.api.Answers.ErrorAnswer;
import io.sluice.manager.api.Answers.HistoryAnswer;
import io.sluice.manager.api.Answers.PlanAnswer;
import io.sluice.manager.api.ApiJson;
import io.sluice.manager.config.ManagerConfig;
import io.sluice.testing.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Managers with a real ZooKeeper, asked over HTTP. */
class ManagerApiIT {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String CREATE = "{\"change\": \"pool create\", \"pool\": \"sessions\", \"by\": \"alice\"}";

    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Deque<ClusterManager> managers = new ArrayDeque<>();
    private TestingServer zooKeeper;

    @BeforeEach
    void startZooKeeper() throws Exception {
        zooKeeper = new TestingServer();
    }

    @AfterEach
    void stop() throws Exception {
        managers.forEach(ClusterManager::close);
        zooKeeper.close();
    }

    private ManagerConfig config(int port) throws IOException {
        return ManagerConfig.read(Files.writeString(
                folder.resolve("manager-" + port + ".yaml"), """
                listen: 127.0.0.1:%d
                zookeeper:
                  connect: %s
                """.formatted(port, zooKeeper.getConnectString())));
    }

    private ClusterManager start() throws Exception {
        ClusterManager manager = ClusterManager.start(config(FreePorts.next()), List.of());
        managers.push(manager);
        return manager;
    }

    private HttpResponse<String> get(ClusterManager manager, String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(manager.url() + path)).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> apply(ClusterManager manager, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(manager.url() + "/v1/apply"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        return http.send(request, BodyHandlers.ofString());
    }

    private static void awaitLead(ClusterManager manager) {
        await().atMost(SOON).until(() -> manager.cluster().leadership().leads());
    }

    @Test
    void whatIsAppliedIsInZooKeeperAndInTheHistory() throws Exception {
        ClusterManager manager = start();
        awaitLead(manager);

        HttpResponse<String> created = apply(manager, CREATE);
        HttpResponse<String> added = apply(
                manager,
                "{\"change\": \"shard add\", \"pool\": \"sessions\", \"shard\": \"s1\", \"primary\": \"h:1\","
                        + " \"slots\": \"0-16383\", \"expected_epoch\": 1}");
        HttpResponse<String> again = apply(manager, CREATE.replace("{", "{\"expected_epoch\": 1, "));

        assertThat(created.statusCode()).as(created.body()).isEqualTo(200);
        assertThat(ApiJson.read(added.body(), PlanAnswer.class).orElseThrow().newEpoch())
                .isEqualTo(2);
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(get(manager, "/v1/topology").body()).contains("\"epoch\": 2", "\"owns\": \"0-16383\"");
        HistoryAnswer history = ApiJson.read(get(manager, "/v1/history").body(), HistoryAnswer.class)
                .orElseThrow();
        assertThat(history.entries())
                .extracting(entry -> entry.title())
                .containsExactly("shard add s1 to sessions", "pool create sessions");
        assertThat(get(manager, "/v1/proxies").body()).contains("\"proxies\": []");
    }

    @Test
    void whoStandsByAnswersReadsAndNamesTheLeader() throws Exception {
        ClusterManager leader = start();
        awaitLead(leader);
        ClusterManager second = start();
        await().atMost(SOON)
                .until(() -> second.cluster().leadership().leaderUrl().isPresent());

        HttpResponse<String> refused = apply(second, CREATE);

        assertThat(refused.statusCode()).isEqualTo(421);
        assertThat(ApiJson.read(refused.body(), ErrorAnswer.class).orElseThrow().leader())
                .isEqualTo(leader.url());
        assertThat(apply(leader, CREATE).statusCode()).isEqualTo(200);
        assertThat(get(second, "/v1/topology").body()).contains("sessions");
    }

    @Test
    void theNextLeaderGoesOnWhereTheLastOneStopped() throws Exception {
        ClusterManager first = start();
        awaitLead(first);
        assertThat(apply(first, CREATE).statusCode()).isEqualTo(200);
        ClusterManager second = start();
        managers.remove(first);

        first.close();

        awaitLead(second);
        HttpResponse<String> done = apply(second, CREATE.replace("sessions", "pages"));
        assertThat(ApiJson.read(done.body(), PlanAnswer.class).orElseThrow().newEpoch())
                .isEqualTo(2);
        assertThat(get(second, "/v1/cluster").body()).contains("\"term\": 2", "\"leads\": true");
    }

    @Test
    void anAddressThatIsTakenIsSaid() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ManagerConfig config = config(taken.getLocalPort());

            assertThatThrownBy(() -> ClusterManager.start(config, List.of()))
                    .isInstanceOf(ManagerStartException.class)
                    .hasMessageContaining("the API cannot listen at 127.0.0.1:" + taken.getLocalPort());
        }
    }
}
