package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.Handling;
import io.sluice.proxy.protocol.resp.RedisCommands;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Shards;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What single requests get, through the proxy as from a server: replies, errors, refusals, inline commands. */
class CommandsIT {

    @RegisterExtension
    static final Shards shards = Shards.three();

    @AutoClose
    static final RunningProxy proxy = shards.proxy();

    @BeforeAll
    static void start() throws ProxyStartException {
        proxy.start();
    }

    @BeforeEach
    void flush() throws IOException {
        shards.flush();
    }

    @Test
    void commandsOfEachTypeWorkOnEachServer() throws IOException {
        try (RespClient client = proxy.connect()) {
            for (int server = 0; server < shards.count(); server++) {
                String key = shards.keyOn(server, "k");

                assertThat(client.call("SET", key, "1")).isEqualTo("OK");
                assertThat(client.call("GET", key)).isEqualTo("1");
                assertThat(client.call("INCR", key)).isEqualTo(2L);
                assertThat(client.call("DEL", key)).isEqualTo(1L);
                assertThat(client.call("GET", key)).isNull();
                assertThat(client.call("RPUSH", key, "a", "b", "")).isEqualTo(3L);
                assertThat(client.call("LRANGE", key, "0", "-1")).isEqualTo(List.of("a", "b", ""));
                assertThat(client.call("EVAL", "return {1, {2, {ARGV[1]}}, false}", "1", key, "x"))
                        .isEqualTo(Arrays.asList(1L, List.of(2L, List.of("x")), null));
                assertThat(storedOn(server)).isEqualTo(List.of(key));
                shards.flush();
            }
        }
    }

    private static List<?> storedOn(int server) throws IOException {
        try (RespClient direct = shards.server(server).connect()) {
            return direct.call("KEYS", "*") instanceof List<?> keys ? keys : List.of();
        }
    }

