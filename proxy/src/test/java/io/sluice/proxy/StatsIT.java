package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.assertError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.RawClient;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.testing.FreePorts;
import io.sluice.testing.NutcrackerServer;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** twemproxy's statistics, compared with the real one's after the same traffic. */
class StatsIT {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    @RegisterExtension
    static final RedisServer redis = RedisServer.onFreePort();

    private static final int ABSENT = FreePorts.next();
    private static final int LISTEN = FreePorts.next();

    @RegisterExtension
    static final NutcrackerServer nutcracker = NutcrackerServer.withConfig("""
            alpha:
              listen: 127.0.0.1:%d
              redis: true
              distribution: modula
              servers:
               - 127.0.0.1:%d:1 server0
               - 127.0.0.1:%d:1 server1
            """.formatted(LISTEN, redis.port(), ABSENT))
            .withStatsInterval(Duration.ofMillis(100));

    @Test
    void namesTypesAndOrderAreTwemproxys() throws Exception {
        try (RunningProxy proxy =
                RunningProxy.overPorts(redis.port(), ABSENT).monitored().start()) {
            JsonObject theirs = stats(nutcracker.statsPort());

            JsonObject ours = stats(proxy.statsPort());

            assertThat(shape("", ours)).isEqualTo(shape("", theirs));
        }
    }

    private static List<String> shape(String path, JsonObject object) {
        List<String> shape = new ArrayList<>();
        for (Map.Entry<String, JsonElement> member : object.entrySet()) {
            String name = path + "/" + member.getKey();
            if (member.getValue() instanceof JsonObject inner) {
                shape.add(name);
                shape.addAll(shape(name, inner));
            } else {
                shape.add(name + (member.getValue().getAsJsonPrimitive().isNumber() ? " number" : " text"));
            }
        }
        return shape;
    }

    /** Clients, servers, requests and bytes; what the two do differently by design is not among them. */
    @Test
    void theSameTrafficGivesTheSameFigures() throws Exception {
        try (RunningProxy proxy = RunningProxy.overPorts(redis.port(), redis.port())
                        .routing(HashAlgorithm.FNV1A_64, DistributionKind.MODULA, null)
                        .monitored()
                        .start();
                NutcrackerServer fresh = NutcrackerServer.withConfig(twoServers(FreePorts.next()))
                        .withStatsInterval(Duration.ofMillis(50))) {
            fresh.start();
            drive(fresh.ports().get(0));
            drive(proxy.port());

            // "fragments" is left out: nutcracker 0.5.0 knows the name and leaves it at 0.
            List<String> compared = List.of("client_connections", "server_ejects", "forward_error");
            Set<String> perServer = Set.of(
                    "server_eof",
                    "server_err",
                    "server_timedout",
                    "server_connections",
                    "server_ejected_at",
                    "requests",
                    "request_bytes",
                    "responses",
                    "response_bytes",
                    "in_queue",
                    "in_queue_bytes",
                    "out_queue",
                    "out_queue_bytes");
            await().atMost(LIMIT).untilAsserted(() -> {
                JsonObject theirs = stats(fresh.statsPort()).getAsJsonObject("alpha");
                JsonObject ours = stats(proxy.statsPort()).getAsJsonObject("alpha");
                compared.forEach(name -> assertThat(ours.get(name)).as(name).isEqualTo(theirs.get(name)));
                for (String server : List.of("server0", "server1")) {
                    perServer.forEach(
                            name -> assertThat(ours.getAsJsonObject(server).get(name))
                                    .as(server + " " + name)
                                    .isEqualTo(theirs.getAsJsonObject(server).get(name)));
                }
            });
        }
    }

    private static String twoServers(int listen) {
        return """
                alpha:
                  listen: 127.0.0.1:%d
                  redis: true
                  distribution: modula
                  servers:
                   - 127.0.0.1:%d:1 server0
                   - 127.0.0.1:%d:1 server1
                """.formatted(listen, redis.port(), redis.port());
    }

    private static void drive(int port) throws IOException {
        try (RespClient client = new RespClient(port)) {
            for (int i = 0; i < 50; i++) {
                assertThat(client.call("SET", "key" + i, "value" + i)).isEqualTo("OK");
                assertThat(client.call("GET", "key" + i)).isEqualTo("value" + i);
            }
            client.call("MGET", "key1", "key2", "key3", "key4", "key5");
        }
    }

    @Test
    void clientsThatCloseAreEndsAndClientsThatTalkNonsenseAreErrors() throws Exception {
        try (RunningProxy proxy =
                RunningProxy.overPorts(redis.port()).monitored().start()) {
            try (RespClient client = proxy.connect()) {
                client.call("PING");
            }
            try (RawClient client = new RawClient(proxy.port())) {
                client.send("*1\r\n!x\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(client.nextReply()).isPresent();
                assertThat(client.nextReply()).isEmpty();
            }

            await().atMost(LIMIT).untilAsserted(() -> {
                JsonObject pool = stats(proxy.statsPort()).getAsJsonObject("alpha");
                assertThat(pool.get("client_eof").getAsInt()).isEqualTo(1);
                assertThat(pool.get("client_err").getAsInt()).isEqualTo(1);
                assertThat(pool.get("client_connections").getAsInt()).isZero();
            });
            assertThat(stats(proxy.statsPort()).get("curr_connections").getAsInt())
                    .isEqualTo(1); // the listener
            assertThat(stats(proxy.statsPort()).get("total_connections").getAsInt())
                    .isEqualTo(3);
        }
    }

    @Test
    void theQueueOfAServerShowsWhatAwaitsReplies() throws Exception {
        try (ScriptedServer silent = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy =
                        RunningProxy.overPorts(silent.port()).monitored().start();
                RespClient client = proxy.connect()) {
            client.send("GET", "a");
            client.send("GET", "b");
            client.flush();
            silent.next();
            ScriptedServer.Asked last = silent.next();

            await().atMost(LIMIT).untilAsserted(() -> {
                JsonObject server =
                        stats(proxy.statsPort()).getAsJsonObject("alpha").getAsJsonObject("server0");
                assertThat(server.get("out_queue").getAsInt()).isEqualTo(2);
                assertThat(server.get("out_queue_bytes").getAsInt()).isEqualTo(40);
                assertThat(server.get("in_queue").getAsInt()).isZero();
            });
            last.reply("+1\r\n+2\r\n");
            client.receive();
            client.receive();
            await().atMost(LIMIT).untilAsserted(() -> {
                JsonObject server =
                        stats(proxy.statsPort()).getAsJsonObject("alpha").getAsJsonObject("server0");
                assertThat(server.get("out_queue").getAsInt()).isZero();
                assertThat(server.get("out_queue_bytes").getAsInt()).isZero();
            });
        }
    }

    @Test
    void aServerThatIsNotThereIsAnError() throws Exception {
        try (RunningProxy proxy = RunningProxy.overPorts(ABSENT).monitored().start();
                RespClient client = proxy.connect()) {
            assertError(client.call("GET", "a")).contains("refused");

            JsonObject pool = stats(proxy.statsPort()).getAsJsonObject("alpha");

            assertThat(pool.get("forward_error").getAsInt()).isEqualTo(1);
            assertThat(pool.getAsJsonObject("server0").get("server_err").getAsInt())
                    .isEqualTo(1);
            assertThat(pool.getAsJsonObject("server0").get("in_queue_bytes").getAsInt())
                    .isZero();
        }
    }

    private static JsonObject stats(int port) throws IOException {
        return JsonParser.parseString(AdminClient.exchange(port, "")).getAsJsonObject();
    }
}
