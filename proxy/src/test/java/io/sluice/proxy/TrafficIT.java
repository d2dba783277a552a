package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.proxy.testing.RawClient;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Shards;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Much at once, over each transport, with one worker and several, with one server connection and several. */
@ParameterizedClass(name = "{0}")
@MethodSource("setups")
record TrafficIT(Setup setup) {

    /** How the proxy is built. */
    record Setup(TransportPreference transport, int workers, int serverConnections) {}

    private static final int PIPELINE = 10_000;
    private static final int CLIENTS = 16;
    private static final int ROUNDS = 20;

    @RegisterExtension
    static final Shards shards = Shards.three();

    private static RunningProxy proxy = shards.proxy();

    static Stream<Setup> setups() {
        return Arrays.stream(TransportPreference.values())
                .filter(transport -> transport != TransportPreference.AUTO)
                .flatMap(transport -> Stream.of(new Setup(transport, 1, 1), new Setup(transport, 3, 3)));
    }

    @BeforeParameterizedClassInvocation
    static void start(Setup setup) throws ProxyStartException {
        proxy = shards.proxy()
                .transport(setup.transport())
                .workers(setup.workers())
                .serverConnections(setup.serverConnections())
                .start();
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        proxy.close();
    }

    @BeforeEach
    void flush() throws IOException {
        shards.flush();
    }

    @Test
    void theTransportAskedForIsTheOneInUse() {
        String name = setup.transport().name().toLowerCase(Locale.ROOT);

        assertThat(proxy.proxy().transportLine()).containsIgnoringCase(name);
    }

    @Test
    void repliesOfAPipelineOverThreeServersComeInOrder() throws IOException {
        Map<String, String> model = new HashMap<>();
        try (RespClient client = proxy.connect()) {
            List<Object> expected = new ArrayList<>();
            for (int i = 0; i < PIPELINE; i++) {
                expected.add(send(client, i, model));
            }
            for (int i = 0; i < PIPELINE; i++) {
                assertThat(client.receive()).as("reply %d", i).isEqualTo(expected.get(i));
            }
        }
    }

    /** Sends one of several commands, and says what its reply must be. */
    private static Object send(RespClient client, int i, Map<String, String> model) throws IOException {
        String key = "key" + i % 97;
        String other = "key" + i % 31;
        switch (i % 5) {
            case 0 -> {
                client.send("SET", key, "value" + i);
                model.put(key, "value" + i);
                return "OK";
            }
            case 1 -> {
                client.send("STRLEN", other);
                return (long) model.getOrDefault(other, "").length();
            }
            case 2 -> {
                client.send("APPEND", key, "+");
                return (long) model.merge(key, "+", String::concat).length();
            }
            case 3 -> {
                client.send("MGET", key, "nosuch", other, key);
                return Arrays.asList(model.get(key), null, model.get(other), model.get(key));
            }
            default -> {
                client.send("MSET", key, "a" + i, other, "b" + i);
                model.put(key, "a" + i);
                model.put(other, "b" + i);
                return "OK";
            }
        }
    }

    @Test
    void largeValuesPassInBothDirections() throws IOException {
        for (int size : new int[] {0, 1, 4_096, 65_535, 65_536, 100 << 10, 5 << 20}) {
            String value = randomBytes(size);
            List<String> keys = List.of(shards.keyOn(0, "k"), shards.keyOn(1, "k"), shards.keyOn(2, "k"));
            try (RespClient client = proxy.connect()) {
                client.send("SET", keys.get(0), value);
                client.send("GET", keys.get(0));
                client.send("MSET", keys.get(0), "0", keys.get(1), value, keys.get(2), "2");
                client.send("MGET", keys.get(1), keys.get(2), keys.get(1), keys.get(0));

                assertThat(client.receive()).isEqualTo("OK");
                assertSame(client.receive(), value);
                assertThat(client.receive()).isEqualTo("OK");
                List<?> all = client.receive() instanceof List<?> list ? list : List.of();
                assertThat(all).hasSize(4);
                assertSame(all.get(0), value);
                assertSame(all.get(2), value);
                assertThat(List.of(all.get(1), all.get(3))).isEqualTo(List.of("2", "0"));
            }
        }
    }

    /** Without printing megabytes when they differ. */
    private static void assertSame(@Nullable Object actual, String expected) {
        assertThat(expected.equals(actual))
                .as("%d bytes are the same", expected.length())
                .isTrue();
    }

