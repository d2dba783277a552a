package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.Ejections;
import io.sluice.proxy.testing.Keys;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.testing.RespClient;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** {@code slow_start}: a server that is back gets its keys by and by. */
class SlowStartIT {

    private static final int KEYS = 80;

    @Test
    void keysComeHomeByAndByAndEachOfThemOnce() throws Exception {
        AtomicBoolean silent = new AtomicBoolean(true);
        try (ScriptedServer home = ScriptedServer.start(asked -> {
                    if (!silent.get()) {
                        asked.reply(asked.isPing() ? "+PONG\r\n" : "$4\r\nhome\r\n");
                    }
                });
                ScriptedServer away = ScriptedServer.start(asked -> asked.reply("$4\r\naway\r\n"));
                RunningProxy proxy = RunningProxy.overPorts(home.port(), away.port())
                        .timeout(Duration.ofSeconds(1), Duration.ofSeconds(2))
                        .ejection(Ejections.remap(Duration.ofMillis(1600)))
                        .start();
                RespClient client = proxy.connect()) {
            List<String> keys = Keys.ownedBy(0, proxy, KEYS);
            await().atMost(Duration.ofSeconds(30)).until(() -> "away".equals(client.call("GET", keys.get(0))));

            silent.set(false);
            Set<String> atHome = new HashSet<>();
            Set<Integer> sizes = new TreeSet<>();
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (atHome.size() < KEYS && System.nanoTime() < deadline) {
                for (String key : keys) {
                    boolean isHome = "home".equals(client.call("GET", key));
                    assertThat(isHome || !atHome.contains(key))
                            .as("comes home once: %s", key)
                            .isTrue();
                    if (isHome) {
                        atHome.add(key);
                    }
                }
                sizes.add(atHome.size());
            }

            System.out.println("FIGURE slow start: keys at home, look by look: " + sizes);
            assertThat(atHome).hasSize(KEYS);
            assertThat(sizes).hasSizeGreaterThan(5); // sixteen steps, some of which one look may miss
        }
    }
}
