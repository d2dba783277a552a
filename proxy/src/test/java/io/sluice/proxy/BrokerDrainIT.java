package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.arriving;
import static io.sluice.proxy.testing.Replies.assertError;
import static io.sluice.proxy.testing.Replies.receive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.BrokerRing;
import io.sluice.proxy.testing.Ensemble;
import io.sluice.proxy.testing.QueueLoad;
import io.sluice.proxy.testing.Seed;
import io.sluice.routing.cluster.RingChangeState;
import io.sluice.routing.cluster.Topology;
import io.sluice.testing.RespClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two proxies while a server of a ring, whose lists are used as queues, is drained: the test is the manager. */
class BrokerDrainIT {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int QUEUES = 100;
    private static final int QUEUES_THAT_MOVE = 60;
    private static final int BETWEEN_THE_PROXIES = 300; // elements that are added while one is a step behind

    private static List<Ensemble> ensembles;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startZooKeepers() throws Exception {
        ensembles = List.of(Ensemble.of(1), Ensemble.of(1));
    }

    @AfterAll
    static void stopZooKeepers() throws Exception {
        for (Ensemble ensemble : ensembles) {
            ensemble.close();
        }
    }

    @AfterEach
    void forgetEverything() throws Exception {
        for (Ensemble ensemble : ensembles) {
            ensemble.client().delete().deletingChildrenIfNeeded().forPath(Ensemble.PATHS.root());
        }
    }

    private BrokerRing ring() throws Exception {
        return new BrokerRing(ensembles, folder);
    }

    private static BrokerRing draining(BrokerRing ring) throws Exception {
        turning(ring);
        ring.tellAll(ring.in(RingChangeState.DRAINING));
        return ring;
    }

    private static void turning(BrokerRing ring) throws Exception {
        ring.tellAll(ring.prepared());
        ring.tellAll(ring.in(RingChangeState.SEALED));
        ring.tellAll(ring.in(RingChangeState.TURNING));
    }

    private static @Nullable Object soon(CompletableFuture<@Nullable Object> reply) throws Exception {
        return reply.get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    private static long blockedAt(RespClient server) throws Exception {
        return String.valueOf(server.call("INFO", "clients"))
                .lines()
                .filter(line -> line.startsWith("blocked_clients:"))
                .mapToLong(line -> Long.parseLong(line.substring("blocked_clients:".length())))
                .findFirst()
                .orElse(0);
    }

    private static void awaitBlocked(RespClient server, long clients) {
        await().atMost(SOON).pollInterval(Duration.ofMillis(2)).until(() -> blockedAt(server) == clients);
    }

    // ---- the whole

    @Test
    void nothingIsLostOrComesTwiceAndEachQueueKeepsItsOrderThereAndBack() throws Exception {
        drainAndGoBack(1);
    }

    /** Each round takes about as long as the queues need to be drained twice. */
    @Test
    @Tag("soak")
    void norWhenThatIsDoneOverAndOver() throws Exception {
        drainAndGoBack(Integer.getInteger("sluice.rounds", 40));
    }

    private void drainAndGoBack(int rounds) throws Exception {
        Seed seed = Seed.next("BrokerDrainIT");
        try (BrokerRing ring = ring()) {
            List<String> moving = ring.queuesToMove("job:", QUEUES_THAT_MOVE);
            List<String> queues = new ArrayList<>(ring.queuesToStay("job:", QUEUES - QUEUES_THAT_MOVE));
            queues.addAll(moving);
            try (QueueLoad load = new QueueLoad(ring, 2, queues, seed.random())) {
                load.start();

                for (int round = 0; round < rounds && load.violations().isEmpty(); round++) {
                    ring.tellAll(ring.prepared());
                    apart(ring, load, ring.in(RingChangeState.SEALED), round % 2);
                    goThrough(ring, load, moving, round % 2);
                    ring.tellAll(ring.exchanged());
                    goThrough(ring, load, moving, 1 - round % 2);
                    ring.tellAll(ring.done());
                }

                assertThat(load.finish()).as(seed.toString()).isEmpty();
                assertThat(load.pops()).isEqualTo(load.pushes());
                System.out.printf("FIGURE broker drain and back: rounds=%d elements=%d%n", rounds, load.pops());
            }
        }
    }

    /** One proxy is ahead of the other for a while, at each step; which one it is changes. */
    private static void goThrough(BrokerRing ring, QueueLoad load, List<String> moving, int ahead) throws Exception {
        apart(ring, load, ring.in(RingChangeState.TURNING), ahead);
        apart(ring, load, ring.in(RingChangeState.DRAINING), 1 - ahead);
        await().atMost(SOON).pollInterval(Duration.ofMillis(20)).until(() -> ring.isDrained(moving));
    }

    private static void apart(BrokerRing ring, QueueLoad load, Topology next, int ahead) throws Exception {
        ring.tell(ahead, next);
        await().atMost(SOON).until(() -> ring.epoch(ahead) == next.epoch());
        long before = load.pushes();
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> load.pushes() >= before + BETWEEN_THE_PROXIES
                        || !load.violations().isEmpty());
        ring.tell(1 - ahead, next);
        ring.awaitApplied();
    }

