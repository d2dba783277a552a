package io.sluice.proxy;

import static io.sluice.proxy.ReloadedProxy.at;
import static io.sluice.proxy.ReloadedProxy.connections;
import static io.sluice.proxy.ReloadedProxy.direct;
import static io.sluice.proxy.ReloadedProxy.pool;
import static io.sluice.proxy.ReloadedProxy.poolOnly;
import static io.sluice.proxy.testing.Replies.millisWaited;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.admin.ConfigStatus.Reload;
import io.sluice.proxy.admin.ConfigStatus.Result;
import io.sluice.proxy.budget.BudgetFigure;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.proxy.testing.ScriptedServer.Asked;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Another configuration while the proxy runs. */
class ReloadIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    static final RedisServer a = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer b = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer c = RedisServer.onFreePort();

    private final int port = FreePorts.next();
    private final int adminPort = FreePorts.next();
    private ReloadedProxy proxy;

    @BeforeEach
    void begin(@TempDir Path folder) {
        proxy = new ReloadedProxy(folder);
    }

    @AfterEach
    void stop() {
        proxy.close();
    }

    @Test
    void aServerThatMovesKeepsItsKeysAndTheOthersTheirConnections() throws Exception {
        proxy.start(pool("alpha", port, at("one", a), at("two", b)));
        try (RespClient client = new RespClient(port)) {
            String key = keyOn(client, b);
            Set<String> before = connections(a);

            Reload reload = proxy.reload(pool("alpha", port, at("one", a), at("two", c)));

            assertThat(reload.message())
                    .contains("server two: 127.0.0.1:" + b.port() + " -> 127.0.0.1:" + c.port())
                    .contains("0.0 % of the key space");
            client.call("SET", key, "moved");
            assertThat(direct(c, "GET", key)).isEqualTo("moved");
            assertThat(connections(a)).isEqualTo(before);
            await().atMost(SOON).untilAsserted(() -> assertThat(connections(b)).isEmpty());
        }
    }

    @Test
    void anotherWeightMovesKeysAndKeepsConnections() throws Exception {
        proxy.start(pool("alpha", port, at("one", a), at("two", b)));
        try (RespClient client = new RespClient(port)) {
            client.call("SET", keyOn(client, a), "x");
            client.call("SET", keyOn(client, b), "x");
            Set<String> before = connections(a, b);

            Reload reload = proxy.reload(pool("alpha", port, at("one", a), "127.0.0.1:" + b.port() + ":3 two"));

            assertThat(reload.message())
                    .contains("server two: weight 1 -> 3")
                    .contains("2")
                    .contains("%");
            for (int i = 0; i < 50; i++) {
                assertThat(client.call("SET", "after:" + i, "x")).isEqualTo("OK");
            }
            assertThat(connections(a, b)).isEqualTo(before);
        }
    }

    private static String keyOn(RespClient client, RedisServer server) throws IOException {
        for (int i = 0; i < 1_000; i++) {
            String key = "probe:" + i;
            client.call("SET", key, "probe");
            if ("probe".equals(direct(server, "GET", key))) {
                return key;
            }
        }
        throw new AssertionError("no key of a thousand is there");
    }

    @Test
    void whatARemovedServerHasIsAnsweredAndItsDrainIsShown() throws Exception {
        try (ScriptedServer old = ScriptedServer.start(ScriptedServer::silence)) {
            proxy.start(
                    "admin: 127.0.0.1:" + adminPort + "\n" + pool("alpha", port, "127.0.0.1:" + old.port() + ":1 old"));
            try (RespClient client = new RespClient(port)) {
                client.send("GET", "first");
                client.flush();
                Asked asked = old.next();

                Reload reload =
                        proxy.reload("admin: 127.0.0.1:" + adminPort + "\n" + pool("alpha", port, at("new", a)));

                assertThat(reload.result()).isEqualTo(Result.APPLIED);
                assertThat(AdminClient.get(adminPort, "/topology").body())
                        .contains("\"draining\"")
                        .contains("\"epoch\": 2");
                client.send("PING");
                client.send("SET", "second", "2");
                client.flush();
                await().atMost(SOON).until(() -> "2".equals(direct(a, "GET", "second")));
                asked.replySensibly();
                assertThat(client.receive()).isEqualTo("value of first");
                assertThat(client.receive()).isEqualTo("PONG");
                assertThat(client.receive()).isEqualTo("OK");
                await().atMost(SOON).until(() -> old.open() == 0);
                await().atMost(SOON)
                        .until(() ->
                                AdminClient.get(adminPort, "/topology").body().contains("\"drained\""));
            }
        }
    }

    @Test
    void aRemovedServerThatNeverAnswersIsGivenUp() throws Exception {
        try (ScriptedServer old = ScriptedServer.start(ScriptedServer::silence)) {
            String drain = "drain_timeout: 200ms\n";
            proxy.start(drain + pool("alpha", port, "127.0.0.1:" + old.port() + ":1 old"));
            try (RespClient client = new RespClient(port)) {
                client.send("GET", "first");
                client.flush();
                old.next();

                proxy.reload(drain + pool("alpha", port, at("new", a)));

                assertThat(client.receive())
                        .asString()
                        .contains("server=old")
                        .contains("removed from the configuration");
                await().atMost(SOON).until(() -> old.open() == 0);
                assertThat(client.call("PING")).isEqualTo("PONG");
            }
        }
    }

    @Test
    void whoWaitsForRoomAtARemovedServerGoesToAnother() throws Exception {
        try (ScriptedServer old = ScriptedServer.start(ScriptedServer::silence)) {
            String limits = "limits: {server_max_in_flight: 1, server_stall_timeout: 1m}\n";
            proxy.start(oneWorker(limits + pool("alpha", port, "127.0.0.1:" + old.port() + ":1 old")));
            try (RespClient first = new RespClient(port);
                    RespClient second = new RespClient(port)) {
                first.send("GET", "first");
                first.flush();
                old.next();
                second.send("SET", "waits", "no more");
                second.flush();
                await().atMost(SOON).until(() -> proxy.running().budget().sum(BudgetFigure.SERVER_PAUSES) == 1);

                proxy.reload(oneWorker(limits + pool("alpha", port, at("new", a))));

                assertThat(second.receive()).isEqualTo("OK");
                assertThat(direct(a, "GET", "waits")).isEqualTo("no more");
            }
        }
    }

    private static String oneWorker(String yaml) {
        return yaml.replace("workers: 2", "workers: 1");
    }

    // ---- pools

    @Test
    void poolsComeAndGo() throws Exception {
        int other = FreePorts.next();
        proxy.start(pool("alpha", port, at("a", a)));

        proxy.reload(pool("alpha", port, at("a", a)) + poolOnly("beta", other, at("b", b)));

        try (RespClient stays = new RespClient(port);
                RespClient goes = new RespClient(other)) {
            assertThat(stays.call("PING")).isEqualTo("PONG");
            assertThat(goes.call("SET", "beta", "1")).isEqualTo("OK");
            assertThat(direct(b, "GET", "beta")).isEqualTo("1");

            Reload reload = proxy.reload(pool("alpha", port, at("a", a)));

            assertThat(reload.message()).contains("- pool beta");
            assertThat(goes.isAtEnd()).isTrue();
            assertThatThrownBy(() -> new RespClient(other).call("PING")).isInstanceOf(IOException.class);
            assertThat(stays.call("SET", "alpha", "1")).isEqualTo("OK");
            await().atMost(SOON).untilAsserted(() -> assertThat(connections(b)).isEmpty());
        }
    }

    @Test
    void aPoolThatGetsAnotherNameKeepsListening() throws Exception {
        proxy.start(pool("alpha", port, at("a", a)));

        Reload reload = proxy.reload(pool("gamma", port, at("a", a)));

        assertThat(reload.result()).isEqualTo(Result.APPLIED);
        try (RespClient client = new RespClient(port)) {
            assertThat(client.call("SET", "gamma", "1")).isEqualTo("OK");
        }
    }

    @Test
    void aTakenPortChangesNothing() throws Exception {
        proxy.start(pool("alpha", port, at("a", a)));
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RespClient client = new RespClient(port)) {
            Reload reload =
                    proxy.reload(pool("alpha", port, at("b", b)) + poolOnly("beta", taken.getLocalPort(), at("c", c)));

            assertThat(reload.result()).isEqualTo(Result.REFUSED);
            assertThat(reload.message()).contains("pool beta: cannot listen on 127.0.0.1:" + taken.getLocalPort());
            client.call("SET", "still", "at a");
            assertThat(direct(a, "GET", "still")).isEqualTo("at a");
            assertThat(proxy.running().config().pools()).hasSize(1);
        }
    }

    // ---- other keys

    @Test
    void limitsAndDeadlinesChangeWithoutARestart() throws Exception {
        try (ScriptedServer silent = ScriptedServer.start(ScriptedServer::silence)) {
            String server = "127.0.0.1:" + silent.port() + ":1 silent";
            proxy.start(pool("alpha", port, server));
            try (RespClient client = new RespClient(port)) {
                client.call("PING");

                Reload reload = proxy.reload(
                        "limits: {max_clients: 1}\n" + pool("alpha", port, server) + "    timeout: 100ms\n");

                assertThat(reload.message()).contains("limits.max_clients: 50000 -> 1", "timeout: 5000ms -> 100ms");
                assertThat(millisWaited(String.valueOf(client.call("GET", "late"))))
                        .isBetween(100L, 4999L);
                try (RespClient second = new RespClient(port)) {
                    assertThat(second.receive()).asString().contains("max number of clients");
                }
            }
        }
    }

    @Test
    void whatNeedsARestartIsNamedAndNothingOfTheRestIsDone() throws Exception {
        proxy.start(pool("alpha", port, at("a", a)));

        Reload reload =
                proxy.reload("workers: 1\n" + pool("alpha", port, at("b", b)).replace("workers: 2\n", ""));

        assertThat(reload.result()).isEqualTo(Result.REFUSED);
        assertThat(reload.message()).contains("needs a restart").contains("workers: 2 -> 1");
        try (RespClient client = new RespClient(port)) {
            client.call("SET", "restart", "needed");
        }
        assertThat(direct(a, "GET", "restart")).isEqualTo("needed");
    }

    @Test
    void aClientWhoseHeaderIsStillToComeFollowsAllChanges() throws Exception {
        String headers = "    proxy_protocol: require\n    proxy_protocol_from: [127.0.0.1]\n";
        proxy.start(oneWorker(pool("alpha", port, at("a", a)) + headers));
        byte[] header = "PROXY TCP4 192.0.2.7 192.0.2.9 1000 6379\r\n".getBytes(StandardCharsets.US_ASCII);
        try (RespClient late = new RespClient(port)) {
            try (RespClient other = new RespClient(port)) {
                other.sendRaw(header);
                assertThat(other.call("PING")).isEqualTo("PONG"); // accepted after the late one
            }
            await().atMost(SOON).until(() -> proxy.running().clients() == 0);

            String bounded = headers + "    max_clients: 10\n";
            assertThat(proxy.reload(oneWorker(pool("alpha", port, at("a", a)) + bounded))
                            .result())
                    .isEqualTo(Result.APPLIED);
            late.sendRaw(header);
            assertThat(late.call("SET", "late", "1")).isEqualTo("OK");
            assertThat(proxy.reload(oneWorker(pool("alpha", port, at("b", b)) + bounded))
                            .result())
                    .isEqualTo(Result.APPLIED);

            assertThat(late.call("SET", "late", "2")).isEqualTo("OK");
            assertThat(direct(a, "GET", "late")).isEqualTo("1");
            assertThat(direct(b, "GET", "late")).isEqualTo("2");
        }
    }
}
