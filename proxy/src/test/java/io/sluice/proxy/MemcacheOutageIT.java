package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.CacheShards;
import io.sluice.proxy.testing.Ejections;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.testing.MemcachedServer;
import io.sluice.testing.TextClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What memcached clients see when one of three real servers dies or stops. */
class MemcacheOutageIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    @RegisterExtension
    static final CacheShards shards = CacheShards.three();

    private final RunningProxy proxy = shards.proxy().timeout(TIMEOUT, Duration.ofSeconds(20));
    private final List<String> keys = List.of(shards.keyOn(0, "a"), shards.keyOn(1, "b"), shards.keyOn(2, "c"));

    @BeforeEach
    void start() throws Exception {
        proxy.start();
        try (TextClient client = new TextClient(proxy.port())) {
            for (String key : keys) {
                assertThat(client.store("set " + key + " 0 0", "v")).isEqualTo("STORED\r\n");
            }
        }
    }

    @AfterEach
    void stop() {
        proxy.close();
    }

    /** A get of one key, and the time to live as memcached itself tells it. */
    @Test
    void aSparePoolKeepsWhatIsWrittenThereForAWhile() throws Exception {
        try (MemcachedServer gutter = MemcachedServer.onFreePort()) {
            gutter.start();
            try (RunningProxy spared = shards.proxy()
                            .ejection(Ejections.spare("gutter"))
                            .with(
                                    "gutter",
                                    RunningProxy.overPorts(gutter.port()).memcache())
                            .start();
                    TextClient client = new TextClient(spared.port());
                    TextClient direct = gutter.connect()) {
                shards.server(1).kill();
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> client.ask("get " + keys.get(1)).equals("END\r\n"));

                assertThat(client.store("set " + keys.get(1) + " 5 0", "v")).isEqualTo("STORED\r\n");

                assertThat(client.ask("get " + String.join(" ", keys)))
                        .isEqualTo(value(keys.get(0)) + "VALUE " + keys.get(1) + " 5 1\r\nv\r\n" + value(keys.get(2))
                                + "END\r\n");
                assertThat(client.ask("delete " + keys.get(1))).startsWith("SERVER_ERROR Connection refused: ");
                assertThat(direct.ask("mg " + keys.get(1) + " t")).matches("HD t[1-7]\r\n");
                assertThat(client.store("set " + keys.get(1) + " 5 -0", "w")).isEqualTo("STORED\r\n"); // for ever
                assertThat(direct.ask("mg " + keys.get(1) + " t")).matches("HD t[1-7]\r\n");
                assertThat(client.store("set " + keys.get(1) + " 5 -1", "x")).isEqualTo("STORED\r\n");
                assertThat(client.ask("get " + keys.get(1))).isEqualTo("END\r\n");
            } finally {
                shards.server(1).restart();
            }
        }
    }

    @Test
    void aKilledServerIsAnErrorForItsKeysAndComesBack() throws Exception {
        try (TextClient client = new TextClient(proxy.port())) {
            shards.server(1).kill();

            assertThat(client.ask("get " + keys.get(1)))
                    .matches("SERVER_ERROR Connection (reset by peer|refused): .*\r\n");
            assertThat(client.ask("get " + String.join(" ", keys)))
                    .matches("SERVER_ERROR Connection .*server=server1.*\r\n");
            assertThat(client.ask("get " + keys.get(0) + " " + keys.get(2)))
                    .isEqualTo(value(keys.get(0)) + value(keys.get(2)) + "END\r\n");

            shards.server(1).restart();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> client.ask("get " + String.join(" ", keys))
                            .equals(value(keys.get(0)) + value(keys.get(2)) + "END\r\n"));
        } finally {
            shards.server(1).restart();
        }
    }

    @Test
    void aStoppedServerIsAnErrorInItsPlace() throws Exception {
        shards.server(2).pause();
        try (TextClient client = new TextClient(proxy.port())) {
            client.send("get " + keys.get(0) + "\r\nget " + keys.get(2) + "\r\ndelete " + keys.get(2)
                    + " noreply\r\n" + "get " + keys.get(1) + "\r\nget " + String.join(" ", keys) + "\r\nget "
                    + keys.get(0) + "\r\n");

            assertThat(client.reply()).isEqualTo(value(keys.get(0)) + "END\r\n");
            assertThat(client.reply()).startsWith("SERVER_ERROR Connection timed out: server=server2 waited=");
            assertThat(client.reply()).isEqualTo(value(keys.get(1)) + "END\r\n");
            assertThat(client.reply()).startsWith("SERVER_ERROR Connection timed out: server=server2 waited=");
            assertThat(client.reply()).isEqualTo(value(keys.get(0)) + "END\r\n");

            shards.server(2).resume();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> client.ask("get " + keys.get(2)).equals("END\r\n")); // the late delete was done
        } finally {
            shards.server(2).resume();
        }
    }

    private static String value(String key) {
        return "VALUE " + key + " 0 1\r\nv\r\n";
    }
}
