package io.sluice.proxy;

import static io.sluice.routing.cluster.RingChangeState.CLOSING;
import static io.sluice.routing.cluster.RingChangeState.INVALIDATE;
import static io.sluice.routing.cluster.RingChangeState.PREPARE;
import static io.sluice.routing.cluster.RingChangeState.WINDOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.protocol.CacheWords;
import io.sluice.proxy.testing.CacheLoad;
import io.sluice.proxy.testing.CuttableRelay;
import io.sluice.proxy.testing.Ensemble;
import io.sluice.proxy.testing.Seed;
import io.sluice.proxy.testing.TurningRing;
import io.sluice.proxy.testing.TurningRing.Follower;
import io.sluice.routing.cluster.RingChangeState;
import io.sluice.testing.TextClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The proxy's part when a ring of memcached servers gets another one: two proxies, the test is their manager. */
class CacheWindowIT {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int CLIENTS = 6;

    /** So long lasts CLOSING here: claims are over then. */
    private static final Duration CLAIMS = Duration.ofMillis(CacheWords.CLAIM_SECONDS * 1_000L + 200);

    private static Ensemble ensemble;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startZooKeeper() throws Exception {
        ensemble = Ensemble.of(1);
    }

    @AfterAll
    static void stopZooKeeper() throws Exception {
        ensemble.close();
    }

    private TurningRing ring(TestInfo test) {
        return new TurningRing(
                ensemble, folder, test.getTestMethod().orElseThrow().getName());
    }

    // ---- under load

    private static CacheLoad load(TurningRing ring, Seed seed) throws Exception {
        return new CacheLoad(
                        seed, ring.first().proxy().port(), ring.second().proxy().port())
                .start(CLIENTS);
    }

    /** Lets requests pass while only the first proxy is in the state, and again when both are. */
    private static void pass(TurningRing ring, CacheLoad load, long requests, RingChangeState... states)
            throws Exception {
        for (RingChangeState state : states) {
            ring.first().enter(state);
            load.letPass(requests);
            ring.second().enter(state);
            load.letPass(requests);
        }
    }

    private static void assertTrue(CacheLoad load) throws Exception {
        load.end();
        assertThat(load.failures()).isEmpty();
        assertThat(load.history().violations()).isEmpty();
        assertThat(load.errors()).isEmpty();
        System.out.printf(
                "FIGURE cache window: requests=%d worst_hit_rate=%.3f%n", load.requests(), load.worstHitRate());
        assertThat(load.worstHitRate()).isGreaterThan(1 - 1.0 / 5 - 0.05);
    }

    @Test
    void nothingOldIsEverReadWhileProxiesLearnOfTheNewRingOneAfterTheOther(TestInfo test) throws Exception {
        try (TurningRing ring = ring(test).start();
                CacheLoad load = load(ring, Seed.next(test.getDisplayName()))) {
            load.letPass(1_000);

            pass(ring, load, 1_500, PREPARE, INVALIDATE, WINDOW, CLOSING);
            load.letPass(CLAIMS);
            for (Follower follower : ring.both()) {
                follower.end();
                load.letPass(1_000);
            }

            assertTrue(load);
            assertThat(total(ring, "sluice_window_hits_old_total")).isPositive();
            assertThat(total(ring, "sluice_window_hits_new_total")).isPositive();
            assertThat(total(ring, "sluice_window_fills_total")).isPositive();
        }
    }

    private static double total(TurningRing ring, String metric) throws Exception {
        return ring.first().metric(metric) + ring.second().metric(metric);
    }

    @Test
    @Tag("soak")
    void nothingOldIsEverReadOnTheWayBack(TestInfo test) throws Exception {
        try (TurningRing ring = ring(test).start();
                CacheLoad load = load(ring, Seed.next(test.getDisplayName()))) {
            pass(ring, load, 700, PREPARE, INVALIDATE, WINDOW, INVALIDATE);
            for (Follower follower : ring.both()) {
                follower.turn();
                load.letPass(1_000);
            }
            pass(ring, load, 700, CLOSING);
            load.letPass(CLAIMS);
            for (Follower follower : ring.both()) {
                follower.end();
                load.letPass(700);
            }

            assertTrue(load);
            assertThat(total(ring, "sluice_window_hits_old_total")).isPositive();
        }
    }

    // ---- one by one