    private static String randomBytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    void aLargeReplyWaitsForTheSmallOneBeforeIt() throws IOException {
        String slow = shards.keyOn(0, "k");
        String large = shards.keyOn(1, "k");
        String small = shards.keyOn(2, "k");
        String value = randomBytes(5 << 20);
        try (RespClient client = proxy.connect()) {
            client.call("MSET", slow, "0", large, value, small, "2");
            shards.server(0).pause();
            long before = bytesSentBy(1);

            client.send("GET", slow);
            client.send("GET", large);
            client.send("GET", small);
            client.send("GET", slow);
            client.flush();
            Awaitility.await("the large value has left its server")
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> bytesSentBy(1) - before > value.length());
            shards.server(0).resume();

            assertThat(client.receive()).isEqualTo("0");
            assertSame(client.receive(), value);
            assertThat(client.receive()).isEqualTo("2");
            assertThat(client.receive()).isEqualTo("0");
        } finally {
            shards.server(0).resume();
        }
    }

    private static long bytesSentBy(int server) throws IOException {
        try (RespClient direct = shards.server(server).connect()) {
            return String.valueOf(direct.call("INFO", "stats"))
                    .lines()
                    .filter(line -> line.startsWith("total_net_output_bytes:"))
                    .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1)))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void aClientThatReadsLateGetsEverything() throws IOException {
        String value = randomBytes(1 << 20);
        try (RespClient client = proxy.connect()) {
            client.call("SET", "k", value);

            for (int i = 0; i < 40; i++) { // five times what the proxy keeps for one client
                client.send("GET", "k");
            }
            client.flush();

            for (int i = 0; i < 40; i++) {
                assertSame(client.receive(), value);
            }
            assertThat(client.call("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void aClientThatHasFinishedSendingGetsAllItsReplies() throws IOException {
        try (RawClient client = new RawClient(proxy.port())) {
            for (int i = 0; i < 3_000; i++) {
                client.send(RawClient.request(List.of("INCR", "counter" + i % 10)));
            }
            client.finishSending();

            for (int i = 0; i < 3_000; i++) {
                assertThat(client.nextReply()).as("reply %d", i).hasValue(":" + (i / 10 + 1) + "\r\n");
            }
            assertThat(client.nextReply()).isEmpty();
        }
    }

    /** More than sockets hold: the rest must still leave after the other side has said that it sends no more. */
    @Test
    void aClientThatHasFinishedSendingMayReadLate() throws IOException {
        String value = randomBytes(1 << 20);
        try (RawClient client = new RawClient(proxy.port())) {
            client.send(RawClient.request(List.of("SET", "k", value)));
            for (int i = 0; i < 40; i++) {
                client.send(RawClient.request(List.of("GET", "k")));
            }
            client.finishSending();

            assertThat(client.nextReply()).hasValue("+OK\r\n");
            for (int i = 0; i < 40; i++) {
                assertSame(client.nextReply().orElse("closed"), "$" + value.length() + "\r\n" + value + "\r\n");
            }
            assertThat(client.nextReply()).isEmpty();
        }
    }

    @Test
    void everyClientGetsItsOwnRepliesWhileOthersVanish() throws Exception {
        List<Callable<Integer>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            int client = i;
            clients.add(() -> live(client));
        }
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try {
            int checked = 0;
            for (Future<Integer> result : threads.invokeAll(clients, 60, TimeUnit.SECONDS)) {
                checked += result.get();
            }
            assertThat(checked).isEqualTo(CLIENTS * ROUNDS * 20);
        } finally {
            threads.shutdownNow();
        }
    }

    /** One client's life: it sets keys of its own and reads them at once; in between it leaves without reading. */
    private static int live(int client) throws IOException {
        int checked = 0;
        RespClient connection = proxy.connect();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                checked += writeAndRead(connection, client, round);
                if (round % 7 == client % 7) {
                    leaveRepliesBehind(connection, client);
                    connection.close();
                    connection = proxy.connect();
                }
            }
        } finally {
            connection.close();
        }
        return checked;
    }

    private static int writeAndRead(RespClient connection, int client, int round) throws IOException {
        for (int i = 0; i < 10; i++) {
            connection.send("SET", "c" + client + ":" + i, client + "/" + round + "/" + i);
            connection.send("MGET", "c" + client + ":" + i, "c" + client + ":0");
        }
        for (int i = 0; i < 10; i++) {
            assertThat(connection.receive()).isEqualTo("OK");
            assertThat(connection.receive())
                    .isEqualTo(List.of(client + "/" + round + "/" + i, client + "/" + round + "/0"));
        }
        return 20;
    }

    private static void leaveRepliesBehind(RespClient connection, int client) throws IOException {
        for (int i = 0; i < 50; i++) {
            connection.send("ECHO", "abandoned");
            connection.send("MGET", "c" + client + ":" + i, "abandoned", "also abandoned");
            connection.send("GET", "c" + client + ":" + i);
        }
        connection.flush();
    }
}
