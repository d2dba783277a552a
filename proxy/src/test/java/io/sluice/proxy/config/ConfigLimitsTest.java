package io.sluice.proxy.config;

import static io.sluice.proxy.config.ConfigText.ownPool;
import static io.sluice.proxy.config.ConfigText.problems;
import static io.sluice.proxy.config.ConfigText.read;
import static io.sluice.proxy.config.ConfigText.twemproxyPool;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.config.AddressText;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every limit of a file: its last good value, and the first that is refused. */
class ConfigLimitsTest {

    @Test
    void serversOfAPool() {
        int most = 4096;

        assertThat(read(servers(most)).pools().get(0).definition().servers()).hasSize(most);
        assertThat(problems(servers(most + 1)))
                .singleElement()
                .hasToString("f.yml:5:4: alpha.servers: 4097 servers; expected at most 4096");
    }

    @Test
    void poolsOfAFile() {
        int most = ProxyConfigFile.MAX_POOLS;

        assertThat(read(pools(most)).pools()).hasSize(most);
        assertThat(problems(pools(most + 1)))
                .singleElement()
                .hasToString("f.yml:1:1: 1025 pools; expected at most 1024");
    }

    @Test
    void pathOfAUnixSocket() {
        String longest = "/" + "x".repeat(AddressText.MAX_UNIX_PATH_BYTES - 1);

        assertThat(read(listeningAt(longest)).pools().get(0).listen().address().hostOrPath())
                .isEqualTo(longest);
        assertThat(problems(listeningAt(longest + "x"))).hasSize(1);
    }

    @Test
    void numbersOfAPool() {
        assertLimits("port", 1, 65_535, port -> listeningAt("h:" + port));
        assertLimits("mode", 0, 0777, mode -> listeningAt("/a " + (mode < 0 ? "-1" : Long.toOctalString(mode))));
        assertLimits("weight", 1, Integer.MAX_VALUE, weight -> twemproxyPool().replace("6379:1", "6379:" + weight));
        assertLimits("server_connections", 1, 65_535, n -> twemproxyPool("server_connections: " + n));
        assertLimits("backlog", 0, Integer.MAX_VALUE, n -> twemproxyPool("backlog: " + n));
        assertLimits("redis_db", 0, Integer.MAX_VALUE, n -> twemproxyPool("redis_db: " + n));
        assertLimits("timeout", -1, Integer.MAX_VALUE, n -> twemproxyPool("timeout: " + n));
        assertLimits("twemproxy's failures", 0, Integer.MAX_VALUE, n -> twemproxyPool("server_failure_limit: " + n));
        assertLimits("failures", 1, Integer.MAX_VALUE, n -> ownPool("server_failure_limit: " + n));
        assertLimits("timeout in ms", -1, 86_400_000, n -> ownPool("timeout: " + n));
        assertLimits("hard_timeout", -1, 86_400_000, n -> ownPool("timeout: 1", "hard_timeout: " + n));
        assertLimits("connect_timeout", 1, 86_400_000, n -> ownPool("connect_timeout: " + n));
    }

    @Test
    void numbersOfTheProxy() {
        assertLimits("workers", 1, 256, n -> "workers: " + n + "\n" + ownPool());
        assertLimits("shutdown_timeout", 0, 3_600_000, n -> "shutdown_timeout: " + n + "\n" + ownPool());
        assertLimits("bytes", 1_024, 1 << 30, n -> "limits:\n  client_held_bytes: " + n + "\n" + ownPool());
        assertLimits("stall", 1, 3_600_000, n -> "limits:\n  server_stall_timeout: " + n + "\n" + ownPool());
        assertLimits("process", 1 << 20, 1L << 40, n -> "limits:\n  process_buffer_bytes: " + n + "\n" + ownPool());
        assertLimits("counts", 1, 1 << 24, n -> "limits:\n  max_clients: " + n + "\n" + ownPool());
    }

    @Test
    void numbersThatWouldOverflowAreOutOfRange() {
        assertThat(problems("limits:\n  max_request_bytes: 17179869185gb\n" + ownPool()))
                .singleElement()
                .asString()
                .contains("'17179869185gb' is out of range");
        assertThat(problems(ownPool("timeout: 99999999999999999999m")))
                .singleElement()
                .asString()
                .contains("'99999999999999999999m' is out of range");
    }

    /** The smallest and largest are read; those beside them are not. */
    private static void assertLimits(String what, long min, long max, LongFunction<String> text) {
        assertRead(what, text.apply(min));
        assertRead(what, text.apply(max));
        assertThat(problems(text.apply(min - 1L))).as(what).hasSize(1);
        assertThat(problems(text.apply(max + 1L))).as(what).hasSize(1);
    }

    private static void assertRead(String what, String text) {
        assertThat(read(text).pools()).as(what).isNotEmpty();
    }

    private static String servers(int count) {
        String servers = IntStream.range(0, count)
                .mapToObj(i -> "   - 127.0.0.1:" + (i + 1) + ":1\n")
                .collect(Collectors.joining());
        return twemproxyPool().replace("   - 127.0.0.1:6379:1\n", servers);
    }

    private static String pools(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> twemproxyPool().replace("alpha", "p" + i).replace("22121", "" + (i + 1)))
                .collect(Collectors.joining());
    }

    private static String listeningAt(String address) {
        return twemproxyPool().replace("127.0.0.1:22121", address);
    }
}