    // ---- step by step

    /** So nothing that would keep the change from its end comes to be there while elements go elsewhere already. */
    @Test
    void onceItIsSealedQueuesAreServedWhereTheyAreAndNothingElseIs() throws Exception {
        try (BrokerRing ring = ring();
                RespClient client = ring.client(0);
                RespClient old = ring.old().connect()) {
            List<String> queues = ring.queuesToMove("q", 2);
            String queue = queues.get(0);
            ring.tellAll(ring.prepared());
            assertThat(client.call("HSET", queue, "f", "v")).isEqualTo(1L);
            assertThat(client.call("DEL", queue)).isEqualTo(1L);

            ring.tellAll(ring.in(RingChangeState.SEALED));

            assertError(client.call("HSET", queue, "f", "v")).startsWith("ERR Queue moving: ");
            assertError(client.call("RENAME", queue, queues.get(1))).startsWith("ERR Queue moving: ");
            assertThat(client.call("RPUSH", queue, "1", "2", "3", "4")).isEqualTo(4L);
            assertThat(client.call("LPOP", queue)).isEqualTo("1");
            assertThat(client.call("BLPOP", queue, "1")).isEqualTo(List.of(queue, "2"));
            assertThat(client.call("LLEN", queue)).isEqualTo(2L);
            assertThat(client.call("EXISTS", queue)).isEqualTo(1L);
            assertThat(old.call("LRANGE", queue, "0", "-1")).isEqualTo(List.of("3", "4"));
            assertThat(client.call("DEL", queue)).isEqualTo(1L);
            assertThat(old.call("EXISTS", queue)).isEqualTo(0L);
            ring.tellAll(ring.in(RingChangeState.PREPARE)); // something else was found
            assertThat(client.call("HSET", queue, "f", "v")).isEqualTo(1L);
        }
    }

    @Test
    void publishesGoToTheNewServerAndWhatCameBeforeIsTakenFirst() throws Exception {
        try (BrokerRing ring = ring();
                RespClient client = ring.client(0);
                RespClient old = ring.old().connect()) {
            String queue = ring.queuesToMove("q", 1).get(0);
            String one = ring.queuesToStay("q", 1).get(0);
            client.call("RPUSH", queue, "1", "2");
            turning(ring);

            assertThat(client.call("RPUSH", queue, "3")).isEqualTo(1L);
            assertThat(client.call("RPUSH", one, "a")).isEqualTo(1L);
            assertThat(old.call("LLEN", queue)).isEqualTo(2L);
            assertThat(client.call("LLEN", queue)).isEqualTo(3L);
            assertThat(client.call("LPOP", queue)).isEqualTo("1");
            ring.tellAll(ring.in(RingChangeState.DRAINING));
            assertThat(client.call("LPOP", queue, "5")).isEqualTo(List.of("2"));
            assertThat(client.call("LPOP", queue, "5")).isEqualTo(List.of("3"));
            assertThat(client.call("LPOP", queue)).isNull();
            assertThat(client.call("BLPOP", queue, "0.01")).isNull();
            client.call("RPUSH", queue, "4", "5");
            assertThat(client.call("BRPOP", queue, "1")).isEqualTo(List.of(queue, "5"));
            assertThat(client.call("LPOP", queue)).isEqualTo("4");
            assertThat(client.call("LPOP", one)).isEqualTo("a");
            ring.tellAll(ring.done());
            client.call("RPUSH", queue, "6");
            assertThat(client.call("LPOP", queue)).isEqualTo("6");
            assertThat(old.call("DBSIZE")).isEqualTo(0L);
        }
    }