    /** Wrong in ways that either the proxy finds or the server: the words must be the server's. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "FOO",
                "FOO a bb ccc",
                "GET",
                "GET a b",
                "SET a",
                "MGET",
                "MSET a",
                "MSET a 1 b",
                "MSETNX a 1 b",
                "DEL",
                "EVAL x",
                "EVAL x 1",
                "EVAL x -1 a",
                "EVAL x no a",
                "ZUNIONSTORE a 0 x",
                "ZUNIONSTORE a no b",
                "SINTERCARD 5 a",
                "OBJECT ENCODING",
                "XGROUP CREATE a",
                "PING a b",
                "ECHO",
                "ECHO a b",
                "TIME now",
                "SELECT",
                "SELECT no",
                "QUIT",
                "INCR text",
                "LPUSH text x",
                "SET text 1 EX no",
                "HSET h f",
                "SETRANGE text -1 x",
                "GETEX text PX 0",
                "CLIENT SETNAME",
                "CLIENT SETNAME white\tspace",
                "CLIENT ID 1",
                "COMMAND COUNT 1",
                "COMMAND INFO nosuchcommand",
                "COMMAND GETKEYS",
                "COMMAND GETKEYS nosuch a",
                "COMMAND GETKEYS PING",
                "HELLO no",
                "HELLO 4",
                "HELLO 2 SETNAME",
                "HELLO 2 SETNAME a\tb",
                "HELLO 2 NONSENSE"
            })
    void mistakesAreAnsweredInTheWordsOfTheServer(String line) throws IOException {
        String[] request = line.split(" ");
        try (RespClient client = proxy.connect();
                RespClient direct = shards.server(shards.owner("text")).connect()) {
            direct.call("SET", "text", "words");

            assertThat(client.call(request)).isEqualTo(direct.call(request));
        }
    }

    /** Here the server has other words for each command; ours need only be clear, and nothing may be sent anywhere. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ZUNION 2 a",
                "ZUNIONSTORE a 0 x",
                "SINTERCARD no a",
                "SINTERCARD 01 a",
                "LMPOP 0 a LEFT",
                "EVAL x 0",
                "XREAD COUNT 1 STREAMS a",
                "XREAD COUNT 1 STREAMS a b 0"
            })
    void whoseKeysCannotBeFoundIsRefused(String line) throws IOException {
        try (RespClient client = proxy.connect()) {
            assertThat(String.valueOf(client.call(line.split(" ")))).startsWith("RespError[message=ERR ");
            assertThat(client.call("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void anUnknownCommandIsRefusedAndTheConnectionLives() throws IOException {
        try (RespClient client = proxy.connect()) {
            Object reply = client.call("NOSUCHCOMMAND", "a\r\nb", "\u0001");

            assertThat(reply)
                    .isEqualTo(new RespError(
                            "ERR unknown command 'NOSUCHCOMMAND', with args beginning with: 'a??b' '?' "));
            assertThat(client.call("SET", "a", "1")).isEqualTo("OK");
        }
    }

    @Test
    void everyCommandThatIsNotServedIsRefusedWithItsReason() throws IOException {
        List<Command> refused = RedisCommands.TABLE.commands().stream()
                .filter(command -> command.handling() == Handling.REFUSED)
                .toList();

        try (RespClient client = proxy.connect()) {
            assertThat(refused).hasSizeGreaterThan(140);
            for (Command command : refused) {
                assertThat(client.call(withEnoughArguments(command)))
                        .isEqualTo(new RespError(
                                "ERR '" + command.name() + "' is not served by this proxy: " + command.refusal()));
            }
            assertThat(client.call("SET", "a", "1")).isEqualTo("OK");
        }
    }

    private static String[] withEnoughArguments(Command command) {
        List<String> request = new ArrayList<>(List.of(command.name().split("\\|")));
        while (!command.arityAllows(request.size())) {
            request.add("1");
        }
        return request.toArray(String[]::new);
    }

    @Test
    void aStreamIsReadWithAndWithoutWaiting() throws IOException {
        try (RespClient client = proxy.connect()) {
            String id = String.valueOf(client.call("XADD", "s", "1-1", "f", "v"));

            assertThat(client.call("XREAD", "BLOCK", "1", "STREAMS", "s", "$")).isNull();
            assertThat(client.call("XREAD", "COUNT", "1", "STREAMS", "s", "0"))
                    .isEqualTo(List.of(List.of("s", List.of(List.of(id, List.of("f", "v"))))));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*1\r\nGET\r\n",
                "*x\r\n",
                "*1 \r\n",
                "*2000000000\r\n",
                "*1\r\n$-1\r\n",
                "*1\r\n$x\r\n",
                "*1\r\n$99999999999\r\n",
                "*2\r\n$3\r\nGET\r\n+1\r\n",
                "SET a \"unbalanced\r\n"
            })
    void aProtocolErrorIsAnsweredOnceAndEndsTheConnection(String malformed) throws IOException {
        try (RespClient client = proxy.connect()) {
            client.send("SET", "before", "1");
            client.send("INCR", "before");
            client.sendRaw(latin1(malformed + "*3\r\n$3\r\nSET\r\n$5\r\nafter\r\n$1\r\n1\r\n"));

            assertThat(client.receive()).isEqualTo("OK");
            assertThat(client.receive()).isEqualTo(2L);
            assertThat(String.valueOf(client.receive())).contains("ERR Protocol error: ");
            assertThat(client.isAtEnd()).isTrue();
        }
        try (RespClient client = proxy.connect()) {
            assertThat(client.call("EXISTS", "after")).isEqualTo(0L);
        }
    }

    @Test
    void inlineCommandsAreUnderstood() throws IOException {
        try (RespClient client = proxy.connect()) {
            client.sendRaw(latin1(
                    "\r\n\n  set  greeting \"hello\\x20\\\"world\\\"\"\r\nGET greeting\n",
                    "*2\r\n$6\r\nSTRLEN\r\n$8\r\ngreeting\r\n*0\r\n*-1\r\nMSET i1 'a b' i2 2 i3 \"\"\r\n",
                    "mget i3 nosuch i1 i2\r\nDEL i1 i2 i3 i3\r\nnosuch\r\nPING\r\n"));

            assertThat(client.receive()).isEqualTo("OK");
            assertThat(client.receive()).isEqualTo("hello \"world\"");
            assertThat(client.receive()).isEqualTo(13L);
            assertThat(client.receive()).isEqualTo("OK");
            assertThat(client.receive()).isEqualTo(Arrays.asList("", null, "a b", "2"));
            assertThat(client.receive()).isEqualTo(3L);
            assertThat(client.receive()).isInstanceOf(RespError.class);
            assertThat(client.receive()).isEqualTo("PONG");
        }
    }

    @Test
    void quitIsAnsweredAfterWhatWasAskedBeforeAndEndsTheConnection() throws IOException {
        try (RespClient client = proxy.connect()) {
            client.send("SET", "a", "1");
            client.send("QUIT");
            client.send("SET", "a", "2");

            assertThat(client.receive()).isEqualTo("OK");
            assertThat(client.receive()).isEqualTo("OK");
            assertThat(client.isAtEnd()).isTrue();
        }
        try (RespClient client = proxy.connect()) {
            assertThat(client.call("GET", "a")).isEqualTo("1");
        }
    }

    @Test
    void requestsInAnyCutsAreUnderstood() throws IOException {
        byte[] request = latin1(
                "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$12\r\nbinary\r\n\0\u00ff$1\r\n",
                "*3\r\n$4\r\nMGET\r\n$1\r\na\r\n$1\r\nb\r\n");
        try (RespClient client = proxy.connect()) {
            for (int cut = 1; cut < request.length; cut++) {
                client.sendRaw(Arrays.copyOf(request, cut));
                client.sendRaw(Arrays.copyOfRange(request, cut, request.length));

                assertThat(client.receive()).isEqualTo("OK");
                assertThat(client.receive()).isEqualTo(Arrays.asList("binary\r\n\0\u00ff$1", null));
            }
        }
    }

    @Test
    void commandNamesMayBeInAnyCase() throws IOException {
        try (RespClient client = proxy.connect()) {
            assertThat(client.call("sEt", "a", "1")).isEqualTo("OK");
            assertThat(client.call("mget", "a", "b")).isEqualTo(Arrays.asList("1", null));
            assertThat(client.call("object", "Encoding", "a")).isEqualTo("int");
            assertThat(client.call("xReAd", "streams", "a1", "0")).isNull();
            assertThat(client.call("lrange", "b", "0", "-1")).isEqualTo(Collections.emptyList());
        }
    }

    private static byte[] latin1(String... pieces) {
        return String.join("", pieces).getBytes(StandardCharsets.ISO_8859_1);
    }
}
