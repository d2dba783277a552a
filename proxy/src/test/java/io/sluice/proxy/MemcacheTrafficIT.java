package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.testing.CacheShards;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.testing.FreePorts;
import io.sluice.testing.TextClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a memcached client sees of three real servers behind the proxy. */
class MemcacheTrafficIT {

    private static final int MAX_REQUEST_BYTES = 4 << 20;
    private static final int MAX_HELD_BYTES = 3 << 20;

    @RegisterExtension
    static final CacheShards shards = CacheShards.three();

    @AutoClose
    static final RunningProxy proxy = shards.proxy()
            .limits(new Limits(
                    MAX_REQUEST_BYTES, 5000, 64 << 10, 1024, 8 << 20, MAX_HELD_BYTES, 65_536, 64 << 20, 100));

    @AutoClose
    private TextClient client;

    @BeforeAll
    static void start() throws ProxyStartException {
        proxy.start();
    }

    @BeforeEach
    void connect() throws IOException {
        shards.flush();
        client = new TextClient(proxy.port());
    }

    // ---- commands

    @Test
    void everyServedCommandWorks() throws Exception {
        assertThat(client.ask("get k")).isEqualTo("END\r\n");
        assertThat(client.store("replace k 0 0", "x")).isEqualTo("NOT_STORED\r\n");
        assertThat(client.store("add k 7 0", "b")).isEqualTo("STORED\r\n");
        assertThat(client.store("append k 0 0", "c")).isEqualTo("STORED\r\n");
        assertThat(client.store("prepend k 0 0", "a")).isEqualTo("STORED\r\n");
        assertThat(client.ask("get k")).isEqualTo("VALUE k 7 3\r\nabc\r\nEND\r\n");
        String unique = client.ask("gets k").split("[ \r]", -1)[4];
        assertThat(client.ask("cas k 0 0 1 " + unique + "\r\n5")).isEqualTo("STORED\r\n");
        assertThat(client.ask("cas k 0 0 1 " + unique + "\r\n6")).isEqualTo("EXISTS\r\n");
        assertThat(client.ask("incr k 10")).isEqualTo("15\r\n");
        assertThat(client.ask("decr k 20")).startsWith("0");
        assertThat(client.ask("touch k 100")).isEqualTo("TOUCHED\r\n");
        assertThat(client.ask("gat 100 k")).startsWith("VALUE k 0 ");
        assertThat(client.ask("gats 100 k")).startsWith("VALUE k 0 ");
        assertThat(client.ask("delete k")).isEqualTo("DELETED\r\n");
        assertThat(client.ask("delete k")).isEqualTo("NOT_FOUND\r\n");
        assertThat(client.ask("version")).isEqualTo("VERSION 1.5.16\r\n");
    }

