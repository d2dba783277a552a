package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Shards;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the proxy answers itself, passwords and databases; servers that ask for a password stand behind it. */
class LocalCommandsIT {

    private static final String PASSWORD = "a secret word";
    private static final int DATABASE = 5;

    @RegisterExtension
    static final Shards guarded = Shards.of(guarded(), guarded(), guarded());

    @RegisterExtension
    static final Shards open = Shards.three();

    @AutoClose
    static final RunningProxy asking = guarded.proxy().redisAuth(PASSWORD);

    @AutoClose
    static final RunningProxy free = open.proxy();

    @AutoClose
    static final RunningProxy inDatabase = guarded.proxy().redisAuth(PASSWORD).redisDb(DATABASE);

    private static RedisServer guarded() {
        return RedisServer.onFreePort().withPassword(PASSWORD);
    }

    @BeforeAll
    static void start() throws ProxyStartException {
        asking.start();
        free.start();
        inDatabase.start();
    }

    // ---- passwords

    @Test
    void withoutThePasswordNothingIsServed() throws IOException {
        try (RespClient client = asking.connect()) {
            for (String request :
                    List.of("GET a", "PING", "MGET a b", "SELECT 0", "COMMAND COUNT", "CLIENT ID", "MULTI")) {
                assertThat(client.call(request.split(" ")))
                        .as(request)
                        .isEqualTo(new RespError("NOAUTH Authentication required."));
            }
            assertThat(String.valueOf(client.call("HELLO", "2"))).contains("NOAUTH ");
        }
    }

    @Test
    void thePasswordOpensTheConnection() throws IOException {
        try (RespClient client = asking.connect()) {
            assertThat(client.call("AUTH", PASSWORD)).isEqualTo("OK");
            for (int server = 0; server < guarded.count(); server++) {
                assertThat(client.call("SET", guarded.keyOn(server, "k"), "1")).isEqualTo("OK");
            }
        }
        try (RespClient client = asking.connect()) {
            assertThat(client.call("AUTH", "default", PASSWORD)).isEqualTo("OK");
            assertThat(client.call("PING")).isEqualTo("PONG");
        }
        try (RespClient client = asking.connect()) {
            assertThat(client.call("HELLO", "2", "AUTH", "default", PASSWORD, "SETNAME", "me"))
                    .isInstanceOf(List.class);
            assertThat(client.call("CLIENT", "GETNAME")).isEqualTo("me");
        }
    }

    @Test
    void aWrongPasswordIsRefusedAndMayBeCorrected() throws IOException {
        try (RespClient client = asking.connect()) {
            assertThat(client.call("AUTH", "wrong")).isEqualTo(new RespError("ERR invalid password"));
            assertThat(client.call("AUTH", "")).isEqualTo(new RespError("ERR invalid password"));
            assertThat(client.call("AUTH", "default", "wrong"))
                    .isEqualTo(new RespError("WRONGPASS invalid username-password pair or user is disabled."));
            assertThat(client.call("AUTH", "somebody", PASSWORD)).isInstanceOf(RespError.class);
            assertThat(client.call("HELLO", "2", "AUTH", "default", "wrong")).isInstanceOf(RespError.class);
            assertThat(client.call("GET", "a")).isEqualTo(new RespError("NOAUTH Authentication required."));
            assertThat(client.call("AUTH", PASSWORD)).isEqualTo("OK");
            assertThat(client.call("GET", "nosuch")).isNull();
        }
    }

    @Test
    void aPasswordThatNobodyAskedForIsAnError() throws IOException {
        try (RespClient client = free.connect()) {
            assertThat(client.call("AUTH", "x"))
                    .isEqualTo(new RespError("ERR Client sent AUTH, but no password is set"));
            assertThat(client.call("GET", "nosuch")).isNull();
        }
    }

