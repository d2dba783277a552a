package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests with keys on several servers: split and merged, or refused where that would change their meaning. */
class SplitCommandsIT {

    @RegisterExtension
    static final Shards shards = Shards.three();

    @AutoClose
    static final RunningProxy proxy = shards.proxy();

    @AutoClose
    static final RunningProxy tagging =
            shards.proxy().routing(HashAlgorithm.FNV1A_64, DistributionKind.KETAMA, HashTag.of("{}"));

    @BeforeAll
    static void start() throws ProxyStartException {
        proxy.start();
        tagging.start();
    }

    @BeforeEach
    void flush() throws IOException {
        shards.flush();
    }

    @Test
    void mgetGivesValuesInKeyOrderWithDuplicatesAndNils() throws IOException {
        try (RespClient client = proxy.connect()) {
            String zero = shards.keyOn(0, "k");
            String one = shards.keyOn(1, "k");
            String two = shards.keyOn(2, "k");
            client.call("MSET", zero, "0", one, "", two, "\r\n$-1\r\n");
            client.call("RPUSH", "list", "x");

            Object reply = client.call("MGET", two, zero, "nosuch", two, one, "list", zero, zero);

            assertThat(reply).isEqualTo(Arrays.asList("\r\n$-1\r\n", "0", null, "\r\n$-1\r\n", "", null, "0", "0"));
        }
    }

    @Test
    void aThousandKeysAreSetReadCountedAndDeleted() throws IOException {
        List<String> keys = Shards.keys("key:", 1_000);
        try (RespClient client = proxy.connect()) {
            assertThat(client.call(keysAndValues("MSET", keys))).isEqualTo("OK");
            assertThat(client.call(withKeys("MGET", keys)))
                    .isEqualTo(keys.stream().map(key -> "v" + key).toList());
            assertThat(client.call(withKeys("EXISTS", keys))).isEqualTo(1_000L);
            assertThat(client.call(withKeys("TOUCH", keys))).isEqualTo(1_000L);
            assertThat(keysByServer()).satisfies(SplitCommandsIT::allHaveSome).hasSize(3);
            assertThat(client.call(withKeys("DEL", keys.subList(0, 500)))).isEqualTo(500L);
            assertThat(client.call(withKeys("UNLINK", keys))).isEqualTo(500L);
            assertThat(client.call(withKeys("EXISTS", keys))).isEqualTo(0L);
        }
    }

    private static void allHaveSome(List<? extends List<String>> keysByServer) {
        for (int server = 0; server < keysByServer.size(); server++) {
            int expected = server;
            assertThat(keysByServer.get(server)).isNotEmpty().allMatch(key -> shards.owner(key) == expected);
        }
        assertThat(keysByServer.stream().mapToInt(List::size).sum()).isEqualTo(1_000);
    }

    private static List<List<String>> keysByServer() throws IOException {
        List<List<String>> all = new ArrayList<>();
        for (int server = 0; server < shards.count(); server++) {
            try (RespClient direct = shards.server(server).connect()) {
                List<?> keys = direct.call("KEYS", "*") instanceof List<?> list ? list : List.of();
                all.add(keys.stream().map(String.class::cast).toList());
            }
        }
        return all;
    }

    @Test
    void duplicatesCountAsTheServerCountsThem() throws IOException {
        List<String> keys = List.of("a", "b", "c", "d", "a", "b", "a");
        try (RespClient client = proxy.connect()) {
            assertThat(client.call("MSET", "a", "1", "b", "2", "a", "3", "c", "4", "d", "5"))
                    .isEqualTo("OK");
            assertThat(client.call("GET", "a")).isEqualTo("3");
            assertThat(client.call(withKeys("EXISTS", keys))).isEqualTo(7L);
            assertThat(client.call(withKeys("TOUCH", keys))).isEqualTo(7L);
            assertThat(client.call(withKeys("DEL", keys))).isEqualTo(4L);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"MGET", "MSET", "DEL", "UNLINK", "EXISTS", "TOUCH"})
    void aPartOfADeadServerMakesAnErrorNeverANil(String command) throws IOException {
        List<String> keys = List.of(shards.keyOn(0, "k"), shards.keyOn(1, "k"), shards.keyOn(2, "k"));
        String[] request = command.equals("MSET") ? keysAndValues("MSET", keys) : withKeys(command, keys);
        try (RespClient client = proxy.connect()) {
            client.call(keysAndValues("MSET", keys));
            shards.server(1).kill();

            assertThat(client.call(request)).isInstanceOf(RespError.class);
            assertThat(client.call(request)).isInstanceOf(RespError.class);
            assertThat(client.call("SET", keys.get(0), "lives")).isEqualTo("OK");
            assertThat(client.call("MGET", keys.get(0), keys.get(0))).isEqualTo(List.of("lives", "lives"));

            shards.server(1).restart();
            awaitRecovery(client, keys.get(1));
        } finally {
            shards.server(1).restart();
        }
    }

