package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.assertError;
import static io.sluice.proxy.testing.Replies.millisSince;
import static io.sluice.proxy.testing.Replies.receive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.proxy.testing.ScriptedServer.Asked;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections to servers that end while requests are on them. */
class ServerDeathIT {

    /**
     * Most attempts in two seconds: the waits are at least 25, 50, 100, 200 ms, then 250 ms each, after the first
     * attempt at once.
     */
    private static final int MOST_ATTEMPTS = 12;

    @Test
    void requestsInFlightAreToldThatTheServerClosed() throws Exception {
        ScriptedServer.Script closingAtTheFourth = asked -> {
            if (asked.number() == 1) {
                asked.replySensibly();
            } else if (asked.number() == 4) {
                asked.close();
            }
        };
        try (ScriptedServer server = ScriptedServer.start(closingAtTheFourth);
                RunningProxy proxy = proxy(server).start();
                RespClient client = proxy.connect()) {
            assertThat(client.call("GET", "a")).isEqualTo("value of a");
            client.send("GET", "b");
            client.send("SET", "c", "1");
            client.send("INCR", "d");

            for (Object reply : receive(client, 3)) {
                assertError(reply)
                        .startsWith("ERR Connection reset by peer: server=server0")
                        .contains("closed by the server");
            }
            assertThat(client.call("GET", "e")).isEqualTo("value of e");
            assertThat(server.accepts()).isEqualTo(2);
        }
    }

