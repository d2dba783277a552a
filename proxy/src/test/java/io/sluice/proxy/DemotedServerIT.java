package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.assertError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.ServerWatch;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.Edges;
import io.sluice.proxy.testing.Keys;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code check_role}: a server that has become a replica gets no request. */
class DemotedServerIT {

    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final String DEMOTED = "ERR Server demoted: server=server0 is a replica now, asked_again_in=";

    private static RunningProxy checking(int... ports) {
        return RunningProxy.overPorts(ports).edge(Edges.servers(new ServerWatch(true, null)));
    }

    @Test
    void getsNoRequestAfterReadonlyUntilItIsAPrimaryAgain() throws Exception {
        try (RedisServer demoted = RedisServer.onFreePort();
                RedisServer other = RedisServer.onFreePort();
                RunningProxy proxy =
                        checking(demoted.port(), other.port()).workers(2).monitored()) {
            demoted.start();
            other.start();
            proxy.start();
            String key = Keys.ownedBy(0, proxy);
            List<RespClient> clients = new ArrayList<>();
            for (int i = 0; i < 8; i++) { // on both workers, as chance has it
                RespClient client = proxy.connect();
                clients.add(client);
                assertThat(client.call("SET", key, "before")).isEqualTo("OK");
            }
            RespClient writer = clients.get(0);
            try (RespClient direct = demoted.connect()) {
                direct.call("REPLICAOF", "127.0.0.1", "1");

                assertError(writer.call("SET", key, "lost")).startsWith("READONLY ");

                long refusedByServer = refused(direct);
                for (RespClient client : clients) {
                    assertError(client.call("SET", key, "lost")).startsWith(DEMOTED);
                    assertError(client.call("GET", key)).startsWith(DEMOTED);
                    assertError(client.call("MGET", key, Keys.ownedBy(1, proxy)))
                            .startsWith(DEMOTED);
                    assertThat(client.call("SET", Keys.ownedBy(1, proxy), "fine"))
                            .isEqualTo("OK");
                }
                assertThat(refused(direct)).isEqualTo(refusedByServer).isEqualTo(1);
                assertThat(AdminClient.metrics(proxy.adminPort())
                                .value("sluice_server_demotions_total{pool=alpha, server=server0}"))
                        .isEqualTo(1);

                direct.call("REPLICAOF", "NO", "ONE");
            }
            await().atMost(BOUND)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> "OK".equals(writer.call("SET", key, "after")));
            for (RespClient client : clients) {
                assertThat(client.call("GET", key)).isEqualTo("after");
                client.close();
            }
        }
    }

    /** Writes that it refused. */
    private static long refused(RespClient direct) throws Exception {
        String info = String.valueOf(direct.call("INFO", "commandstats"));
        return info.lines()
                .filter(line -> line.startsWith("cmdstat_set:"))
                .map(line -> line.replaceFirst(".*rejected_calls=(\\d+).*", "$1"))
                .mapToLong(Long::parseLong)
                .sum();
    }

    @Test
    void getsNoRequestIfItIsAReplicaFromTheBeginning() throws Exception {
        try (RedisServer primary = RedisServer.onFreePort();
                RedisServer replica = RedisServer.onFreePort();
                RunningProxy proxy = checking(replica.port())) {
            primary.start();
            replica.start();
            try (RespClient direct = replica.connect()) {
                direct.call("REPLICAOF", "127.0.0.1", String.valueOf(primary.port()));
            }
            proxy.start();

            try (RespClient client = proxy.connect()) {
                assertError(client.call("GET", "key")).startsWith("ERR Server demoted: server=server0 ");
                assertError(client.call("GET", "key")).startsWith(DEMOTED);
            }
        }
    }

    @Test
    void passesOnWhatWasOutstandingWhenItSaidReadonly() throws Exception {
        List<ScriptedServer.Asked> held = new ArrayList<>();
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    switch (asked.command()) {
                        case "ROLE" -> asked.reply("*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n");
                        case "SET" -> asked.reply("-READONLY You can't write against a read only replica.\r\n");
                        default -> held.add(asked);
                    }
                });
                RunningProxy proxy = checking(server.port()).start();
                RespClient client = proxy.connect()) {
            client.send("SET", "key", "value");
            client.send("GET", "key");
            client.flush();
            assertError(client.receive()).startsWith("READONLY ");
            await().atMost(BOUND).until(() -> held.size() == 1);
            await().atMost(BOUND).until(() -> server.accepts() >= 2); // asks again before the old one is done

            held.get(0).reply("$5\r\nvalue\r\n");

            assertThat(client.receive()).isEqualTo("value");
            await().atMost(BOUND).until(() -> server.open() == 1);
        }
    }

    @Test
    void isTakenForAPrimaryIfItDoesNotTellItsRole() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    switch (asked.command()) {
                        case "ROLE" ->
                            asked.reply("-NOPERM this user has no permissions to run the 'role' command\r\n");
                        case "SET" -> asked.reply("-READONLY You can't write against a read only replica.\r\n");
                        default -> asked.replySensibly();
                    }
                });
                RunningProxy proxy = checking(server.port()).start();
                RespClient client = proxy.connect()) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.call("GET", "key")).isEqualTo("value of key");
                assertError(client.call("SET", "key", "value")).startsWith("READONLY ");
            }

            server.closeConnections();
            await().atMost(BOUND).until(() -> "value of key".equals(client.call("GET", "key")));

            assertThat(server.accepts()).isEqualTo(2);
            assertThat(server.count("ROLE")).isEqualTo(2);
        }
    }

    @Test
    void isNotDoubtedWhereNobodyAsks() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked ->
                        asked.reply(asked.command().equals("SET") ? "-READONLY no\r\n" : asked.sensibleReply()));
                RunningProxy proxy = RunningProxy.overPorts(server.port()).start();
                RespClient client = proxy.connect()) {
            assertThat(client.call("SET", "key", "value")).isInstanceOf(RespError.class);
            assertThat(client.call("GET", "key")).isEqualTo("value of key");

            assertThat(server.count("ROLE")).isZero();
            assertThat(server.accepts()).isEqualTo(1);
        }
    }
}