    @Test
    void keysAreOnTheServersThatOwnThem() throws Exception {
        for (int server = 0; server < 3; server++) {
            String key = shards.keyOn(server, "owned");
            client.store("set " + key + " 0 0", "v");
            for (int other = 0; other < 3; other++) {
                try (TextClient direct = shards.server(other).connect()) {
                    assertThat(direct.ask("get " + key).length() > 5).isEqualTo(other == server);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alpha:\n  listen: %s\n  servers:\n",
                "alpha:\n  redis: false\n  distribution: modula\n  listen: %s\n  servers:\n",
                "pools:\n alpha:\n  protocol: memcached\n  distribution: slots\n  listen: %s\n  servers:\n"
            })
    void aFileSaysThatItIsMemcached(String head, @TempDir Path folder) throws Exception {
        int port = FreePorts.next();
        StringBuilder yaml = new StringBuilder(String.format(head, "127.0.0.1:" + port));
        for (int i = 0; i < 3; i++) {
            yaml.append("   - ").append(shards.server(i).address()).append(":1\n");
        }
        Path file = Files.writeString(folder.resolve("a.yml"), yaml);

        try (Proxy served = Proxy.start(ProxyConfig.read(file));
                TextClient other = new TextClient(port)) {
            assertThat(served.clients()).isNotNegative();
            assertThat(other.store("set k 0 0", "v")).isEqualTo("STORED\r\n");
            assertThat(other.ask("get k l m n")).isEqualTo("VALUE k 0 1\r\nv\r\nEND\r\n");
        }
    }

    private static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n";
    }

    @Test
    void quitGetsWhatIsOwedAndIsClosed() throws Exception {
        client.send("get nosuch\r\nquit\r\nget nosuch\r\n");

        assertThat(client.reply()).isEqualTo("END\r\n");
        assertThat(client.isAtEnd()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "flush_all, it concerns the keys of all servers",
        "stats, it concerns one server",
        "verbosity 1, it concerns one server",
        "mg k v, the meta protocol is not served",
        "mn, the meta protocol is not served"
    })
    void refusedCommandsSayWhy(String line, String why) throws Exception {
        assertThat(client.ask(line)).startsWith("CLIENT_ERROR '").contains(" is not served by this proxy: " + why);
        assertThat(client.ask("get k")).isEqualTo("END\r\n");
    }

    // ---- noreply

    @Test
    void noreplyIsSilentAndDone() throws Exception {
        client.send(lines(
                "set a 0 0 1 noreply",
                "1",
                "incr a 5 noreply",
                "append a 0 0 1 noreply",
                "0",
                "add a 0 0 1 noreply",
                "x",
                "touch a 0 noreply",
                "delete nosuch noreply",
                "set b 0 0 1 noreply",
                "2",
                "delete b noreply",
                "get a b"));

        assertThat(client.reply()).isEqualTo("VALUE a 0 2\r\n60\r\nEND\r\n");
    }

    /** memcached itself answers some of these in spite of noreply, which would be taken for the next reply. */
    @Test
    void noreplyIsSilentEvenWhenItFails() throws Exception {
        client.send(lines(
                "set big 0 0 2000000 noreply",
                "v".repeat(2_000_000),
                "set larger 0 0 5000000 noreply",
                "v".repeat(5_000_000),
                "set k x 0 6 noreply",
                "quit\r\n",
                "delete " + "k".repeat(251) + " noreply",
                "incr k x noreply",
                "flush_all noreply",
                "get k"));

        assertThat(client.reply()).isEqualTo("END\r\n");
    }

    @Test
    void noreplyWithoutASensibleEndIsClosedInSilence() throws Exception {
        client.send("set k 0 0 5 noreply\r\nhello world\r\nget k\r\n");

        assertThat(client.isAtEnd()).isTrue();
    }

    @Test
    void aPipelineOfNoreplyKeepsItsOrder() throws Exception {
        StringBuilder pipeline = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            String noreply = i % 3 == 0 ? "" : " noreply";
            pipeline.append("set key")
                    .append(i)
                    .append(" 0 0 4")
                    .append(noreply)
                    .append("\r\n")
                    .append(1000 + i)
                    .append("\r\n");
            if (i % 3 == 1) {
                pipeline.append("get key").append(i).append("\r\n");
            }
        }
        client.send(pipeline.toString());

        for (int i = 0; i < 3000; i++) {
            if (i % 3 == 0) {
                assertThat(client.reply()).isEqualTo("STORED\r\n");
            } else if (i % 3 == 1) {
                assertThat(client.reply()).isEqualTo("VALUE key" + i + " 0 4\r\n" + (1000 + i) + "\r\nEND\r\n");
            }
        }
    }

    // ---- several keys

    @Test
    void valuesOfAllServersComeInTheOrderOfTheKeys() throws Exception {
        List<String> keys = new ArrayList<>();
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            String key = "many" + i;
            keys.add(key);
            if (i % 4 != 0) {
                client.store("set " + key + " " + i + " 0", "v" + i);
                expected.append("VALUE ")
                        .append(key)
                        .append(' ')
                        .append(i)
                        .append(' ')
                        .append(1 + ("" + i).length())
                        .append("\r\nv")
                        .append(i)
                        .append("\r\n");
            }
        }