    @Test
    void aServerThatRefusesThePasswordIsAnErrorNotASilence() throws Exception {
        try (RunningProxy wrong = guarded.proxy().redisAuth("not the servers'").start();
                RespClient client = wrong.connect()) {
            assertThat(client.call("AUTH", "not the servers'")).isEqualTo("OK");

            assertThat(client.call("GET", "a")).isInstanceOf(RespError.class);
            assertThat(client.call("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void serversAreUsedInTheDatabaseOfTheConfiguration() throws IOException {
        String key = guarded.keyOn(1, "database");
        try (RespClient client = inDatabase.connect();
                RespClient direct = guarded.server(1).connect()) {
            client.call("AUTH", PASSWORD);

            assertThat(client.call("SET", key, "here")).isEqualTo("OK");

            assertThat(direct.call("GET", key)).isNull();
            assertThat(direct.call("SELECT", String.valueOf(DATABASE))).isEqualTo("OK");
            assertThat(direct.call("GET", key)).isEqualTo("here");
        }
    }

    // ---- connection commands

    @Test
    void onlyDatabaseZeroCanBeSelected() throws IOException {
        try (RespClient client = free.connect()) {
            assertThat(client.call("SELECT", "0")).isEqualTo("OK");
            assertThat(String.valueOf(client.call("SELECT", "1"))).contains("ERR SELECT 1 refused");
            assertThat(client.call("SELECT", "x")).isInstanceOf(RespError.class);
        }
    }

    @Test
    void helloSpeaksRespTwoAsTheServerDoes() throws IOException {
        try (RespClient client = free.connect();
                RespClient direct = open.server(0).connect()) {
            List<?> ours = asList(client.call("HELLO", "2"));
            List<?> theirs = asList(direct.call("HELLO", "2"));

            assertThat(namesOf(ours)).isEqualTo(namesOf(theirs));
            assertThat(ours.subList(4, 6)).isEqualTo(List.of("proto", 2L));
            assertThat(client.call("HELLO")).isInstanceOf(List.class);
            assertThat(client.call("HELLO", "3")).isEqualTo(new RespError("NOPROTO unsupported protocol version"));
            assertThat(client.call("PING")).isEqualTo("PONG");
        }
    }

    private static List<Object> namesOf(List<?> map) {
        return IntStream.range(0, map.size() / 2)
                .mapToObj(i -> (Object) map.get(2 * i))
                .collect(Collectors.toList());
    }

    @Test
    void clientsHaveNamesAndNumbers() throws IOException {
        try (RespClient client = free.connect();
                RespClient other = free.connect()) {
            assertThat(client.call("CLIENT", "GETNAME")).isNull();
            assertThat(client.call("CLIENT", "SETNAME", "a-name")).isEqualTo("OK");
            assertThat(client.call("CLIENT", "GETNAME")).isEqualTo("a-name");
            assertThat(other.call("CLIENT", "GETNAME")).isNull();
            assertThat(client.call("CLIENT", "SETINFO", "LIB-NAME", "test")).isEqualTo("OK");
            assertThat(client.call("CLIENT", "SETINFO", "lib-ver", "1.0")).isEqualTo("OK");
            assertThat(client.call("CLIENT", "SETINFO", "lib-color", "red")).isInstanceOf(RespError.class);
            assertThat(client.call("CLIENT", "ID")).isInstanceOf(Long.class).isNotEqualTo(other.call("CLIENT", "ID"));
        }
    }

    @Test
    void pingEchoAndTimeAreAnswered() throws IOException {
        String allBytes =
                IntStream.range(0, 256).mapToObj(i -> String.valueOf((char) i)).collect(Collectors.joining());
        try (RespClient client = free.connect()) {
            assertThat(client.call("PING")).isEqualTo("PONG");
            assertThat(client.call("PING", allBytes)).isEqualTo(allBytes);
            assertThat(client.call("ECHO", allBytes)).isEqualTo(allBytes);
            List<?> time = asList(client.call("TIME"));
            assertThat(time).hasSize(2);
            assertThat(Long.parseLong(String.valueOf(time.get(0))))
                    .isBetween(Instant.now().getEpochSecond() - 5, Instant.now().getEpochSecond() + 5);
        }
    }

    // ---- COMMAND

    /** Name, arity, flags, positions of the keys, categories: what clients use. */
    @ParameterizedTest
    @ValueSource(
            strings = {"get", "set", "mget", "mset", "del", "eval", "zunionstore", "xread", "sort", "object", "hset"})
    void commandInfoIsThatOfTheServer(String name) throws IOException {
        try (RespClient client = free.connect();
                RespClient direct = open.server(0).connect()) {
            assertThat(firstFacts(client.call("COMMAND", "INFO", name)))
                    .isEqualTo(firstFacts(direct.call("COMMAND", "INFO", name)));
            assertThat(client.call("COMMAND", "INFO", "nosuchcommand"))
                    .isEqualTo(direct.call("COMMAND", "INFO", "nosuchcommand"));
        }
    }

    private static List<?> firstFacts(@Nullable Object reply) {
        List<?> info = asList(asList(reply).get(0));
        assertThat(info).hasSize(10);
        return List.of(
                info.get(0),
                info.get(1),
                Set.copyOf(asList(info.get(2))),
                info.subList(3, 6),
                Set.copyOf(asList(info.get(6))));
    }

    private static List<?> asList(@Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    @Test
    void commandTellsWhatIsServed() throws IOException {
        try (RespClient client = free.connect()) {
            List<?> all = asList(client.call("COMMAND"));

            assertThat(client.call("COMMAND", "COUNT")).isEqualTo((long) all.size());
            assertThat(all).hasSizeGreaterThan(150);
            assertThat(client.call("COMMAND", "GETKEYS", "MSET", "a", "1", "b", "2"))
                    .isEqualTo(List.of("a", "b"));
        }
    }
}
