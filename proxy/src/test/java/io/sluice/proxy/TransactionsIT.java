package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.RawClient;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Shards;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.hash.HashTag;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Response;
import redis.clients.jedis.Transaction;

/** MULTI, EXEC, WATCH and scripts through the proxy, over three real servers. */
class TransactionsIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int MOST_REQUESTS = 10_000;
    private static final RespError ABORTED =
            new RespError("EXECABORT Transaction discarded because of previous errors.");

    @RegisterExtension
    static final Shards shards = Shards.three();

    @AutoClose
    static final RunningProxy proxy =
            shards.proxy().routing(HashAlgorithm.FNV1A_64, DistributionKind.KETAMA, HashTag.of("{}"));

    @BeforeAll
    static void start() throws ProxyStartException {
        proxy.start();
    }

    @BeforeEach
    void flush() throws IOException {
        try (RespClient client = proxy.connect()) { // also after a test that has taken its connections away
            await().atMost(SOON).until(() -> "OK".equals(client.call("MSET", on(0), "", on(1), "", on(2), "")));
        }
        shards.flush();
    }

    @Test
    void requestsOfATransactionAreCarriedOutAtItsEnd() throws IOException {
        try (RespClient client = proxy.connect();
                RespClient other = proxy.connect()) {
            assertThat(client.call("MULTI")).isEqualTo("OK");
            assertThat(client.call("SET", "k", "1")).isEqualTo("QUEUED");
            assertThat(client.call("INCR", "k")).isEqualTo("QUEUED");
            assertThat(other.call("GET", "k")).isNull();

            assertThat(client.call("EXEC")).isEqualTo(List.of("OK", 2L));

            assertThat(client.call("GET", "k")).isEqualTo("2");
            assertThat(client.call("EXEC")).isEqualTo(new RespError("ERR EXEC without MULTI"));
        }
    }

    @Test
    void aTransactionMayComeInOneBatchWithOtherRequests() throws IOException {
        try (RespClient client = proxy.connect()) {
            for (String request : List.of("SET k 1", "MULTI", "INCR k", "PING", "EXEC", "GET k", "MULTI", "DISCARD")) {
                client.send(request.split(" ", -1));
            }

            List<@Nullable Object> replies = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                replies.add(client.receive());
            }

            assertThat(replies)
                    .isEqualTo(List.of("OK", "OK", "QUEUED", "QUEUED", List.of(2L, "PONG"), "2", "OK", "OK"));
        }
    }

    @Test
    void keysOfSeveralServersAbortIt() throws IOException {
        try (RespClient client = proxy.connect()) {
            client.call("MULTI");
            client.call("SET", on(0), "1");

            assertThat(String.valueOf(client.call("SET", on(1), "1"))).contains("CROSSSLOT");
            assertThat(client.call("EXEC")).isEqualTo(ABORTED);
            assertThat(client.call("GET", on(0))).isNull();
        }
    }

    @Test
    void whatCannotBePartOfItAbortsIt() throws IOException {
        for (String request : List.of("NOSUCH", "GET", "SELECT 0", "KEYS *", "MSETNX a", "MULTI x")) {
            try (RespClient client = proxy.connect()) {
                client.call("MULTI");
                client.call("SET", "k", "1");

                assertThat(client.call(request.split(" ", -1))).as(request).isInstanceOf(RespError.class);
                assertThat(client.call("EXEC")).as(request).isEqualTo(ABORTED);
                assertThat(client.call("GET", "k")).isNull();
            }
        }
    }

    @Test
    void itHasAMostNumberOfRequests() throws IOException {
        try (RawClient client = new RawClient(proxy.port())) {
            assertThat(exec(client, MOST_REQUESTS)).startsWith("*" + MOST_REQUESTS + "\r\n:1\r\n:2\r\n");
            assertThat(exec(client, MOST_REQUESTS + 1)).startsWith("-EXECABORT");
        }
        try (RespClient client = proxy.connect()) {
            assertThat(client.call("GET", "n")).isEqualTo(String.valueOf(MOST_REQUESTS));
        }
    }

    private static String exec(RawClient client, int requests) throws IOException {
        client.send(RawClient.request(List.of("MULTI")));
        byte[] one = RawClient.request(List.of("INCR", "n"));
        byte[] all = new byte[one.length * requests];
        for (int i = 0; i < requests; i++) {
            System.arraycopy(one, 0, all, i * one.length, one.length);
        }
        Thread sender = new Thread(() -> {
            try {
                client.send(all);
                client.send(RawClient.request(List.of("EXEC")));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        sender.start();
        for (int i = 0; i <= requests; i++) {
            client.nextReply();
        }
        return client.nextReply().orElseThrow();
    }

    // ---- watched keys

    @Test
    void aWatchedKeyThatSomebodyChangesMakesItNil() throws IOException {
        try (RespClient client = proxy.connect();
                RespClient other = proxy.connect()) {
            client.call("WATCH", "k");
            client.call("MULTI");
            client.call("SET", "k", "mine");
            other.call("SET", "k", "theirs");

            assertThat(client.call("EXEC")).isNull();
            assertThat(client.call("GET", "k")).isEqualTo("theirs");
            client.call("MULTI");
            client.call("SET", "k", "mine");
            assertThat(client.call("EXEC")).isEqualTo(List.of("OK"));
        }
    }

    @Test
    void watchedKeysMustBeTogetherAndWithThoseOfTheTransaction() throws IOException {
        try (RespClient client = proxy.connect()) {
            assertThat(String.valueOf(client.call("WATCH", on(0), on(1)))).contains("CROSSSLOT");
            client.call("WATCH", on(0));
            assertThat(String.valueOf(client.call("WATCH", on(1)))).contains("CROSSSLOT");
            client.call("MULTI");
            assertThat(String.valueOf(client.call("SET", on(1), "1"))).contains("CROSSSLOT");
            assertThat(client.call("EXEC")).isEqualTo(ABORTED);
            client.call("WATCH", on(1));
            assertThat(client.call("UNWATCH")).isEqualTo("OK");
            assertThat(client.call("WATCH", on(0))).isEqualTo("OK");
        }
    }

    @Test
    void whoWatchesByAConnectionThatIsLostGetsNil() throws IOException {
        try (RespClient client = proxy.connect()) {
            client.call("WATCH", on(0));
            client.call("MULTI");
            client.call("SET", on(0), "1");
            try (RespClient server = shards.server(0).connect()) {
                server.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
            }

            assertThat(client.call("EXEC")).isNull();
            assertThat(client.call("GET", on(0))).isNull();
        }
    }

    @Test
    void aPipelineWithWatchIsCarriedOutInItsOrder() throws IOException {
        try (RespClient client = proxy.connect()) {
            for (String request :
                    List.of("SET k 1", "WATCH k", "GET k", "MULTI", "INCR k", "EXEC", "GET k", "WATCH k", "INCR k")) {
                client.send(request.split(" ", -1));
            }
            for (String request : List.of("MULTI", "INCR k", "EXEC", "GET k")) {
                client.send(request.split(" ", -1));
            }

            List<@Nullable Object> replies = new ArrayList<>();
            for (int i = 0; i < 13; i++) {
                replies.add(client.receive());
            }

            assertThat(replies)
                    .isEqualTo(Arrays.asList(
                            "OK", "OK", "1", "OK", "QUEUED", List.of(2L), "2", "OK", 3L, "OK", "QUEUED", null, "3"));
        }
    }

    @Test
    void optimisticIncrementsOfManyClientsAreAllCounted() throws Exception {
        int clients = 6;
        int increments = 40;
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        List<Future<?>> done = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            done.add(threads.submit(() -> {
                try (Jedis jedis = new Jedis("127.0.0.1", proxy.port())) {
                    for (int made = 0; made < increments; ) {
                        made += incremented(jedis) ? 1 : 0;
                    }
                }
                return null;
            }));
        }
        for (Future<?> one : done) {
            one.get(20, TimeUnit.SECONDS);
        }
        threads.shutdown();

        try (RespClient client = proxy.connect()) {
            assertThat(client.call("GET", "n")).isEqualTo(String.valueOf(clients * increments));
        }
    }

    private static boolean incremented(Jedis jedis) {
        jedis.watch("n");
        String before = jedis.get("n");
        Transaction transaction = jedis.multi();
        transaction.set("n", String.valueOf(before == null ? 1 : Integer.parseInt(before) + 1));
        return transaction.exec() != null;
    }

    @Test
    void aTransactionIsWholeOrNotAtAllWhenConnectionsAreLost() throws Exception {
        try (RespClient server = shards.server(0).connect()) {
            String left = on(0);
            String right = "{" + left + "}r"; // the tag is the other key's name
            for (int i = 0; i < 150; i++) {
                try (RespClient client = proxy.connect()) {
                    client.send("MULTI");
                    client.send("INCR", left);
                    client.send("APPEND", right, "x");
                    client.send("EXEC");
                    client.flush();
                    server.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
                    for (int reply = 0; reply < 4; reply++) {
                        client.receive();
                    }
                }
            }

            Object count = server.call("GET", left);
            assertThat(count).isNotNull();
            assertThat(server.call("STRLEN", right)).isEqualTo(Long.valueOf(String.valueOf(count)));
        }
    }

    @Test
    void aClientThatGoesLeavesNothingWatchedAndNothingOpen() throws Exception {
        try (RespClient client = proxy.connect()) {
            client.call("WATCH", on(0));
            client.call("MULTI");
            client.call("SET", on(0), "1");
        }

        try (RespClient server = shards.server(0).connect()) {
            await().atMost(SOON)
                    .until(() -> !String.valueOf(server.call("CLIENT", "LIST")).contains("cmd=watch"));
        }
    }

    @Test
    void jedisTransactionsWork() {
        try (Jedis jedis = new Jedis("127.0.0.1", proxy.port())) {
            Transaction transaction = jedis.multi();
            Response<Long> length = transaction.rpush("list{j}", "a", "b");
            Response<List<String>> all = transaction.lrange("list{j}", 0, -1);

            assertThat(transaction.exec()).hasSize(2);

            assertThat(length.get()).isEqualTo(2);
            assertThat(all.get()).containsExactly("a", "b");
        }
    }

    // ---- scripts

    @Test
    void aScriptIsKnownEverywhereOnceAClientHasSentIt() throws IOException {
        String script = "return redis.call('INCR', KEYS[1]) -- " + System.nanoTime();
        try (RespClient client = proxy.connect()) {
            String digest = String.valueOf(client.call("SCRIPT", "LOAD", script));

            for (int server = 0; server < 3; server++) {
                client.send("EVALSHA", digest, "1", on(server));
                client.send("GET", on(server));
                assertThat(client.receive()).isEqualTo(1L);
                assertThat(client.receive()).isEqualTo("1");
            }
            assertThat(client.call("SCRIPT", "EXISTS", digest, "0".repeat(40))).isEqualTo(List.of(1L, 0L));
        }
    }

    @Test
    void aServerThatHasForgottenAScriptGetsItAgain() throws IOException {
        String script = "return redis.call('INCR', KEYS[1]) -- " + System.nanoTime();
        try (RespClient client = proxy.connect();
                RespClient server = shards.server(0).connect()) {
            client.call("EVAL", script, "1", on(0));
            String digest = String.valueOf(client.call("SCRIPT", "LOAD", script));
            client.call("EVALSHA", digest, "1", on(0));
            server.call("SCRIPT", "FLUSH");

            assertThat(client.call("EVALSHA", digest.toUpperCase(Locale.ROOT), "1", on(0)))
                    .isEqualTo(3L);
            server.call("SCRIPT", "FLUSH");
            client.call("MULTI");
            client.call("EVALSHA", digest, "1", on(0));
            assertThat(client.call("EXEC")).isEqualTo(List.of(4L));
        }
    }

    @Test
    void whatNobodyHasSentIsNotKnown() throws IOException {
        String script = "return 'x" + System.nanoTime() + "'";
        try (RespClient client = proxy.connect()) {
            assertThat(String.valueOf(client.call("EVALSHA", "f".repeat(40), "1", "k")))
                    .contains("NOSCRIPT");
            String digest = String.valueOf(client.call("SCRIPT", "LOAD", script));
            assertThat(client.call("EVALSHA", digest, "1", "k")).asString().startsWith("x");

            assertThat(client.call("SCRIPT", "FLUSH")).isEqualTo("OK");

            assertThat(client.call("SCRIPT", "EXISTS", digest)).isEqualTo(List.of(0L));
            assertThat(String.valueOf(client.call("EVALSHA", digest, "1", "k"))).contains("NOSCRIPT");
            assertThat(String.valueOf(client.call("SCRIPT", "LOAD", "return (")))
                    .contains("ERR Error compiling");
        }
    }

    private static String on(int server) {
        return shards.keyOn(server, "key");
    }
}
