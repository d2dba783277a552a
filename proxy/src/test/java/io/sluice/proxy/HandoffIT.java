package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.assertError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.Ensemble;
import io.sluice.proxy.testing.PrometheusText;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.proxy.topology.MemberStatus;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.hash.SlotHash;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import io.sluice.testing.workload.Workload;
import io.sluice.testing.workload.WorkloadReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The proxy's part in a handoff: the test is the manager, and moves the data. */
class HandoffIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    /** The test ends freezes, however slow the machine is, before the proxy ends them by itself. */
    private static final Duration LONG_FREEZE = Duration.ofSeconds(60);

    private static final String ID = "proxy-1";
    private static final String HANDOFF = "h-1";
    private static final SlotSet ALL = SlotSet.range(0, SlotHash.REDIS_CLUSTER.slots() - 1);

    private static Ensemble ensemble;

    @TempDir
    private Path folder;

    private Topology topology = Topology.NONE;

    @BeforeAll
    static void startZooKeeper() throws Exception {
        ensemble = Ensemble.of(1);
    }

    @AfterAll
    static void stopZooKeeper() throws Exception {
        ensemble.close();
    }

    @AfterEach
    void forgetEverything() throws Exception {
        if (ensemble.client().checkExists().forPath(Ensemble.PATHS.root()) != null) {
            ensemble.client().delete().deletingChildrenIfNeeded().forPath(Ensemble.PATHS.root());
        }
    }

    private RunningProxy proxy() throws Exception {
        return RunningProxy.in(ensemble.membership(ID, folder)).workers(2).monitored();
    }

    // ---- the manager

    private void write(Topology next) throws Exception {
        topology = next;
        ensemble.write(next);
    }

    private SlotPool pool() {
        return topology.slotPool(Ensemble.POOL).orElseThrow();
    }

    private void write(SlotPool pool) throws Exception {
        write(topology.withPool(pool).at(topology.epoch() + 1, 1));
    }

    private Handoff handoff() {
        return pool().handoff(HANDOFF).orElseThrow();
    }

    private void beginCopy(SlotSet slots, Duration lease) throws Exception {
        Handoff begun = Handoff.begin(HANDOFF, slots, "shard0", "shard1", topology.epoch() + 1);
        write(pool().withHandoff(new Handoff(
                begun.id(),
                begun.state(),
                begun.slots(),
                begun.from(),
                begun.to(),
                lease,
                LONG_FREEZE,
                begun.copySince(),
                begun.attempt())));
    }

    private void enter(HandoffState state) throws Exception {
        SlotPool changed = pool().withHandoff(handoff().in(state));
        write(state == HandoffState.SWITCHED ? changed.withOwner(handoff().slots(), "shard1") : changed);
    }

    private void awaitApplied(RunningProxy proxy) {
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> status(proxy).applied() == topology.epoch());
    }

    private static MemberStatus status(RunningProxy proxy) {
        return proxy.proxy().membership().orElseThrow();
    }

    private static double metric(RunningProxy proxy, String name) throws Exception {
        PrometheusText metrics = AdminClient.metrics(proxy.adminPort());
        return metrics.value(name + "{pool=" + Ensemble.POOL + "}");
    }

    // ---- the data: the target is a replica of the source until the switch

    private static String info(RedisServer server, String field) throws Exception {
        try (RespClient client = server.connect()) {
            return String.valueOf(client.call("INFO", "replication"))
                    .lines()
                    .filter(line -> line.startsWith(field + ":"))
                    .map(line -> line.substring(field.length() + 1).strip())
                    .findFirst()
                    .orElse("");
        }
    }

    private static void beginReplication(RedisServer source, RedisServer target) throws Exception {
        try (RespClient client = target.connect()) {
            client.call("REPLICAOF", "127.0.0.1", String.valueOf(source.port()));
        }
        await().atMost(SOON).until(() -> info(target, "master_link_status").equals("up"));
    }

    private static void endReplication(RedisServer source, RedisServer target) throws Exception {
        String drained = info(source, "master_repl_offset");
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> Long.parseLong(info(target, "slave_repl_offset")) >= Long.parseLong(drained));
        try (RespClient client = target.connect()) {
            client.call("REPLICAOF", "NO", "ONE");
        }
    }

    // ---- tests

    @Test
    void aHandoffIsAcknowledgedOnceTheRequestsFromBeforeItAreAnswered() throws Exception {
        try (RedisServer source = RedisServer.onFreePort();
                RedisServer target = RedisServer.onFreePort();
                RunningProxy proxy = proxy()) {
            source.start();
            target.start();
            write(Ensemble.allWith(1, 0, source.port(), target.port()));
            proxy.start();
            awaitApplied(proxy);
            try (RespClient client = proxy.connect()) {
                client.call("SET", "key", "before");
                source.pause();
                client.send("SET", "key", "after"); // nothing will hold its reply back if the lease is lost
                client.flush();
                await().atMost(SOON).until(() -> metric(proxy, "sluice_requests_in_flight") == 1);

                beginCopy(ALL, Handoff.LEASE);
                await().atMost(SOON).until(() -> status(proxy).epoch() == topology.epoch());
                long sequence = ensemble.heartbeat(ID).sequence();
                await().atMost(SOON).until(() -> ensemble.heartbeat(ID).sequence() > sequence + 2);
                assertThat(ensemble.heartbeat(ID).applied()).isEqualTo(topology.epoch() - 1);

                source.resume();
                assertThat(client.receive()).isEqualTo("OK");
                awaitApplied(proxy);
            } finally {
                source.resume();
            }
        }
    }

    /** Its client knows that the outcome is unknown, and hears no more of it. */
    @Test
    void aRequestThatTimedOutHoldsNoAcknowledgementUp() throws Exception {
        try (RedisServer source = RedisServer.onFreePort();
                RedisServer target = RedisServer.onFreePort();
                RunningProxy proxy = proxy().timeout(Duration.ofMillis(300), SOON.multipliedBy(10))) {
            source.start();
            target.start();
            write(Ensemble.allWith(1, 0, source.port(), target.port()));
            proxy.start();
            awaitApplied(proxy);
            try (RespClient client = proxy.connect()) {
                client.call("SET", "key", "before");
                source.pause();
                client.send("SET", "key", "after");
                client.flush();
                await().atMost(SOON).until(() -> metric(proxy, "sluice_requests_in_flight") == 1);

                beginCopy(ALL, Handoff.LEASE);
                enter(HandoffState.FREEZE);
                awaitApplied(proxy);

                assertThat(client.receive())
                        .isInstanceOf(RespError.class)
                        .asString()
                        .contains("timed out");
                client.send("GET", "key"); // waits for the end of the freeze
                client.flush();
                source.resume();
                enter(HandoffState.COPY);
                assertThat(client.receive()).isEqualTo("after");
            } finally {
                source.resume();
            }
        }
    }

    @Test
    void clientsSeeAHandoffAsAShortDelayAndNothingElse() throws Exception {
        try (RedisServer source = RedisServer.onFreePort();
                RedisServer target = RedisServer.onFreePort();
                RunningProxy proxy = proxy()) {
            source.start();
            target.start();
            write(Ensemble.allWith(1, 0, source.port(), target.port()));
            proxy.start();
            try (Workload workload = Workload.start(
                    List.of(proxy.port()),
                    Long.getLong("sluice.seed", System.nanoTime()),
                    Duration.ofMillis(2),
                    EnumSet.allOf(Workload.Extra.class))) {
                beginCopy(ALL, Handoff.LEASE);
                awaitApplied(proxy);
                beginReplication(source, target);

                enter(HandoffState.FREEZE);
                awaitApplied(proxy);
                await().atMost(SOON).until(() -> metric(proxy, "sluice_parked_requests") > 0);
                enter(HandoffState.COPY); // aborted
                await().atMost(SOON).until(() -> metric(proxy, "sluice_parked_requests") == 0);

                long begin = System.nanoTime();
                enter(HandoffState.FREEZE);
                awaitApplied(proxy);
                endReplication(source, target);
                enter(HandoffState.SWITCHED);
                awaitApplied(proxy);
                System.out.println("FIGURE handoff: frozen for "
                        + Duration.ofNanos(System.nanoTime() - begin).toMillis() + "ms");
                long atSource = commands(source);
                await().atMost(SOON).until(() -> commands(target) > 200);
                write(pool().withoutHandoff(HANDOFF));
                awaitApplied(proxy);
                WorkloadReport report = workload.stop();

                System.out.println(report);
                assertThat(report.violations()).isZero();
                assertThat(report.errorCount()).isZero();
                assertThat(commands(source)).isEqualTo(atSource);
            }
            assertThat(metric(proxy, "sluice_replies_dropped_total")).isZero();
            assertThat(metric(proxy, "sluice_parked_requests")).isZero();
            assertThat(metric(proxy, "sluice_parked_bytes")).isZero();
        }
    }

    /** Those of the workload that change something. */
    private static long commands(RedisServer server) throws Exception {
        try (RespClient client = server.connect()) {
            return String.valueOf(client.call("INFO", "commandstats"))
                    .lines()
                    .filter(line -> line.startsWith("cmdstat_incr:") || line.startsWith("cmdstat_set:"))
                    .map(line -> line.replaceFirst(".*?calls=(\\d+),.*", "$1"))
                    .mapToLong(Long::parseLong)
                    .sum();
        }
    }

    /** As an engine does it that copies keys only: a replica would repeat what its source's subscribers get. */
    @Test
    void subscribersMissNothingAndGetNothingTwice() throws Exception {
        try (RedisServer source = RedisServer.onFreePort();
                RedisServer target = RedisServer.onFreePort();
                RunningProxy proxy = proxy()) {
            source.start();
            target.start();
            write(Ensemble.allWith(1, 0, source.port(), target.port()));
            proxy.start();
            List<String> published = new ArrayList<>();
            AtomicBoolean stopped = new AtomicBoolean();
            try (RespClient subscriber = proxy.connect();
                    RespClient publisher = proxy.connect()) {
                subscriber.call("SUBSCRIBE", "news");
                CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> {
                    while (!stopped.get()) {
                        String message = "m" + published.size();
                        published.add(message);
                        try {
                            assertThat(publisher.call("PUBLISH", "news", message))
                                    .isEqualTo(1L);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }
                });
                beginCopy(ALL, Handoff.LEASE);
                awaitApplied(proxy);
                enter(HandoffState.FREEZE);
                awaitApplied(proxy);
                enter(HandoffState.COPY); // aborted
                awaitApplied(proxy);
                enter(HandoffState.FREEZE);
                awaitApplied(proxy);
                await().atMost(SOON).until(() -> metric(proxy, "sluice_parked_requests") > 0);
                assertThat(statistic(target, "pubsub_channels")).isEqualTo(1);
                enter(HandoffState.SWITCHED);
                awaitApplied(proxy);
                await().atMost(SOON).until(() -> statistic(source, "pubsub_channels") == 0);
                write(pool().withoutHandoff(HANDOFF));
                awaitApplied(proxy);
                stopped.set(true);
                publishing.get(30, TimeUnit.SECONDS);

                List<String> received = new ArrayList<>();
                while (!published
                        .get(published.size() - 1)
                        .equals(received.isEmpty() ? "" : received.get(received.size() - 1))) {
                    received.add(String.valueOf(((List<?>) Objects.requireNonNull(subscriber.receive())).get(2)));
                }
                assertThat(received).containsExactlyInAnyOrderElementsOf(published);
            }
        }
    }

    private static long statistic(RedisServer server, String field) throws Exception {
        try (RespClient client = server.connect()) {
            return String.valueOf(client.call("INFO", "everything"))
                    .lines()
                    .filter(line -> line.startsWith(field + ":"))
                    .mapToLong(line ->
                            Long.parseLong(line.substring(field.length() + 1).strip()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void transactionsAreCarriedOutAtTheNewOwnerAndThoseThatWatchNot() throws Exception {
        try (RedisServer source = RedisServer.onFreePort();
                RedisServer target = RedisServer.onFreePort();
                RunningProxy proxy = proxy()) {
            source.start();
            target.start();
            write(Ensemble.allWith(1, 0, source.port(), target.port()));
            proxy.start();
            beginCopy(ALL, Handoff.LEASE);
            awaitApplied(proxy);
            try (RespClient client = proxy.connect();
                    RespClient before = proxy.connect();
                    RespClient across = proxy.connect();
                    RespClient watching = proxy.connect()) {
                assertThat(watching.call("WATCH", "watched")).isEqualTo("OK");
                assertThat(before.call("WATCH", "{watched}1")).isEqualTo("OK");
                assertThat(across.call("MULTI")).isEqualTo("OK");
                assertThat(across.call("INCR", "across")).isEqualTo("QUEUED");
                for (RespClient each : List.of(client, watching)) {
                    assertThat(each.call("MULTI")).isEqualTo("OK");
                    assertThat(each.call("INCR", each == client ? "counted" : "watched"))
                            .isEqualTo("QUEUED");
                }
                enter(HandoffState.FREEZE);
                awaitApplied(proxy);
                client.send("EXEC");
                client.flush();
                assertThat(watching.call("EXEC")).isNull();
                watching.send("WATCH", "watched");
                watching.flush();
                await().atMost(SOON).until(() -> metric(proxy, "sluice_parked_requests") == 2);

                enter(HandoffState.SWITCHED);

                assertThat(client.receive()).isEqualTo(List.of(1L));
                assertThat(across.call("INCR", "across")).isEqualTo("QUEUED");
                assertThat(across.call("EXEC")).isEqualTo(List.of(1L, 2L));
                assertThat(before.call("WATCH", "{watched}2")).isEqualTo("OK");
                assertThat(before.call("MULTI")).isEqualTo("OK");
                assertThat(before.call("INCR", "{watched}1")).isEqualTo("QUEUED");
                assertThat(before.call("EXEC")).isNull();
                assertThat(watching.receive()).isEqualTo("OK");
                assertThat(watching.call("MULTI")).isEqualTo("OK");
                assertThat(watching.call("INCR", "watched")).isEqualTo("QUEUED");
                assertThat(watching.call("EXEC")).isEqualTo(List.of(1L));
            }
            try (RespClient direct = source.connect()) {
                assertThat(direct.call("DBSIZE")).isEqualTo(0L);
            }
        }
    }

    @Test
    void whoWaitsForDataWaitsAtTheNewOwnerForTheRestOfItsTime() throws Exception {
        try (RedisServer source = RedisServer.onFreePort();
                RedisServer target = RedisServer.onFreePort();
                RunningProxy proxy = proxy()) {
            source.start();
            target.start();
            write(Ensemble.allWith(1, 0, source.port(), target.port()));
            proxy.start();
            try (RespClient client = proxy.connect();
                    RespClient late = proxy.connect();
                    RespClient impatient = proxy.connect();
                    RespClient pushing = proxy.connect()) {
                client.send("BLPOP", "queue", "0");
                client.flush();
                long begin = System.nanoTime();
                impatient.send("BLPOP", "other", "3");
                impatient.flush();
                await().atMost(SOON).until(() -> statistic(source, "blocked_clients") == 2);
                beginCopy(ALL, Handoff.LEASE);
                awaitApplied(proxy);
                enter(HandoffState.FREEZE);
                awaitApplied(proxy);
                assertThat(statistic(source, "blocked_clients")).isZero();
                late.send("BLPOP", "queue", "0");
                late.flush();
                await().atMost(SOON).until(() -> metric(proxy, "sluice_requests_blocked") == 3);
                assertThat(statistic(target, "blocked_clients")).isZero();

                await().atMost(SOON).until(() -> System.nanoTime() - begin > 1_500_000_000L);
                long switched = System.nanoTime();
                enter(HandoffState.SWITCHED);

                await().atMost(SOON).until(() -> statistic(target, "blocked_clients") >= 2);
                pushing.call("RPUSH", "queue", "first", "second");
                assertThat(List.of(Objects.requireNonNull(client.receive()), Objects.requireNonNull(late.receive())))
                        .containsExactlyInAnyOrder(List.of("queue", "first"), List.of("queue", "second"));
                assertThat(impatient.receive()).isNull();
                long answered = System.nanoTime();
                assertThat(Duration.ofNanos(answered - begin)).isGreaterThan(Duration.ofMillis(2_990));
                assertThat(Duration.ofNanos(answered - switched)).isLessThan(Duration.ofMillis(2_990)); // not all anew
            }
        }
    }

    /** The server takes it from its list before it hears that nobody is to wait any more. */
    @Test
    void anElementThatIsGivenAwayAtTheLastMomentReachesItsClient() throws Exception {
        try (RedisServer source = RedisServer.onFreePort();
                RedisServer target = RedisServer.onFreePort();
                RunningProxy proxy = proxy()) {
            source.start();
            target.start();
            write(Ensemble.allWith(1, 0, source.port(), target.port()));
            proxy.start();
            try (RespClient waiting = proxy.connect();
                    RespClient pushing = proxy.connect()) {
                waiting.send("BLPOP", "queue", "0");
                waiting.flush();
                await().atMost(SOON).until(() -> statistic(source, "blocked_clients") == 1);
                assertThat(pushing.call("LLEN", "queue")).isEqualTo(0L); // now its way to the server is open
                beginCopy(ALL, Handoff.LEASE);
                awaitApplied(proxy);
                double before = metric(proxy, "sluice_requests_in_flight");
                source.pause();
                pushing.send("RPUSH", "queue", "last");
                pushing.flush();
                await().atMost(SOON).until(() -> metric(proxy, "sluice_requests_in_flight") > before);

                enter(HandoffState.FREEZE);
                await().atMost(SOON).until(() -> metric(proxy, "sluice_waits_cut_total") == 1);
                source.resume();

                assertThat(pushing.receive()).isEqualTo(1L);
                assertThat(waiting.receive()).isEqualTo(List.of("queue", "last"));
                awaitApplied(proxy);
                try (RespClient direct = source.connect()) {
                    assertThat(direct.call("EXISTS", "queue")).isEqualTo(0L);
                }
            } finally {
                source.resume();
            }
        }
    }

    @Test
    void oneRequestOfEachClientWaitsHoweverManyItSends() throws Exception {
        try (RedisServer source = RedisServer.onFreePort();
                RedisServer target = RedisServer.onFreePort();
                RunningProxy proxy = proxy()) {
            source.start();
            target.start();
            write(Ensemble.allWith(1, 0, source.port(), target.port()));
            proxy.start();
            beginCopy(ALL, Handoff.LEASE);
            enter(HandoffState.FREEZE);
            awaitApplied(proxy);
            List<RespClient> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                RespClient client = proxy.connect();
                clients.add(client);
                for (int number = 0; number < 500; number++) {
                    client.send("APPEND", "log:" + i, "x".repeat(100));
                }
                client.send("MGET", "log:" + i, "log:" + (i + 1), "other");
                client.flush();
            }
            await().atMost(SOON).until(() -> metric(proxy, "sluice_parked_requests") == 4);
            assertThat(metric(proxy, "sluice_parked_bytes")).isLessThan(4 * 200);
            try (RespClient direct = source.connect()) {
                assertThat(direct.call("DBSIZE")).isEqualTo(0L);
            }

            enter(HandoffState.COPY);

            for (RespClient client : clients) {
                for (long number = 1; number <= 500; number++) {
                    assertThat(client.receive()).isEqualTo(number * 100);
                }
                assertThat(client.receive())
                        .asInstanceOf(InstanceOfAssertFactories.LIST)
                        .hasSize(3);
                client.close();
            }
            assertThat(metric(proxy, "sluice_requests_parked_total")).isEqualTo(4);
            assertThat(metric(proxy, "sluice_parked_bytes")).isZero();
        }
    }

    @Test
    void aFreezeIsAcknowledgedWhenAllThatWasSentHasBeenAnswered() throws Exception {
        List<ScriptedServer.Asked> held = new ArrayList<>();
        try (ScriptedServer source = ScriptedServer.start(asked -> {
                    switch (asked.command()) {
                        case "ROLE" -> asked.reply("*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n");
                        case "INCR" -> held.add(asked);
                        default -> asked.replySensibly();
                    }
                });
                RunningProxy proxy = proxy()) {
            write(Ensemble.allWith(1, 0, source.port(), 1));
            proxy.start();
            beginCopy(ALL, Handoff.LEASE);
            awaitApplied(proxy);
            try (RespClient client = proxy.connect();
                    RespClient other = proxy.connect()) {
                client.send("INCR", "key");
                client.flush();
                await().atMost(SOON).until(() -> held.size() == 1);

                enter(HandoffState.FREEZE);
                await().atMost(SOON).until(() -> status(proxy).epoch() == topology.epoch());
                other.send("INCR", "key");
                other.flush();
                await().atMost(SOON).until(() -> metric(proxy, "sluice_parked_requests") == 1);
                assertThat(status(proxy).applied()).isEqualTo(topology.epoch() - 1);
                assertThat(held).hasSize(1);

                held.get(0).reply(":1\r\n");

                assertThat(client.receive()).isEqualTo(1L);
                awaitApplied(proxy);
                assertThat(held).hasSize(1);
                enter(HandoffState.COPY);
                await().atMost(SOON).until(() -> held.size() == 2);
                held.get(1).reply(":2\r\n");
                assertThat(other.receive()).isEqualTo(2L);
            }
        }
    }

    /** The manager may have taken this proxy for fenced: it has drained, and what was carried out since is lost. */
    @Test
    void aReplyFromBeforeAGapIsNotPassedOnIfSlotsWereFrozenMeanwhile() throws Exception {
        List<ScriptedServer.Asked> held = new CopyOnWriteArrayList<>();
        try (ScriptedServer source = ScriptedServer.start(asked -> {
                    switch (asked.command()) {
                        case "ROLE" -> asked.reply("*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n");
                        case "INCR" -> held.add(asked);
                        default -> asked.replySensibly();
                    }
                });
                RunningProxy proxy = proxy().timeout(null, null)) {
            write(Ensemble.allWith(1, 0, source.port(), 1));
            proxy.start();
            Duration lease = Duration.ofSeconds(1);
            beginCopy(ALL, lease);
            awaitApplied(proxy);
            try (RespClient client = proxy.connect()) {
                client.send("INCR", "key");
                client.flush();
                await().atMost(SOON).until(() -> held.size() == 1);
                ensemble.stopAll();
                try {
                    await().atMost(SOON).until(() -> status(proxy).leaseAge().compareTo(lease) > 0);
                } finally {
                    ensemble.restartAll();
                }

                enter(HandoffState.FREEZE);
                enter(HandoffState.COPY); // given up, but it may have been drained
                await().atMost(SOON)
                        .until(() -> status(proxy).epoch() == topology.epoch()
                                && status(proxy).leaseAge().compareTo(lease.dividedBy(2)) < 0);
                held.get(0).reply(":1\r\n");

                assertError(client.receive()).startsWith("ERR outcome unknown: ");
            }
        }
    }

    @Test
    void onlySlotsInAHandoffWaitWithoutZooKeeper() throws Exception {
        try (RedisServer source = RedisServer.onFreePort();
                RedisServer target = RedisServer.onFreePort();
                RunningProxy proxy = proxy()) {
            source.start();
            target.start();
            write(Ensemble.allWith(1, 0, source.port(), target.port()));
            proxy.start();
            SlotSet ofFoo = SlotSet.range(12182, 12182);
            beginCopy(ofFoo, Duration.ofSeconds(1));
            awaitApplied(proxy);
            try (RespClient client = proxy.connect();
                    RespClient moving = proxy.connect()) {
                await().atMost(SOON).until(() -> "OK".equals(moving.call("SET", "foo", "1")));
                assertError(client.call("RENAME", "foo", "bar")).startsWith("CROSSSLOT ");

                ensemble.stopAll();
                try {
                    await().atMost(SOON).until(() -> status(proxy).leaseAge().compareTo(Duration.ofMillis(1100)) > 0);
                    moving.send("INCR", "foo");
                    moving.flush();
                    await().atMost(SOON).until(() -> metric(proxy, "sluice_parked_requests") == 1);
                    assertThat(client.call("SET", "bar", "served")).isEqualTo("OK");
                    assertError(client.call("RENAME", "foo", "bar")).startsWith("CROSSSLOT ");
                } finally {
                    ensemble.restartAll(); // else those who come afterwards wait for ever
                }
                assertThat(moving.receive()).isEqualTo(2L);
            }
        }
    }

    /** Even where both slots are of one shard: it must not depend on which slots have moved. */
    @Test
    void requestsOverTwoSlotsOfOneShardAreRefusedBeforeInAndAfterAHandoff() throws Exception {
        try (RedisServer source = RedisServer.onFreePort();
                RedisServer target = RedisServer.onFreePort();
                RunningProxy proxy = proxy()) {
            source.start();
            target.start();
            write(Ensemble.allWith(1, 0, source.port(), target.port()));
            proxy.start();
            awaitApplied(proxy);
            try (RespClient client = proxy.connect()) {
                assertThat(client.call("SADD", "foo", "1")).isEqualTo(1L);
                refusesTwoSlots(client);
                beginCopy(SlotSet.range(12182, 12182), Handoff.LEASE); // that of foo
                awaitApplied(proxy);
                refusesTwoSlots(client);
                enter(HandoffState.FREEZE);
                awaitApplied(proxy);
                refusesTwoSlots(client);
                enter(HandoffState.SWITCHED);
                awaitApplied(proxy);
                refusesTwoSlots(client);
                write(pool().withoutHandoff(HANDOFF));
                awaitApplied(proxy);
                refusesTwoSlots(client);
            }
            try (RespClient direct = source.connect()) {
                assertThat(direct.call("DBSIZE")).isEqualTo(1L);
            }
        }
    }

    private static void refusesTwoSlots(RespClient client) throws Exception {
        for (String[] request : List.of(
                new String[] {"RENAME", "foo", "bar"},
                new String[] {"SINTERSTORE", "bar", "foo"},
                new String[] {"SMOVE", "foo", "bar", "1"},
                new String[] {"EVAL", "return redis.call('GET', KEYS[1])", "2", "foo", "bar"})) {
            assertError(client.call(request)).startsWith("CROSSSLOT ");
        }
    }
}
