package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.assertError;
import static io.sluice.proxy.testing.Replies.millisSince;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.testing.Keys;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.proxy.testing.ScriptedServer.Asked;
import io.sluice.testing.RespClient;
import java.io.EOFException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that do not follow the protocol, or stop in the middle of a reply. */
class ServerGarbageIT {

    static Stream<String> rubbish() {
        return Stream.of(
                "HTTP/1.1 400 Bad Request\r\n\r\n",
                "\0\0\0\0",
                "\r\n",
                "$abc\r\n",
                "$\r\n",
                "$-2\r\n",
                "$5000000000\r\n",
                "$99999999999999999999\r\n",
                "*99999999999\r\n",
                "*-2\r\n",
                "*2\r\n$1\r\na\r\n!oops\r\n",
                "$3\r\nabcXX",
                "+no carriage return\n",
                "+" + "endless".repeat(20_000));
    }

    @ParameterizedTest
    @MethodSource("rubbish")
    void rubbishIsAnErrorForItsRequestsOnly(String rubbish) throws Exception {
        ScriptedServer.Script script = asked -> {
            if (asked.words().contains("bad")) {
                asked.reply(rubbish);
            } else {
                asked.replySensibly();
            }
        };
        try (ScriptedServer server = ScriptedServer.start(script);
                ScriptedServer healthy = ScriptedServer.start(ScriptedServer::sensibly);
                RunningProxy proxy =
                        RunningProxy.overPorts(server.port(), healthy.port()).start();
                RespClient client = proxy.connect();
                RespClient other = proxy.connect()) {
            String sick = Keys.ownedBy(0, proxy);
            String well = Keys.ownedBy(1, proxy);
            assertThat(client.call("GET", sick)).isEqualTo("value of " + sick);
            client.send("SETEX", sick, "1", "bad");
            client.send("GET", well);

            assertError(client.receive()).startsWith("ERR Connection reset by peer: server=server0");

            assertThat(client.receive()).isEqualTo("value of " + well);
            assertThat(other.call("GET", well)).isEqualTo("value of " + well);
            assertThat(other.call("GET", sick)).isEqualTo("value of " + sick); // by a new connection
            assertThat(server.accepts()).isEqualTo(2);
            assertThat(healthy.accepts()).isEqualTo(1);
        }
    }

    @Test
    void aReplyNobodyAskedForEndsTheConnectionAndNobodyGetsIt() throws Exception {
        ScriptedServer.Script twice =
                asked -> asked.reply(Asked.bulk("value of " + asked.words().get(1)) + "+extra\r\n");
        try (ScriptedServer server = ScriptedServer.start(twice);
                RunningProxy proxy = RunningProxy.overPorts(server.port()).start();
                RespClient client = proxy.connect()) {
            for (int i = 1; i <= 5; i++) {
                int connections = i;
                assertThat(client.call("GET", "key" + i)).isEqualTo("value of key" + i);
                await().atMost(Duration.ofSeconds(30))
                        .pollInterval(Duration.ofMillis(2))
                        .until(() -> server.accepts() == connections && server.open() == 0);
            }
        }
    }

    @Test
    void aServerThatSpeaksFirstIsNotBelieved() throws Exception {
        try (ScriptedServer server =
                        ScriptedServer.start(peer -> peer.send("-ERR max number of clients reached\r\n"), asked -> {});
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .timeout(Duration.ofSeconds(2), null)
                        .preconnect()
                        .start();
                RespClient client = proxy.connect()) {
            await().atMost(Duration.ofSeconds(30)).until(() -> server.accepts() >= 2);

            assertThat(client.call("PING")).isEqualTo("PONG");
            // If the request was on its way before the server spoke, nobody can tell that from a reply.
            assertError(client.call("GET", "key")).containsAnyOf("server=server0", "ERR max number of clients reached");
        }
    }