    @Test
    void whatOnlyTheOldServerHasIsFoundAndGoesHome(TestInfo test) throws Exception {
        try (TurningRing ring = ring(test).start();
                TextClient client = ring.first().connect()) {
            List<String> keys = ring.movingKeys("k", 3, -1);
            for (String key : keys) {
                client.store("set " + key + " 5 100", "value of " + key);
            }
            ring.enter(PREPARE, INVALIDATE, WINDOW);

            for (String key : keys) {
                String hit =
                        "VALUE " + key + " 5 " + ("value of " + key).length() + "\r\nvalue of " + key + "\r\nEND\r\n";
                assertThat(client.ask("get " + key)).isEqualTo(hit);
                await().atMost(SOON).until(() -> ring.on(ring.added(), key).equals(hit));
                assertThat(ring.on(ring.cache(ring.oldOwner(key)), key)).isEqualTo("END\r\n");
                assertThat(client.ask("get " + key)).isEqualTo(hit);
            }

            assertThat(ring.first().metric("sluice_window_hits_old_total")).isEqualTo(3);
            assertThat(ring.first().metric("sluice_window_hits_new_total")).isEqualTo(3);
            assertThat(ring.first().metric("sluice_window_fills_total")).isEqualTo(3);
            try (TextClient direct = ring.added().connect()) {
                direct.send("mg " + keys.get(0) + " t\r\n");
                assertThat(direct.reply()).matches("HD t(9\\d|100)\r\n");
            }
        }
    }

    @Test
    void everyCommandDoesInTheWindowWhatItDoesOnOneServer(TestInfo test) throws Exception {
        try (TurningRing ring = ring(test).start();
                TextClient client = ring.first().connect()) {
            List<String> keys = ring.movingKeys("k", 14, -1);
            for (String key : keys) {
                client.store("set " + key + " 5 0", "10");
            }
            ring.enter(PREPARE, INVALIDATE, WINDOW);

            assertThat(client.ask("incr " + keys.get(0) + " 5")).isEqualTo("15\r\n");
            assertThat(client.ask("decr " + keys.get(1) + " 3")).isEqualTo("7\r\n");
            assertThat(client.store("append " + keys.get(2) + " 0 0", "x")).isEqualTo("STORED\r\n");
            assertThat(client.store("prepend " + keys.get(3) + " 0 0", "x")).isEqualTo("STORED\r\n");
            assertThat(client.store("replace " + keys.get(4) + " 0 0", "new")).isEqualTo("STORED\r\n");
            assertThat(client.ask("touch " + keys.get(5) + " 0")).isEqualTo("TOUCHED\r\n");
            assertThat(client.ask("gat 0 " + keys.get(6))).isEqualTo(value(keys.get(6), "10"));
            assertThat(client.ask("delete " + keys.get(7))).isEqualTo("DELETED\r\n");
            assertThat(client.ask("delete " + keys.get(7))).isEqualTo("NOT_FOUND\r\n");
            assertThat(client.store("set " + keys.get(8) + " 5 0", "set")).isEqualTo("STORED\r\n");
            assertThat(client.store("add " + keys.get(7) + " 5 0", "added")).isEqualTo("STORED\r\n");
            assertThat(client.store("add " + keys.get(7) + " 5 0", "again")).isEqualTo("NOT_STORED\r\n");
            String found = client.ask("gets " + keys.get(9));
            String version = found.substring(0, found.indexOf('\r')).split(" ", -1)[4];
            assertThat(client.ask("cas " + keys.get(9) + " 5 0 1 " + version + "\r\nc"))
                    .isEqualTo("STORED\r\n");
            assertThat(client.ask("cas " + keys.get(9) + " 5 0 1 " + version + "\r\nd"))
                    .isEqualTo("EXISTS\r\n");

            assertThat(ring.first().metric("sluice_window_promotions_total")).isEqualTo(8);
            assertThat(client.ask("gat 0 " + keys.get(10) + " " + keys.get(10)))
                    .isEqualTo(twice(value(keys.get(10), "10")));
            assertThat(client.ask("get " + keys.get(11) + " " + keys.get(11)))
                    .isEqualTo(twice(value(keys.get(11), "10")));
            assertThat(client.ask("gets " + keys.get(12) + " " + keys.get(12)).split("VALUE ", -1))
                    .hasSize(3);
            assertThat(client.ask("get " + keys.get(0))).isEqualTo(value(keys.get(0), "15"));
            assertThat(client.ask("get " + keys.get(2))).isEqualTo(value(keys.get(2), "10x"));
            assertThat(client.ask("get " + keys.get(3))).isEqualTo(value(keys.get(3), "x10"));
            assertThat(client.ask("get " + keys.get(7))).isEqualTo(value(keys.get(7), "added"));
            assertThat(client.ask("get " + keys.get(8))).isEqualTo(value(keys.get(8), "set"));
            assertThat(client.ask("get " + keys.get(9))).isEqualTo(value(keys.get(9), "c"));
            for (String missing : ring.movingKeys("none", 1, -1)) {
                assertThat(client.ask("get " + missing)).isEqualTo("END\r\n");
                assertThat(client.ask("gets " + missing)).isEqualTo("END\r\n");
                assertThat(client.ask("incr " + missing + " 1")).isEqualTo("NOT_FOUND\r\n");
                assertThat(client.ask("touch " + missing + " 1")).isEqualTo("NOT_FOUND\r\n");
                assertThat(client.store("append " + missing + " 0 0", "x")).isEqualTo("NOT_STORED\r\n");
                assertThat(client.store("replace " + missing + " 0 0", "x")).isEqualTo("NOT_STORED\r\n");
                assertThat(client.ask("cas " + missing + " 5 0 1 77\r\nc")).isEqualTo("NOT_FOUND\r\n");
                assertThat(ring.on(ring.added(), missing)).isEqualTo("END\r\n");
            }
        }
    }