    @Test
    void aWaitingConsumerGetsWhatCameBeforeFirst() throws Exception {
        try (BrokerRing ring = ring();
                RespClient client = ring.client(0)) {
            List<String> queues = ring.queuesToMove("q", 2);
            String queue = queues.get(0);
            client.call("RPUSH", queue, "1");
            turning(ring);
            client.call("RPUSH", queue, "2");
            ring.tellAll(ring.in(RingChangeState.DRAINING));

            assertThat(client.call("BLPOP", queue, "5")).isEqualTo(List.of(queue, "1"));
            assertThat(client.call("BLMPOP", "5", "1", queue, "LEFT")).isEqualTo(List.of(queue, List.of("2")));
            assertThat(client.call("BLPOP", queue, "0.01")).isNull();
        }
    }

    @Test
    @Tag("soak")
    void whoWaitsAtTheOldServerGetsAnElementOfTheNewOneOnceTheQueueIsDrained() throws Exception {
        try (BrokerRing ring = ring();
                RespClient consumer = ring.client(0);
                RespClient late = ring.client(0);
                RespClient producer = ring.client(1);
                RespClient old = ring.old().connect()) {
            String queue = ring.queuesToMove("q", 1).get(0);
            try (RespClient next = ring.next(queue)) {
                consumer.send("BLPOP", queue, "0");
                consumer.flush();
                awaitBlocked(old, 1);
                ring.tellAll(ring.prepared());
                ring.tellAll(ring.in(RingChangeState.SEALED));
                ring.tell(0, ring.in(RingChangeState.TURNING));
                ring.awaitApplied(0);
                late.send("BRPOP", queue, "0");
                late.flush();
                awaitBlocked(old, 2);

                producer.call("RPUSH", queue, "old"); // by a proxy that is a step behind
                assertThat(consumer.receive()).isEqualTo(List.of(queue, "old"));
                ring.tell(1, ring.in(RingChangeState.TURNING));
                ring.tellAll(ring.in(RingChangeState.TURNING));
                producer.call("RPUSH", queue, "new");
                CompletableFuture<@Nullable Object> reply = arriving(late);
                assertThat(client0Pops(ring, queue)).isNull();
                assertThat(reply).isNotDone();
                ring.tell(0, ring.in(RingChangeState.DRAINING));

                assertThat(soon(reply)).isEqualTo(List.of(queue, "new"));
                awaitBlocked(old, 0);
                consumer.send("BLPOP", queue, "0");
                consumer.flush();
                awaitBlocked(next, 1);
                assertThat(blockedAt(old)).isZero();
                producer.call("RPUSH", queue, "last");
                assertThat(consumer.receive()).isEqualTo(List.of(queue, "last"));
            }
        }
    }

    /** As long as another proxy may add to the old server, none takes from the new one. */
    private static @Nullable Object client0Pops(BrokerRing ring, String queue) throws Exception {
        try (RespClient client = ring.client(0)) {
            return client.call("LPOP", queue);
        }
    }

