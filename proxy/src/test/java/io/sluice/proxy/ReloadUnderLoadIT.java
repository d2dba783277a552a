package io.sluice.proxy;

import static io.sluice.proxy.ReloadedProxy.at;
import static io.sluice.proxy.ReloadedProxy.connections;
import static io.sluice.proxy.ReloadedProxy.pool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.admin.ConfigStatus.Reload;
import io.sluice.proxy.admin.ConfigStatus.Result;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Configurations that change while clients write and read. */
class ReloadUnderLoadIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    static final RedisServer a = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer b = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer c = RedisServer.onFreePort();

    private final int port = FreePorts.next();
    private ReloadedProxy proxy;

    @BeforeEach
    void begin(@TempDir Path folder) {
        proxy = new ReloadedProxy(folder);
    }

    @AfterEach
    void stop() {
        proxy.close();
    }

    @Test
    void fiftyReloadsUnderLoadBreakNothingAndKeepTheConnectionsOfServersThatStay() throws Exception {
        proxy.start(connected(at("a", a), at("b", b)));
        List<Load> clients = new ArrayList<>();
        AtomicBoolean stop = new AtomicBoolean();
        for (int i = 0; i < 8; i++) {
            clients.add(new Load(i, stop));
        }
        clients.forEach(Thread::start);
        await().atMost(SOON).until(() -> clients.stream().allMatch(client -> client.replies.get() > 100));
        await().atMost(SOON).until(() -> connections(a, b).size() == 4);
        Set<String> before = connections(a, b);

        for (int i = 0; i < 50; i++) {
            boolean add = i % 2 == 0;
            long seen = replies(clients);
            Reload reload = add
                    ? proxy.reload(connected(at("a", a), at("b", b), at("c", c)))
                    : proxy.reload(connected(at("a", a), at("b", b)));
            assertThat(reload.result()).as(reload.message()).isEqualTo(Result.APPLIED);
            await().atMost(SOON).until(() -> replies(clients) > seen + 400);
        }
        stop.set(true);
        for (Load client : clients) {
            client.join(30_000);
        }

        System.out.println("FIGURE reload: reloads=50 replies=" + replies(clients) + " misses="
                + clients.stream().mapToLong(client -> client.misses).sum());
        assertThat(clients).allSatisfy(client -> assertThat(client.trouble).isEmpty());
        assertThat(connections(a, b)).isEqualTo(before);
        await().atMost(SOON).untilAsserted(() -> assertThat(connections(c)).isEmpty());
    }

    /** Each of the two workers has a connection to each server, whether or not it has clients. */
    private String connected(String... servers) {
        return pool("alpha", port, servers) + "    preconnect: true\n";
    }

    private static long replies(List<Load> clients) {
        return clients.stream().mapToLong(client -> client.replies.get()).sum();
    }

    /** Writes keys of its own and reads them back, sixteen at a time; a key whose owner has changed may be missing. */
    private final class Load extends Thread {
        private final int number;
        private final AtomicBoolean stop;
        private final AtomicLong replies = new AtomicLong();
        private long misses;
        private String trouble = "";

        Load(int number, AtomicBoolean stop) {
            super("load-" + number);
            this.number = number;
            this.stop = stop;
        }

        @Override
        public void run() {
            try (RespClient client = new RespClient(port)) {
                while (!stop.get() && trouble.isEmpty()) {
                    for (int i = 0; i < 8; i++) {
                        client.send("SET", key(i), "value of " + key(i));
                        client.send("GET", key(i));
                    }
                    client.flush();
                    for (int i = 0; i < 8; i++) {
                        check("OK", client.receive());
                        Object got = client.receive();
                        if (got == null) {
                            misses++;
                        } else {
                            check("value of " + key(i), got);
                        }
                    }
                    replies.addAndGet(16);
                }
            } catch (IOException | RuntimeException e) {
                trouble = e.toString();
            }
        }

        private String key(int i) {
            return "load:" + number + ":" + i;
        }

        private void check(String expected, @Nullable Object got) {
            if (!expected.equals(got)) {
                trouble = "expected " + expected + ", got " + got;
            }
        }
    }
}