    @Test
    void nothingIsExecutedTwiceAndNothingFailsSilently() throws Exception {
        ScriptedServer.Script closingAtTheThird = asked -> {
            if (asked.number() < 3) {
                asked.replySensibly();
            } else {
                asked.close();
            }
        };
        int requests = 300;
        try (ScriptedServer server = ScriptedServer.start(closingAtTheThird);
                RunningProxy proxy = proxy(server).start();
                RespClient client = proxy.connect()) {
            for (int i = 0; i < requests; i++) {
                client.send("INCR", "counter" + i);
                if (i % 7 == 0) {
                    client.flush();
                }
            }
            List<@Nullable Object> replies = receive(client, requests);

            for (int i = 0; i < requests; i++) {
                long executed = server.count("INCR", "counter" + i);
                if (replies.get(i) instanceof RespError) {
                    assertThat(executed).isLessThanOrEqualTo(1);
                } else {
                    assertThat(replies.get(i)).isEqualTo(1L);
                    assertThat(executed).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void whatWasNeverWrittenGoesOutOnTheNextConnectionOnce() throws Exception {
        int requests = 64;
        String value = "v".repeat(256 << 10);
        Limits roomForAll = new Limits(64 << 20, 1 << 20, 64 << 10, 1024, 8 << 20, 64 << 20, 65_536, 64 << 20, 50_000);
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::sensibly);
                RunningProxy proxy = proxy(server).limits(roomForAll).start();
                RespClient client = proxy.connect();
                RespClient other = proxy.connect()) {
            assertThat(client.call("GET", "a")).isEqualTo("value of a");
            server.stopReading();
            for (int i = 0; i < requests; i++) {
                client.send("SET", "key" + i, value);
            }
            client.flush();
            other.send("INCR", "behind them all"); // in the proxy's queue: the write before it is stuck
            other.flush();
            awaitDispatched(proxy);

            server.closeConnections();
            server.readAgain();

            List<@Nullable Object> replies = receive(client, requests);
            long written = 0;
            for (int i = 0; i < requests; i++) {
                long executed = server.count("SET", "key" + i, value);
                if ("OK".equals(replies.get(i))) {
                    assertThat(executed).isEqualTo(1);
                } else {
                    assertError(replies.get(i)).contains("Connection reset by peer");
                    assertThat(executed).isZero();
                    written++;
                }
            }
            assertThat(written).isBetween(1L, requests - 1L);
            assertThat(other.receive()).isEqualTo(1L);
            assertThat(server.count("INCR", "behind them all")).isEqualTo(1);
            assertThat(server.accepts()).isEqualTo(2);
        }
    }

    /** One loop serves all clients in turn: when it answers a third one, it has taken the requests of the others. */
    private static void awaitDispatched(RunningProxy proxy) throws IOException {
        try (RespClient third = proxy.connect()) {
            for (int i = 0; i < 3; i++) {
                assertThat(third.call("PING")).isEqualTo("PONG");
            }
        }
    }

    @Test
    void afterKillAndRestartOfAServerItsClientsGoOn() throws Exception {
        try (RedisServer redis = RedisServer.onFreePort();
                RunningProxy proxy = RunningProxy.overPorts(redis.port()).start()) {
            redis.start();
            try (RespClient client = proxy.connect()) {
                assertThat(client.call("SET", "key", "before")).isEqualTo("OK");
                redis.kill();
                long slowest = 0;
                for (int i = 0; i < 200; i++) {
                    long start = System.nanoTime();
                    assertError(client.call("GET", "key")).containsAnyOf("refused", "reset");
                    slowest = Math.max(slowest, millisSince(start));
                }
                redis.restart();
                long up = System.nanoTime();

                await().atMost(Duration.ofSeconds(30))
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> "OK".equals(client.call("SET", "key", "after")));

                long recovery = millisSince(up);
                System.out.println("FIGURE kill -9: slowest error " + slowest + "ms; recovery " + recovery
                        + "ms after the restarted server answers");
                assertThat(slowest).isLessThan(8_000);
                assertThat(recovery).isLessThan(20_000);
                assertThat(client.call("GET", "key")).isEqualTo("after");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aServerThatAcceptsAndClosesIsNotStormed(boolean preconnect) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer.Peer::close, ScriptedServer::sensibly);
                RunningProxy proxy = preconnect ? proxy(server).preconnect() : proxy(server)) {
            proxy.start();
            try (RespClient client = proxy.connect()) {
                long errors = callForTwoSeconds(client);

                assertThat(server.accepts()).isBetween(3, MOST_ATTEMPTS);
                System.out.println("FIGURE accept and close: preconnect=" + preconnect + " attempts in 2 s: "
                        + server.accepts() + ", errors given meanwhile: " + errors);
            }
        }
    }

    @Test
    void withoutClientsAServerThatClosesIsNotStormedEither() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer.Peer::close, ScriptedServer::sensibly);
                RunningProxy proxy = proxy(server).preconnect().start()) {
            long start = System.nanoTime();

            await("observation window of 2 s").atMost(Duration.ofSeconds(30)).until(() -> millisSince(start) >= 2000);

            assertThat(server.accepts()).isBetween(3, MOST_ATTEMPTS);
            assertThat(proxy.proxy().clients()).isZero();
        }
    }

    /** Calls as fast as errors come: most of them find the proxy in its back-off. */
    private static long callForTwoSeconds(RespClient client) throws IOException {
        long start = System.nanoTime();
        long errors = 0;
        while (millisSince(start) < 2000) {
            assertError(client.call("GET", "key")).containsAnyOf("Connection refused", "Connection reset");
            errors++;
        }
        return errors;
    }

    @Test
    void aServerThatRefusesThePasswordIsToldOnAndNotStormed() throws Exception {
        ScriptedServer.Script wrongPass =
                asked -> asked.reply("-WRONGPASS invalid username-password pair or user is disabled.\r\n");
        try (ScriptedServer server = ScriptedServer.start(wrongPass);
                RunningProxy proxy = proxy(server).redisAuth("secret word").start();
                RespClient client = proxy.connect()) {
            assertThat(client.call("AUTH", "secret word")).isEqualTo("OK");

            callForTwoSeconds(client);

            assertError(client.call("GET", "key")).contains("server=server0").contains("WRONGPASS");
            assertThat(server.accepts()).isBetween(3, MOST_ATTEMPTS + 1);
            assertThat(server.received()).allMatch(asked -> asked.command().equals("AUTH"));
        }
    }

    @Test
    void aRealServerThatRefusesThePasswordIsToldOn() throws Exception {
        try (RedisServer redis = RedisServer.onFreePort().withPassword("right");
                RunningProxy proxy =
                        RunningProxy.overPorts(redis.port()).redisAuth("wrong").start()) {
            redis.start();
            try (RespClient client = proxy.connect()) {
                client.call("AUTH", "wrong");

                assertError(client.call("GET", "key"))
                        .startsWith("ERR Connection refused: server=server0")
                        .contains("handshake refused: -WRONGPASS");
            }
        }
    }

    @Test
    void noRequestIsSentBeforeTheHandshakeIsAnswered() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy =
                        proxy(server).redisAuth("secret").redisDb(3).start();
                RespClient client = proxy.connect()) {
            client.call("AUTH", "secret");
            client.send("GET", "key");
            client.flush();
            assertThat(server.next().words()).containsExactly("AUTH", "secret");
            Asked select = server.next();
            assertThat(select.words()).containsExactly("SELECT", "3");
            assertThat(server.received()).hasSize(2);

            select.reply("+OK\r\n+OK\r\n");

            Asked get = server.next();
            assertThat(get.words()).containsExactly("GET", "key");
            get.replySensibly();
            assertThat(client.receive()).isEqualTo("value of key");
        }
    }

    @Test
    void aHandshakeThatIsNeverAnsweredEndsAtTheConnectTimeout() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy =
                        proxy(server).timeout(null, null).redisAuth("secret").start();
                RespClient client = proxy.connect()) {
            client.call("AUTH", "secret");
            long start = System.nanoTime();

            Object reply = client.call("GET", "key");

            assertError(reply).startsWith("ERR Connection refused: ").contains("no answer to the handshake in 1000ms");
            assertThat(millisSince(start)).isBetween(990L, 9_000L);
        }
    }

    @Test
    void aServerThatDoesNotEvenAcceptIsGivenUpAtTheConnectTimeout() throws Exception {
        try (FullBacklog server = new FullBacklog();
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .timeout(null, null)
                        .start();
                RespClient client = proxy.connect()) {
            long start = System.nanoTime();

            Object reply = client.call("GET", "key");

            assertError(reply).startsWith("ERR Connection refused: ").contains("cannot connect in 1000ms");
            assertThat(millisSince(start)).isBetween(990L, 9_000L);
        }
    }

    @Test
    void anEndlessAnswerToTheHandshakeIsNotGathered() throws Exception {
        ScriptedServer.Script endless = asked -> {
            asked.reply("$4000000000\r\n");
            String piece = "x".repeat(64 << 10);
            IntStream.range(0, 1000).forEach(i -> sendOrStop(asked, piece));
        };
        try (ScriptedServer server = ScriptedServer.start(endless);
                RunningProxy proxy = proxy(server).redisAuth("secret").start();
                RespClient client = proxy.connect()) {
            client.call("AUTH", "secret");

            assertError(client.call("GET", "key")).contains("protocol error");
        }
    }

    private static void sendOrStop(Asked asked, String piece) {
        if (asked.from().isOpen()) {
            try {
                asked.reply(piece);
            } catch (IOException closedByTheProxy) {
                asked.close();
            }
        }
    }

    private static RunningProxy proxy(ScriptedServer server) {
        return RunningProxy.overPorts(server.port());
    }
}