    private static void awaitRecovery(RespClient client, String key) {
        Awaitility.await("the proxy has found the restarted server")
                .atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> "OK".equals(client.call("SET", key, "again")));
    }

    @Test
    void anErrorOfOneServerIsTheReply() throws IOException {
        List<String> keys = List.of(shards.keyOn(0, "k"), shards.keyOn(1, "k"), shards.keyOn(2, "k"));
        try (RespClient client = proxy.connect();
                RespClient full = shards.server(2).connect()) {
            full.call("CONFIG", "SET", "maxmemory", "1");

            Object reply = client.call(keysAndValues("MSET", keys));

            assertThat(reply).isEqualTo(full.call("SET", "any", "1"));
            assertThat(reply).isInstanceOf(RespError.class);
            assertThat(client.call(withKeys("MGET", keys)))
                    .isEqualTo(Arrays.asList("v" + keys.get(0), "v" + keys.get(1), null));
            full.call("CONFIG", "SET", "maxmemory", "0");
        }
    }

    static Stream<String> keyPairCommands() {
        return Stream.of(
                "MSETNX %s 1 %s 2",
                "SUNION %s %s",
                "SINTERSTORE %s %s",
                "SMOVE %s %s m",
                "RENAME %s %s",
                "RENAMENX %s %s",
                "COPY %s %s",
                "PFMERGE %s %s",
                "PFCOUNT %s %s",
                "BITOP AND %s %s",
                "LMOVE %s %s LEFT RIGHT",
                "RPOPLPUSH %s %s",
                "LMPOP 2 %s %s LEFT",
                "LCS %s %s",
                "ZUNIONSTORE %s 1 %s",
                "ZDIFF 2 %s %s",
                "ZRANGESTORE %s %s 0 -1",
                "SINTERCARD 2 %s %s",
                "GEOSEARCHSTORE %s %s FROMLONLAT 1 1 BYRADIUS 1 km",
                "GEORADIUS %s 1 1 1 km STORE %s",
                "SORT %s STORE %s",
                "XREAD STREAMS %s %s 0 0",
                "EVAL return{KEYS[1],KEYS[2]} 2 %s %s");
    }

    @ParameterizedTest
    @MethodSource("keyPairCommands")
    void otherCommandsMustFindAllKeysOnOneServer(String command) throws IOException {
        try (RespClient client = proxy.connect()) {
            Object reply = call(client, command, shards.keyOn(0, "k"), shards.keyOn(1, "k"));

            assertThat(String.valueOf(reply))
                    .startsWith("RespError[message=CROSSSLOT Keys in request don't hash to the same server");
            assertThat(client.call("PING")).isEqualTo("PONG");
        }
    }

    @ParameterizedTest
    @MethodSource("keyPairCommands")
    void aHashTagKeepsKeysTogether(String command) throws IOException {
        for (int tag = 0; tag < 6; tag++) {
            String left = "left{" + tag + "}";
            String right = "{" + tag + "}right";
            shards.flush();
            try (RespClient client = tagging.connect();
                    RespClient plain = shards.server(0).connect()) {
                Object reply = call(client, command, left, right);

                shards.flush();
                assertThat(reply).isEqualTo(call(plain, command, left, right));
            }
        }
    }

    private static @Nullable Object call(RespClient client, String command, String left, String right)
            throws IOException {
        return client.call(command.formatted(left, right).split(" "));
    }

    private static String[] withKeys(String command, List<String> keys) {
        return Stream.concat(Stream.of(command), keys.stream()).toArray(String[]::new);
    }

    private static String[] keysAndValues(String command, List<String> keys) {
        return Stream.concat(Stream.of(command), keys.stream().flatMap(key -> Stream.of(key, "v" + key)))
                .toArray(String[]::new);
    }
}