    @Test
    @Tag("soak")
    void theTimeOfAWaitGoesOnAtTheNewServer() throws Exception {
        try (BrokerRing ring = ring();
                RespClient consumer = ring.client(0);
                RespClient old = ring.old().connect()) {
            String queue = ring.queuesToMove("q", 1).get(0);
            try (RespClient next = ring.next(queue)) {
                long begun = System.nanoTime();
                consumer.send("BLPOP", queue, "2");
                consumer.flush();
                awaitBlocked(old, 1);

                draining(ring);
                awaitBlocked(next, 1);

                assertThat(consumer.receive()).isNull();
                assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(1900));
            }
        }
    }

    @Test
    void whatIsPipelinedBehindAPopIsNotCarriedOutBeforeIt() throws Exception {
        try (BrokerRing ring = ring();
                RespClient client = ring.client(0)) {
            List<String> queues = ring.queuesToMove("q", 50);
            draining(ring);
            for (String queue : queues) {
                client.send("LPOP", queue);
                client.send("RPUSH", queue, "x");
                client.send("LPOP", queue);
                client.send("LPOP", queue);
            }

            for (String queue : queues) {
                assertThat(receive(client, 4)).as(queue).isEqualTo(Arrays.asList(null, 1L, "x", null));
            }
        }
    }

    @Test
    void aQueueIsThereOrNotWhereverItsElementsAre() throws Exception {
        try (BrokerRing ring = ring();
                RespClient client = ring.client(0)) {
            List<String> queues = ring.queuesToMove("q", 3);
            client.call("RPUSH", queues.get(0), "1");
            client.call("RPUSH", queues.get(1), "1");
            turning(ring);
            client.call("RPUSH", queues.get(1), "2");
            client.call("RPUSH", queues.get(2), "2");

            assertThat(queues)
                    .allSatisfy(
                            queue -> assertThat(client.call("EXISTS", queue)).isEqualTo(1L));
            assertThat(client.call("LLEN", queues.get(1))).isEqualTo(2L);
            assertThat(client.call("DEL", queues.get(0))).isEqualTo(1L);
            assertThat(client.call("DEL", queues.get(1))).isEqualTo(1L);
            assertThat(client.call("UNLINK", queues.get(2))).isEqualTo(1L);
            assertThat(client.call("UNLINK", queues.get(2))).isEqualTo(0L);
            assertThat(queues)
                    .allSatisfy(
                            queue -> assertThat(client.call("EXISTS", queue)).isEqualTo(0L));
        }
    }

    @Test
    void whatCannotBeRightAtTwoServersIsRefusedUntilTheChangeIsDone() throws Exception {
        try (BrokerRing ring = ring();
                RespClient client = ring.client(0);
                RespClient waiting = ring.client(0);
                RespClient old = ring.old().connect()) {
            List<String> queues = ring.queuesToMove("q", 2);
            String queue = queues.get(0);
            String stays = ring.queuesToStay("q", 1).get(0);
            waiting.send("BLMOVE", queue, queues.get(1), "LEFT", "RIGHT", "0");
            waiting.flush();
            awaitBlocked(old, 1);
            client.call("MULTI");
            client.call("RPUSH", queue, "never");

            turning(ring); // is acknowledged only when nobody waits there to add to a queue

            assertError(waiting.receive())
                    .startsWith("ERR Queue moving: 'blmove' cannot be carried out at two servers")
                    .contains("change=r-1", "from=server2");
            assertError(client.call("EXEC"));
            for (String[] request : new String[][] {
                {"LRANGE", queue, "0", "-1"},
                {"LMOVE", queue, queue, "LEFT", "RIGHT"},
                {"RPOPLPUSH", queue, queue},
                {"LPUSHX", queue, "x"},
                {"LREM", queue, "0", "x"},
                {"EXPIRE", queue, "10"},
                {"SET", queue, "x"},
                {"XADD", queue, "*", "f", "v"},
                {"EVAL", "return redis.call('rpush', KEYS[1], 'x')", "1", queue},
                {"DEL", queue, queues.get(1)},
                {"BLMOVE", queue, queue, "LEFT", "RIGHT", "1"},
                {"BLPOP", queue, stays, "1"},
                {"XREAD", "BLOCK", "10", "STREAMS", queue, "$"},
                {"WATCH", queue}
            }) {
                assertError(client.call(request)).as(request[0]).startsWith("ERR Queue moving: ");
            }
            client.call("MULTI");
            assertError(client.call("LPOP", queue)).contains("cannot be watched or be part of a transaction");
            assertError(client.call("EXEC")).startsWith("EXECABORT");
            assertThat(client.call("SET", stays, "x")).isEqualTo("OK");
            assertThat(AdminClient.metrics(ring.proxy(0).adminPort())
                            .value("sluice_request_errors_total{kind=draining, pool=" + Ensemble.POOL + "}"))
                    .isPositive();
            ring.tellAll(ring.in(RingChangeState.DRAINING));
            assertThat(ring.isDrained(queues)).isTrue();
            ring.tellAll(ring.done());
            assertThat(client.call("LRANGE", queue, "0", "-1")).isEqualTo(List.of());
        }
    }

    // ---- faults

    @Test
    @Tag("soak")
    void whenTheOldServerIsDeadConsumersAreToldAndPublishersAreServed() throws Exception {
        try (BrokerRing ring = ring();
                RespClient client = ring.client(0);
                RespClient waiting = ring.client(1)) {
            List<String> queues = ring.queuesToMove("q", 2);
            String queue = queues.get(0);
            String empty = queues.get(1);
            client.call("RPUSH", queue, "1");
            draining(ring);
            assertThat(client.call("LPOP", empty)).isNull();

            ring.old().kill();

            assertThat(client.call("RPUSH", queue, "2")).isEqualTo(1L);
            assertThat(client.call("RPUSH", empty, "2")).isEqualTo(1L);
            assertError(client.call("LPOP", queue)); // there may be something, and that comes first
            assertError(waiting.call("BLPOP", queue, "1"));
            assertError(client.call("LLEN", queue));
            assertThat(client.call("LPOP", empty)).isEqualTo("2"); // it had nothing
            ring.tellAll(ring.done());
            assertThat(client.call("LPOP", queue)).isEqualTo("2");
        }
    }

    @Test
    @Tag("soak")
    void aProxyThatHasLeftTheOldServerServesOneThatIsAStepBehind() throws Exception {
        try (BrokerRing ring = ring();
                RespClient ahead = ring.client(0);
                RespClient behind = ring.client(1)) {
            String queue = ring.queuesToMove("q", 1).get(0);
            ring.tellAll(ring.prepared());
            ring.tellAll(ring.in(RingChangeState.SEALED));
            ring.tell(0, ring.in(RingChangeState.TURNING));
            ring.awaitApplied(0);

            ahead.call("RPUSH", queue, "new");
            behind.call("RPUSH", queue, "old");

            assertThat(ahead.call("LPOP", queue)).isEqualTo("old");
            assertThat(ahead.call("LPOP", queue)).isNull(); // the other one may yet add to what comes first
            behind.call("RPUSH", queue, "old as well");
            assertThat(ahead.call("BLPOP", queue, "1")).isEqualTo(List.of(queue, "old as well"));
            ring.tellAll(ring.in(RingChangeState.TURNING));
            ring.tell(1, ring.in(RingChangeState.DRAINING));
            ring.awaitApplied(1);
            assertThat(ahead.call("LPOP", queue)).isNull();
            assertThat(behind.call("LPOP", queue)).isEqualTo("new");
        }
    }

    @Test
    @Tag("soak")
    void theStateIsAcknowledgedOnceWhatWasSentToTheOldServerIsAnswered() throws Exception {
        try (BrokerRing ring = ring();
                RespClient client = ring.client(0)) {
            String queue = ring.queuesToMove("q", 1).get(0);
            client.call("RPUSH", queue, "0");
            ring.tellAll(ring.prepared());
            ring.tellAll(ring.in(RingChangeState.SEALED));
            ring.old().pause();
            client.send("RPUSH", queue, "1");
            client.flush();
            await().atMost(SOON)
                    .until(() -> AdminClient.metrics(ring.proxy(0).adminPort())
                                    .value("sluice_requests_in_flight{pool=" + Ensemble.POOL + "}")
                            == 1);

            ring.tell(0, ring.in(RingChangeState.TURNING));
            await().atMost(SOON).until(() -> ring.epoch(0) == ring.epoch());
            long sequence = ensembles.get(0).heartbeat("proxy-1").sequence();
            await().atMost(SOON)
                    .until(() -> ensembles.get(0).heartbeat("proxy-1").sequence() > sequence + 2);
            assertThat(ensembles.get(0).heartbeat("proxy-1").applied()).isEqualTo(ring.epoch() - 1);

            ring.old().resume();
            assertThat(client.receive()).isEqualTo(2L);
            ring.awaitApplied(0);
        }
    }
}
