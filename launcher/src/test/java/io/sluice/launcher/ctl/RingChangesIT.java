package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.api.Answers.MigrationsAnswer;
import io.sluice.manager.api.Answers.RingAnswer;
import io.sluice.testing.MemcachedServer;
import io.sluice.testing.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rings really change: stock servers, a real ZooKeeper, a manager and proxies that follow it, clients that check. */
class RingChangesIT {

    private static final double LEAST_HITS = 1 - 1.0 / 5 - 0.05;

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("sluice.seed", System.nanoTime());
    private final List<AutoCloseable> servers = new ArrayList<>();

    @AfterEach
    void stopServers() throws Exception {
        for (AutoCloseable server : servers) {
            server.close();
        }
    }

    private List<String> memcached(int count) {
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            MemcachedServer server = MemcachedServer.onFreePort();
            server.start();
            servers.add(server);
            addresses.add(server.address());
        }
        return addresses;
    }

    private List<String> redis(int count) {
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RedisServer server = RedisServer.onFreePort();
            server.start();
            servers.add(server);
            addresses.add(server.address());
        }
        return addresses;
    }

    private static void done(ChangingRing ring, String line) {
        long begin = System.nanoTime();
        CtlRun run = ring.ctl(line + " --yes");
        assertThat(run.exitCode()).as("%s%s", run.out(), run.err()).isEqualTo(CtlExit.OK);
        long took = Duration.ofNanos(System.nanoTime() - begin).toMillis();
        System.out.printf("FIGURE rings, %s: %d ms%n", line.split(" ", -1)[1], took);
    }

    private static void awaitState(ChangingRing ring, String state) {
        await(state)
                .atMost(ChangingRing.LIMIT)
                .until(() -> told(ring).stream()
                        .anyMatch(each ->
                                each.state().equals(state) && each.waitsFor().isEmpty()));
    }

    private static List<RingAnswer> told(ChangingRing ring) {
        return Ctl.read(ring.ctl("migrations --json").out(), MigrationsAnswer.class)
                .rings();
    }

    private static void work(CacheClients clients, long answers) {
        long until = clients.answers() + answers;
        await("clients go on").atMost(ChangingRing.LIMIT).until(() -> clients.answers() >= until);
    }

    private static void judge(CacheClients clients) throws InterruptedException {
        List<String> violations = clients.stop();
        System.out.printf("FIGURE rings, cache: %d answers, hit rate %.3f%n", clients.answers(), clients.hitRate());
        assertThat(violations.stream().limit(20)).isEmpty();
        assertThat(clients.hitRate()).isGreaterThan(LEAST_HITS);
    }

    @Test
    void aCacheOnItsWayNeverGivesAnOldValue() throws Exception {
        List<String> nodes = memcached(5);
        try (ChangingRing ring = ChangingRing.start(folder, "memcache", nodes.subList(0, 4));
                CacheClients clients = CacheClients.start(ring.ports(), seed)) {
            work(clients, 1_000);
            done(ring, "server add " + nodes.get(4) + " --name n4 --pool pages --window 10m");
            awaitState(ring, "window");
            work(clients, 2_000);

            assertThat(ring.ctl("migrations").out()).contains("window until 2", "n4", "old and new are asked");
            judge(clients);
        }
    }

    @Test
    @Tag("soak")
    void aCacheThatGrowsNeverGivesAnOldValueAndCanTurn() throws Exception {
        List<String> nodes = memcached(5);
        try (ChangingRing ring = ChangingRing.start(folder, "memcache", nodes.subList(0, 4));
                CacheClients clients = CacheClients.start(ring.ports(), seed)) {
            work(clients, 2_000);
            String add = "server add " + nodes.get(4) + " --name n4 --pool pages --window 10m";
            assertThat(ring.ctl(add + " --dry-run").out()).contains("% of the keys get another server");
            done(ring, add);
            awaitState(ring, "window");
            work(clients, 4_000);
            assertThat(ring.ctl("migrations").out()).contains("window", "n4", "old and new are asked");
            String id = told(ring).get(0).id();

            assertThat(ring.ctl("migrations abort " + id + " --yes").exitCode()).isZero();
            await("on its way back")
                    .atMost(ChangingRing.LIMIT)
                    .until(() -> ring.servers().contains("n4"));
            awaitState(ring, "window");
            work(clients, 4_000);

            assertThat(ring.ctl("migrations").out()).contains("goes back");
            judge(clients);
        }
    }

    @Test
    @Tag("soak") // closing lasts 10 s each time
    void aCacheGrowsAndShrinksWithoutAnOldValue() throws Exception {
        List<String> nodes = memcached(5);
        try (ChangingRing ring = ChangingRing.start(folder, "memcache", nodes.subList(0, 4));
                CacheClients clients = CacheClients.start(ring.ports(), seed)) {
            for (int i = 0; i < 2; i++) {
                done(ring, "server add " + nodes.get(4) + " --name n4 --pool pages --window 5s --watch");
                assertThat(ring.servers()).hasSize(5);
                done(ring, "server drain n4 --pool pages --window 5s --watch");
                assertThat(ring.servers()).hasSize(4);
            }
            judge(clients);
            assertThat(ring.ctl("history").out()).contains("ring change", "is done");
        }
    }

    @Test
    @Tag("soak")
    void queuesAreDrainedInOrderWithoutALoss() throws Exception {
        List<String> nodes = redis(3);
        try (ChangingRing ring = ChangingRing.start(folder, "redis", nodes);
                QueueClients clients = QueueClients.start(ring.ports(), seed)) {
            await("queues are used").atMost(ChangingRing.LIMIT).until(() -> clients.delivered() > 1_000);

            done(ring, "server drain n2 --pool pages --broker --grace 1s --watch");

            assertThat(ring.servers()).hasSize(2).doesNotContain("n2");
            long before = clients.delivered();
            await("queues are used").atMost(ChangingRing.LIMIT).until(() -> clients.delivered() > before + 500);
            List<String> violations = clients.stop();
            System.out.printf("FIGURE rings, broker: %d messages%n", clients.delivered());
            assertThat(violations.stream().limit(20)).isEmpty();
        }
    }
}