    @Test
    void anUnaskedForReplyIsRefusedBeforeItIsComplete() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = RunningProxy.overPorts(server.port()).start();
                RespClient client = proxy.connect()) {
            client.send("GET", "key");
            client.flush();
            Asked asked = server.next();

            asked.reply(Asked.bulk("mine") + "$1000000000\r\nbeginning");

            assertThat(client.receive()).isEqualTo("mine");
            await().atMost(Duration.ofSeconds(30)).until(() -> !asked.from().isOpen());
        }
    }

    @Test
    void aSmallReplyCutInTheMiddleIsAnError() throws Exception {
        ScriptedServer.Script cutting = asked -> {
            if (asked.command().equals("GET")) {
                asked.reply("$1000\r\nonly the beginn");
                asked.close();
            } else {
                asked.replySensibly();
            }
        };
        try (ScriptedServer server = ScriptedServer.start(cutting);
                RunningProxy proxy = RunningProxy.overPorts(server.port()).start();
                RespClient client = proxy.connect()) {
            client.call("SET", "key", "1");

            assertError(client.call("GET", "key")).startsWith("ERR Connection reset by peer: server=server0");

            assertThat(client.call("SET", "key", "2")).isEqualTo("OK");
        }
    }

    @Test
    void aLargeReplyCutInTheMiddleClosesItsClientAndNoOther() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = RunningProxy.overPorts(server.port()).start();
                RespClient unlucky = proxy.connect();
                RespClient behind = proxy.connect()) {
            unlucky.send("GET", "large");
            unlucky.flush();
            Asked large = server.next();
            behind.send("GET", "small");
            behind.flush();
            server.next();

            large.reply("$1000000\r\n" + "x".repeat(500_000));
            large.close();

            assertThatThrownBy(unlucky::receive).isInstanceOf(EOFException.class);
            assertError(behind.receive()).startsWith("ERR Connection reset by peer: server=server0");
            assertThat(behind.call("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void aLargeReplyCutBeforeItsTurnIsAnErrorInItsPlace() throws Exception {
        try (ScriptedServer slow = ScriptedServer.start(ScriptedServer::silence);
                ScriptedServer dying = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy =
                        RunningProxy.overPorts(slow.port(), dying.port()).start();
                RespClient client = proxy.connect()) {
            client.send("GET", Keys.ownedBy(0, proxy));
            client.send("GET", Keys.ownedBy(1, proxy));
            client.flush();
            Asked large = dying.next();
            large.reply("$1000000\r\n" + "x".repeat(500_000));
            large.close();
            await().atMost(Duration.ofSeconds(30)).until(() -> dying.open() == 0);

            slow.next().reply("+first\r\n");

            assertThat(client.receive()).isEqualTo("first");
            assertError(client.receive()).startsWith("ERR Connection reset by peer");
            assertThat(client.call("PING")).isEqualTo("PONG");
        }
    }

    /** The reply is too large to be held, and its turn comes while it is arriving: what is left must not reach the client. */
    @Test
    void aReplyTooLargeToHoldIsOneErrorEvenWhenItsTurnComesInItsMiddle() throws Exception {
        int half = 400_000;
        var limits = new Limits(1 << 20, 1 << 20, 64 << 10, 1024, 8 << 20, 200_000, 65_536, 64 << 20, 100);
        try (ScriptedServer slow = ScriptedServer.start(ScriptedServer::silence);
                ScriptedServer large = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = RunningProxy.overPorts(slow.port(), large.port())
                        .limits(limits)
                        .start();
                RespClient client = proxy.connect()) {
            client.send("GET", Keys.ownedBy(0, proxy));
            client.send("GET", Keys.ownedBy(1, proxy));
            client.flush();
            Asked asked = large.next();
            asked.reply("$" + 2 * half + "\r\n" + "x".repeat(half));
            long start = System.nanoTime();
            await("100 ms for the first half to be read").until(() -> millisSince(start) > 100);
            slow.next().reply("+first\r\n");
            assertThat(client.receive()).isEqualTo("first");

            asked.reply("x".repeat(half) + "\r\n");

            assertError(client.receive()).startsWith("ERR Server overloaded: replies held");
            assertThat(client.call("PING")).isEqualTo("PONG");
        }
    }
}