    /** The reply to a get that names the key of this one twice. */
    private static String twice(String reply) {
        return reply.replace("END\r\n", "") + reply;
    }

    private static String value(String key, String value) {
        return "VALUE " + key + " 5 " + value.length() + "\r\n" + value + "\r\nEND\r\n";
    }

    @Test
    void aClientThatDoesNotWaitForRepliesSeesItsOwnWrites(TestInfo test) throws Exception {
        try (TurningRing ring = ring(test).start();
                TextClient client = ring.first().connect()) {
            String key = ring.movingKeys("k", 1, -1).get(0);
            client.store("set " + key + " 5 0", "old");
            ring.enter(PREPARE, INVALIDATE, WINDOW);

            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 100; i++) {
                requests.append(
                        "set " + key + " 5 0 3\r\n" + (100 + i) + "\r\nget " + key + "\r\nincr " + key + " 1\r\n");
            }
            client.send(requests.toString());

            for (int i = 0; i < 100; i++) {
                assertThat(client.reply()).isEqualTo("STORED\r\n");
                assertThat(client.reply()).isEqualTo(value(key, String.valueOf(100 + i)));
                assertThat(client.reply()).isEqualTo(101 + i + "\r\n");
            }
        }
    }

    // ---- what comes late

    /** Whoever would fill is held up between reading the old value and storing it. */
    @Test
    void aValueThatComesTooLateIsRefused(TestInfo test) throws Exception {
        comeTooLate(test, Duration.ZERO);
    }

    @Test
    @Tag("soak")
    void andSoIsOneThatComesTenSecondsLate(TestInfo test) throws Exception {
        comeTooLate(test, Duration.ofSeconds(10));
    }

    private void comeTooLate(TestInfo test, Duration late) throws Exception {
        try (TurningRing ring = ring(test);
                CuttableRelay toOld = new CuttableRelay(ring.cache(0).port());
                CuttableRelay toNew = new CuttableRelay(ring.added().port())) {
            ring.first().proxy().timeout(SOON.plus(late), null);
            ring.first().reach(0, port(toOld));
            ring.first().reach(TurningRing.OLD_SERVERS, port(toNew));
            ring.start();
            try (TextClient slow = ring.first().connect();
                    TextClient other = ring.second().connect()) {
                List<String> keys = ring.movingKeys("k", 2, 0);
                for (String key : keys) {
                    slow.store("set " + key + " 5 0", "old");
                }
                ring.enter(PREPARE, INVALIDATE, WINDOW);

                toOld.cut();
                for (String key : keys) {
                    slow.send("get " + key + "\r\n");
                    await().atMost(SOON).until(() -> isClaimed(ring, key));
                }
                toNew.cut();
                toOld.release();
                for (String key : keys) {
                    assertThat(slow.reply()).isEqualTo(value(key, "old"));
                    await().atMost(SOON).until(() -> ring.on(ring.cache(0), key).equals("END\r\n"));
                }
                assertThat(other.store("set " + keys.get(0) + " 5 0", "new")).isEqualTo("STORED\r\n");
                assertThat(other.ask("delete " + keys.get(1))).isIn("DELETED\r\n", "NOT_FOUND\r\n");
                await().pollDelay(late).atMost(SOON.plus(late)).until(() -> true);
                toNew.release();

                await().atMost(SOON).until(() -> ring.first().metric("sluice_window_fills_refused_total") == 2);
                for (TextClient client : List.of(slow, other)) {
                    assertThat(client.ask("get " + keys.get(0))).isEqualTo(value(keys.get(0), "new"));
                    assertThat(client.ask("get " + keys.get(1))).isEqualTo("END\r\n");
                }
            }
        }
    }

    /** Between the look at the value and its change somebody deletes it, and a third claims the place. */
    @Test
    void aClaimIsNeverTakenForAValue(TestInfo test) throws Exception {
        Map<String, String> nothing = new LinkedHashMap<>();
        for (String stores : List.of("append %s 5 0 1\r\nx", "prepend %s 5 0 1\r\nx", "replace %s 5 0 1\r\nx")) {
            nothing.put(stores, "NOT_STORED\r\n");
        }
        for (String finds : List.of("touch %s 0", "incr %s 1")) {
            nothing.put(finds, "NOT_FOUND\r\n");
        }
        nothing.put("gat 0 %s", "END\r\n");
        nothing.put("gats 0 %s", "END\r\n");
        try (TurningRing ring = ring(test);
                CuttableRelay toOld = new CuttableRelay(ring.cache(0).port())) {
            ring.first().reach(0, port(toOld));
            ring.start();
            try (TextClient slow = ring.first().connect();
                    TextClient third = ring.added().connect()) {
                List<String> keys = ring.movingKeys("k", nothing.size(), 0);
                ring.enter(PREPARE, INVALIDATE, WINDOW);
                int number = 0;
                for (Map.Entry<String, String> request : nothing.entrySet()) {
                    String key = keys.get(number++);
                    slow.store("set " + key + " 5 0", "10");

                    toOld.cut();
                    slow.send(String.format(request.getKey(), key) + "\r\n");
                    await().atMost(SOON).until(() -> ring.first().metric("sluice_requests_in_flight") == 1);
                    assertThat(third.ask("delete " + key)).isEqualTo("DELETED\r\n");
                    assertThat(third.ask("mg " + key + " s N30")).isEqualTo("HD s0 W\r\n");
                    toOld.release();

                    assertThat(slow.reply()).as(request.getKey()).isEqualTo(request.getValue());
                    assertThat(slow.ask("get " + key)).isEqualTo("END\r\n");
                    await().atMost(SOON).until(() -> ring.on(ring.added(), key).equals("END\r\n"));
                }
            }
        }
    }

    @Test
    void whatWouldChangeAValueFindsNoneWhileProxiesTurn(TestInfo test) throws Exception {
        try (TurningRing ring = ring(test).start();
                TextClient client = ring.first().connect()) {
            List<String> keys = ring.movingKeys("k", 7, -1);
            for (String key : keys) {
                client.store("set " + key + " 5 0", "10");
            }
            ring.enter(PREPARE, INVALIDATE);

            assertThat(client.ask("incr " + keys.get(0) + " 1")).isEqualTo("NOT_FOUND\r\n");
            assertThat(client.store("append " + keys.get(1) + " 5 0", "x")).isEqualTo("NOT_STORED\r\n");
            assertThat(client.ask("touch " + keys.get(2) + " 0")).isEqualTo("NOT_FOUND\r\n");
            assertThat(client.ask("gat 0 " + keys.get(3))).isEqualTo("END\r\n");
            assertThat(client.store("add " + keys.get(3) + " 5 0", "11")).isEqualTo("STORED\r\n");
            assertThat(client.store("set " + keys.get(4) + " 5 0", "11")).isEqualTo("STORED\r\n");
            assertThat(client.ask("get " + keys.get(5))).isEqualTo(value(keys.get(5), "10"));
            assertThat(client.ask("gets " + keys.get(6))).startsWith("VALUE " + keys.get(6) + " 5 2 ");

            ring.enter(WINDOW);
            for (String key : keys.subList(0, 5)) {
                assertThat(client.ask("get " + key)).isEqualTo("END\r\n");
            }
            for (String key : keys.subList(5, 7)) {
                assertThat(client.ask("get " + key)).isEqualTo(value(key, "10"));
            }
        }
    }

    private static int port(CuttableRelay relay) {
        return Integer.parseInt(relay.address().split(":", 2)[1]);
    }

    private static boolean isClaimed(TurningRing ring, String key) throws Exception {
        try (TextClient client = ring.added().connect()) {
            return client.ask("mg " + key + " s").endsWith("Z\r\n");
        }
    }

    @Test
    void aStateIsAcknowledgedWhenNothingOfTheOneBeforeIsUnderWay(TestInfo test) throws Exception {
        try (TurningRing ring = ring(test).start();
                TextClient client = ring.first().connect()) {
            String key = ring.movingKeys("k", 1, 0).get(0);
            ring.enter(PREPARE, INVALIDATE, WINDOW);
            client.store("set " + key + " 5 0", "old");
            ring.added().pause();
            client.send("set " + key + " 5 0 3\r\nnew\r\n"); // deleted on the old server, and not yet on the new one
            await().atMost(SOON).until(() -> ring.first().metric("sluice_requests_in_flight") == 1);

            ring.first().write(CLOSING);
            await().pollDelay(Duration.ofMillis(500))
                    .atMost(SOON)
                    .until(() -> !ring.first().hasAcknowledged());

            ring.added().resume();
            assertThat(client.reply()).isEqualTo("STORED\r\n");
            ring.first().awaitAcknowledged();
        }
    }

    @Test
    void aClientsOrderIsKeptWhenTheChangeEnds(TestInfo test) throws Exception {
        try (TurningRing ring = ring(test).start();
                TextClient client = ring.first().connect()) {
            String key = ring.movingKeys("k", 1, 0).get(0);
            ring.enter(PREPARE, INVALIDATE, WINDOW, CLOSING);
            ring.cache(0).pause();
            client.send("set " + key + " 5 0 1\r\n1\r\n"); // to be deleted on the old server first
            await().atMost(SOON).until(() -> ring.first().metric("sluice_requests_in_flight") == 1);

            ring.first().writeEnd();
            await().atMost(SOON).until(ring.first()::servesNewest);
            client.send("set " + key + " 5 0 1\r\n2\r\n");
            await().pollDelay(Duration.ofMillis(200))
                    .atMost(SOON)
                    .until(() -> ring.on(ring.added(), key).equals("END\r\n"));
            ring.cache(0).resume();

            assertThat(client.reply()).isEqualTo("STORED\r\n");
            assertThat(client.reply()).isEqualTo("STORED\r\n");
            assertThat(client.ask("get " + key)).isEqualTo(value(key, "2"));
            ring.first().awaitAcknowledged();
        }
    }

    // ---- servers that die

    @Test
    void whileTheOldServerIsDeadItsKeysGetErrorsAndNothingOld(TestInfo test) throws Exception {
        try (TurningRing ring = ring(test).start();
                TextClient client = ring.first().connect();
                TextClient other = ring.second().connect()) {
            List<String> keys = ring.movingKeys("k", 3, 0);
            for (String key : keys) {
                client.store("set " + key + " 5 0", "old");
            }
            ring.enter(PREPARE, INVALIDATE, WINDOW);
            client.store("set " + keys.get(0) + " 5 0", "new");

            ring.cache(0).kill();

            assertThat(client.ask("get " + keys.get(0))).isEqualTo(value(keys.get(0), "new"));
            assertThat(client.ask("get " + keys.get(1))).startsWith("SERVER_ERROR ");
            assertThat(client.store("set " + keys.get(1) + " 5 0", "new")).startsWith("SERVER_ERROR ");
            assertThat(client.ask("delete " + keys.get(0))).startsWith("SERVER_ERROR ");
            assertThat(client.ask("incr " + keys.get(2) + " 1")).startsWith("SERVER_ERROR ");
            ring.enter(CLOSING);
            assertThat(client.ask("get " + keys.get(1))).isEqualTo("END\r\n");
            ring.first().end();
            ring.second().end();
            assertThat(client.store("set " + keys.get(1) + " 5 0", "newer")).isEqualTo("STORED\r\n");
            assertThat(other.ask("get " + keys.get(1))).isEqualTo(value(keys.get(1), "newer"));
        }
    }

    @Test
    void whileTheNewServerIsDeadItsKeysGetErrorsAndComeBackWithTheOldRing(TestInfo test) throws Exception {
        try (TurningRing ring = ring(test).start();
                TextClient client = ring.first().connect()) {
            List<String> keys = ring.movingKeys("k", 2, 0);
            for (String key : keys) {
                client.store("set " + key + " 5 0", "old");
            }
            ring.enter(PREPARE, INVALIDATE, WINDOW);

            ring.added().kill();

            assertThat(client.ask("get " + keys.get(0))).startsWith("SERVER_ERROR ");
            assertThat(client.store("set " + keys.get(1) + " 5 0", "new")).startsWith("SERVER_ERROR ");
            ring.enter(INVALIDATE);
            assertThat(client.ask("get " + keys.get(0))).isEqualTo(value(keys.get(0), "old"));
            assertThat(client.ask("get " + keys.get(1))).isEqualTo("END\r\n"); // it was taken off, to be written anew
        }
    }
}