        assertThat(client.ask("get " + String.join(" ", keys))).isEqualTo(expected + "END\r\n");
        Collections.reverse(keys);
        assertThat(client.ask("get " + String.join(" ", keys))).startsWith("VALUE many299 ");
    }

    @Test
    void aKeyAskedForTwiceIsAnsweredTwice() throws Exception {
        String a = shards.keyOn(0, "a");
        String b = shards.keyOn(1, "b");
        client.store("set " + a + " 0 0", "1");
        client.store("set " + b + " 0 0", "2");
        String valueA = "VALUE " + a + " 0 1\r\n1\r\n";
        String valueB = "VALUE " + b + " 0 1\r\n2\r\n";

        assertThat(client.ask("get " + String.join(" ", a, b, a, a, b)))
                .isEqualTo(valueA + valueB + valueA + valueA + valueB + "END\r\n");
        assertThat(client.ask("gat 0 " + b + " " + a)).isEqualTo(valueB + valueA + "END\r\n");
        assertThat(client.ask("gets " + b + " " + a)).startsWith("VALUE " + b + " 0 1 ");
    }

    @Test
    void moreThanMayBeHeldIsOneError() throws Exception {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            String key = shards.keyOn(i % 3, "large" + i + "-");
            all.append(' ').append(key);
            client.store("set " + key + " 0 0", "v".repeat(900_000));
        }

        String keys = all.toString();
        assertThat(client.ask("get" + keys))
                .isEqualTo("SERVER_ERROR Server overloaded: the parts of the reply exceed " + MAX_HELD_BYTES
                        + " bytes (limits.client_held_bytes)\r\n");
        assertThat(client.ask("get" + keys.substring(0, keys.indexOf(' ', 1)))).hasSizeGreaterThan(900_000);
    }

    @Test
    void largeValuesPassUnchanged() throws Exception {
        String value = "VALUE x 0 5\r\nEND\r\n".repeat(50_000);
        client.store("set large 0 0", value);

        client.send("get large\r\nget large\r\nversion\r\n");

        assertThat(client.reply()).isEqualTo("VALUE large 0 " + value.length() + "\r\n" + value + "\r\nEND\r\n");
        assertThat(client.reply()).endsWith(value + "\r\nEND\r\n");
        assertThat(client.reply()).isEqualTo("VERSION 1.5.16\r\n");
    }

    // ---- what is wrong

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "get|ERROR",
                "nosuch|ERROR",
                "''|ERROR",
                "GET k|ERROR",
                "incr k|ERROR",
                "incr k x|CLIENT_ERROR invalid numeric delta argument",
                "delete k 1|CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]",
                "touch k x|CLIENT_ERROR invalid exptime argument"
            })
    void theConnectionSurvivesWhatMemcachedSurvives(String line, String error) throws Exception {
        assertThat(client.ask(line)).isEqualTo(error + "\r\n");
        assertThat(client.ask("get k")).isEqualTo("END\r\n");
    }

    @Test
    void aValueThatIsTooLargeIsAnsweredOnce() throws Exception {
        assertThat(client.store("set k 0 0", "quit\r\n".repeat(400_000)))
                .isEqualTo("SERVER_ERROR object too large for cache\r\n");
        assertThat(client.store("set k 0 0", "quit\r\n".repeat(800_000)))
                .isEqualTo("SERVER_ERROR object too large for cache: more than " + MAX_REQUEST_BYTES
                        + " bytes (limits.max_request_bytes)\r\n");
        assertThat(client.ask("get k")).isEqualTo("END\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "set k 0 0 5\r\nflush_all\r\nversion\r\n",
                "set k 0 0 x\r\nversion\r\n",
                "set k 0 0\r\nversion\r\n",
                "set my key 0 0 7\r\nversion\r\n",
                "SET k 0 0 7\r\nversion\r\n"
            })
    void aValueIsNeverReadAsCommands(String input) throws Exception {
        client.send(input);

        assertThat(client.reply()).startsWith("CLIENT_ERROR ");
        assertThat(client.isAtEnd()).isTrue();
    }
}
