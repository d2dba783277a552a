package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.Ejection;
import io.sluice.proxy.testing.Keys;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.proxy.testing.ScriptedServer.Asked;
import io.sluice.testing.TextClient;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What memcached clients see when a server is not what it should be: it lies, stops short or says too much. */
class MemcacheGarbageIT {

    @Test
    void anEjectedServerLeavesItsKeysToTheOthers() throws Exception {
        ScriptedServer dead = ScriptedServer.startMemcache(asked -> {});
        dead.close();
        try (ScriptedServer well = ScriptedServer.startMemcache(MemcacheGarbageIT::miss);
                RunningProxy proxy = RunningProxy.overPorts(dead.port(), well.port())
                        .memcache()
                        .ejection(new Ejection(true, 2, Duration.ofSeconds(30)))
                        .start();
                TextClient client = new TextClient(proxy.port())) {
            String key = Keys.ownedBy(0, proxy);

            assertThat(client.ask("get " + key)).startsWith("SERVER_ERROR Connection refused: server=server0");
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> client.ask("get " + key).equals("END\r\n"));
        }
    }

    // ---- a server that is not what it should be

    @ParameterizedTest
    @ValueSource(
            strings = {
                "+OK\r\n",
                "\r\n",
                "HTTP/1.1 200 OK\r\n",
                "VALUE k 0 5\r\nhello!\r\nEND\r\n",
                "VALUE k 0 x\r\n",
                "VERSION 1\r\n",
                "HD\r\n", // all that a server says to meta commands, which clients of the proxy cannot send
                "HD c12\r\n",
                "EN\r\n",
                "VA 3 c12\r\nbad\r\n",
                "VALUE k 0 1\r\nv\r\nSTORED\r\n",
                "\0\0\0\0",
                "SERVER_ERROR without an end\n"
            })
    void rubbishIsAnErrorForItsRequestsOnly(String rubbish) throws Exception {
        ScriptedServer.Script script = asked -> {
            if (asked.words().contains("bad")) {
                asked.reply(rubbish);
            } else {
                miss(asked);
            }
        };
        try (ScriptedServer sick = ScriptedServer.startMemcache(script);
                ScriptedServer well = ScriptedServer.startMemcache(MemcacheGarbageIT::miss);
                RunningProxy proxy = RunningProxy.overPorts(sick.port(), well.port())
                        .memcache()
                        .start();
                TextClient client = new TextClient(proxy.port());
                TextClient other = new TextClient(proxy.port())) {
            String sickKey = Keys.ownedBy(0, proxy);
            String wellKey = Keys.ownedBy(1, proxy);
            assertThat(client.ask("get " + sickKey)).isEqualTo("END\r\n");
            client.send("set " + sickKey + " 0 0 3\r\nbad\r\nget " + wellKey + "\r\n");

            assertThat(client.reply()).startsWith("SERVER_ERROR Connection reset by peer: server=server0");

            assertThat(client.reply()).isEqualTo("END\r\n");
            assertThat(other.ask("get " + sickKey)).isEqualTo("END\r\n"); // by a new connection
            assertThat(sick.accepts()).isEqualTo(2);
            assertThat(well.accepts()).isEqualTo(1);
        }
    }

    @Test
    void aReplyNobodyAskedForEndsTheConnectionAndNobodyGetsIt() throws Exception {
        ScriptedServer.Script twice = asked -> asked.reply("END\r\nSTORED\r\n");
        try (ScriptedServer server = ScriptedServer.startMemcache(twice);
                RunningProxy proxy =
                        RunningProxy.overPorts(server.port()).memcache().start();
                TextClient client = new TextClient(proxy.port())) {
            for (int i = 1; i <= 5; i++) {
                int connections = i;
                assertThat(client.ask("get key" + i)).isEqualTo("END\r\n");
                await().atMost(Duration.ofSeconds(30))
                        .pollInterval(Duration.ofMillis(2))
                        .until(() -> server.accepts() == connections && server.open() == 0);
            }
        }
    }

    @Test
    void aSmallReplyCutInTheMiddleIsAnError() throws Exception {
        ScriptedServer.Script cut = asked -> {
            asked.reply("VALUE k 0 5\r\nhel");
            asked.close();
        };
        try (ScriptedServer server = ScriptedServer.startMemcache(cut);
                RunningProxy proxy =
                        RunningProxy.overPorts(server.port()).memcache().start();
                TextClient client = new TextClient(proxy.port())) {
            assertThat(client.ask("get k")).startsWith("SERVER_ERROR Connection re");
        }
    }

    @Test
    void aLargeReplyCutInTheMiddleClosesItsClientAndNoOther() throws Exception {
        ScriptedServer.Script cut = asked -> {
            if (asked.words().contains("large")) {
                asked.reply("VALUE large 0 1000000\r\n" + "v".repeat(500_000));
                asked.close();
            } else {
                miss(asked);
            }
        };
        try (ScriptedServer server = ScriptedServer.startMemcache(cut);
                RunningProxy proxy =
                        RunningProxy.overPorts(server.port()).memcache().start();
                TextClient client = new TextClient(proxy.port());
                TextClient other = new TextClient(proxy.port())) {
            assertThat(other.ask("get k")).isEqualTo("END\r\n");
            client.send("get large\r\n");

            assertThat(catchThrowable(client::nextReply)).isInstanceOf(EOFException.class);
            assertThat(other.ask("get k")).isEqualTo("END\r\n");
        }
    }

    /** A part that fails is never a miss. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SERVER_ERROR out of memory\r\n",
                "ERROR\r\n",
                "CLIENT_ERROR odd\r\n",
                "STORED\r\n",
                "VALUE other 0 1\r\nv\r\nEND\r\n"
            })
    void aFailingPartFailsTheWhole(String failure) throws Exception {
        try (ScriptedServer sick = ScriptedServer.startMemcache(asked -> asked.reply(failure));
                ScriptedServer well = ScriptedServer.startMemcache(MemcacheGarbageIT::miss);
                RunningProxy proxy = RunningProxy.overPorts(sick.port(), well.port())
                        .memcache()
                        .start();
                TextClient client = new TextClient(proxy.port())) {
            String both = Keys.ownedBy(0, proxy) + " " + Keys.ownedBy(1, proxy);

            assertThat(client.ask("get " + both)).startsWith("SERVER_ERROR ");
            assertThat(client.ask("get " + Keys.ownedBy(1, proxy))).isEqualTo("END\r\n");
        }
    }

    @Test
    void serversNeverHearNoreply() throws Exception {
        try (ScriptedServer server = ScriptedServer.startMemcache(asked -> asked.reply("STORED\r\n"));
                RunningProxy proxy =
                        RunningProxy.overPorts(server.port()).memcache().start();
                TextClient client = new TextClient(proxy.port())) {
            client.send("set k 0 0 1 noreply\r\nx\r\n");

            assertThat(server.next().words()).containsExactly("set", "k", "0", "0", "1", "x");
        }
    }

    private static void miss(Asked asked) throws IOException {
        asked.reply(asked.words().get(0).startsWith("g") ? "END\r\n" : "STORED\r\n");
    }
}
