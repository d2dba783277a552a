package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.assertError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.Ejections;
import io.sluice.proxy.testing.Keys;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code ejection: spare}: another pool stands in, and nothing that is written there stays. */
class SparePoolIT {

    private final RedisServer dead = RedisServer.onFreePort();
    private final RedisServer living = RedisServer.onFreePort();
    private final RedisServer gutter = RedisServer.onFreePort();
    private final RunningProxy proxy = RunningProxy.overPorts(dead.port(), living.port())
            .ejection(Ejections.spare("gutter"))
            .with("gutter", RunningProxy.overPorts(gutter.port()))
            .monitored();
    private String key = "";

    @BeforeEach
    void losesOneOfTwo() throws Exception {
        dead.start();
        living.start();
        gutter.start();
        proxy.start();
        key = Keys.ownedBy(0, proxy);
        try (RespClient client = proxy.connect()) {
            client.call("SET", key, "at home");
            dead.kill();
            await().atMost(Duration.ofSeconds(30)).until(() -> !(client.call("GET", key) instanceof RespError));
        }
    }

    @AfterEach
    void ends() {
        proxy.close();
        dead.close();
        living.close();
        gutter.close();
    }

    @Test
    void whatIsWrittenThereCanBeReadAndExpires() throws Exception {
        try (RespClient client = proxy.connect();
                RespClient direct = gutter.connect()) {
            assertThat(client.call("GET", key)).isNull();
            assertThat(client.call("SET", key, "for now")).isEqualTo("OK");

            assertThat(client.call("GET", key)).isEqualTo("for now");
            assertThat(millisToLive(direct)).isBetween(1L, Ejections.SPARE_TIME_TO_LIVE.toMillis());
            assertThat(client.call("SETEX", key, "3600", "an hour")).isEqualTo("OK");
            assertThat(millisToLive(direct)).isBetween(1L, Ejections.SPARE_TIME_TO_LIVE.toMillis());
            assertThat(client.call("SET", key, "short", "EX", "2")).isEqualTo("OK");
            assertThat(millisToLive(direct)).isBetween(1L, 2000L);
            for (String[] ages : new String[][] {
                {"SET", key, "v", "EX", "1000000000000000"},
                {"SET", key, "v", "PX", "1000000000000000000"},
                {"SETEX", key, "1000000000000000", "v"},
                {"PSETEX", key, "1000000000000000000", "v"}
            }) {
                assertThat(client.call(ages)).isEqualTo("OK");
                assertThat(millisToLive(direct)).isBetween(1L, Ejections.SPARE_TIME_TO_LIVE.toMillis());
            }
            assertError(client.call("SET", key, "v", "EX", "9223372036854775807"))
                    .startsWith("ERR invalid expire");
            assertThat(client.call("SET", key, "no", "NX")).isNull();
        }
    }

    private long millisToLive(RespClient direct) throws Exception {
        return direct.call("PTTL", key) instanceof Long millis ? millis : -1;
    }

    @Test
    void whatCannotExpireIsRefused() throws Exception {
        try (RespClient client = proxy.connect();
                RespClient direct = gutter.connect()) {
            for (String[] request : new String[][] {
                {"INCR", key},
                {"LPUSH", key, "x"},
                {"DEL", key},
                {"SET", key, "v", "KEEPTTL"},
                {"DEL", key, Keys.ownedBy(1, proxy)}
            }) {
                assertError(client.call(request))
                        .startsWith("ERR Connection refused: the key's server is ejected, and its spare pool 'gutter'");
            }
            assertThat(direct.call("DBSIZE")).isEqualTo(0L);
        }
    }

    @Test
    void keysOfTheOthersStayAndReadsOverBothAreOne() throws Exception {
        String other = Keys.ownedBy(1, proxy);
        try (RespClient client = proxy.connect();
                RespClient direct = living.connect()) {
            client.call("SET", other, "on the living");
            client.call("SET", key, "on the spare");

            assertThat(client.call("MGET", other, key)).isEqualTo(Arrays.asList("on the living", "on the spare"));

            assertThat(direct.call("PTTL", other)).isEqualTo(-1L);
            assertThat(AdminClient.metrics(proxy.adminPort()).value("sluice_spare_requests_total{pool=alpha}"))
                    .isPositive();
        }
    }

    @Test
    void keysGoHomeWithTheirServer() throws Exception {
        try (RespClient client = proxy.connect()) {
            client.call("SET", key, "for now");

            dead.restart();

            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> client.call("INCR", key) instanceof Long);
            try (RespClient direct = dead.connect()) {
                assertThat(direct.call("EXISTS", key)).isEqualTo(1L);
            }
        }
    }
}
