package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What every engine has to do, with real servers. */
class SlotCopyIT {

    private static final Duration FREEZE = Duration.ofSeconds(5);

    @TempDir
    Path folder;

    private final long seed = Long.getLong("sluice.seed", System.nanoTime());
    private @Nullable TwoServers servers;

    private TwoServers servers() {
        return servers(RedisServer.onFreePort());
    }

    private TwoServers servers(RedisServer source) {
        System.out.println("seed " + seed);
        TwoServers both = new TwoServers(folder.resolve("spool"), source, RedisServer.onFreePort());
        servers = both;
        return both;
    }

    @AfterEach
    void stop() {
        if (servers != null) {
            servers.close();
        }
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void bringsKeysOfEveryTypeWithTheirExpiry(EngineKind engine) throws IOException {
        TwoServers both = servers();
        try (RespClient source = both.toSource();
                RespClient target = both.toTarget();
                SlotCopy copy = both.copy(engine, TwoServers.FAST)) {
            SampleData.fill(source, new Random(seed), 40);
            Object before = source.call("DBSIZE");

            copy.start();
            TwoServers.awaitCaughtUp(copy);
            DrainResult drained = copy.drain(FREEZE);

            assertThat(drained.failure()).isEmpty();
            int moved = new ServerComparison(source, target).check(TwoServers.filter(engine), 500);
            assertThat(source.call("DBSIZE")).isEqualTo(before);
            assertThat(copy.progress().done()).isEqualTo(1);
            assertThat(copy.progress().keys()).isBetween(engine == EngineKind.REPLICA ? 0L : moved, 100_000L);
            assertEqual(both, engine, 200);
        }
    }

    private void assertEqual(TwoServers both, EngineKind engine, int least) {
        Verification.Report report = new Verification(TwoServers.filter(engine), engine, least, seed, () -> true)
                .compare(TwoServers.endpoint(both.source), TwoServers.endpoint(both.target));
        assertThat(report.differences()).isEmpty();
        assertThat(report.isEqual()).isTrue();
        assertThat(report.sampled()).isEqualTo(least);
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void followsWhatIsWrittenMeanwhile(EngineKind engine) throws IOException {
        TwoServers both = servers();
        try (RespClient source = both.toSource();
                RespClient target = both.toTarget();
                SlotCopy copy = both.copy(engine, TwoServers.FAST)) {
            SampleData.fill(source, new Random(seed), 80);
            long written;
            try (WriteLoad load = WriteLoad.start(both.toSource(), seed)) {
                copy.start();
                TwoServers.awaitCaughtUp(copy);
                long then = load.written();
                Awaitility.await().until(() -> load.written() > then + 3000);
                TwoServers.awaitCaughtUp(copy);
                written = then;
            }

            DrainResult drained = copy.drain(FREEZE);

            assertThat(drained.failure()).isEmpty();
            assertThat(written).isPositive();
            new ServerComparison(source, target).check(TwoServers.filter(engine), 1000);
        }
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void goesOnAfterAFreezeThatWasGivenUp(EngineKind engine) throws IOException {
        TwoServers both = servers();
        try (RespClient source = both.toSource();
                RespClient target = both.toTarget();
                SlotCopy copy = both.copy(engine, TwoServers.FAST)) {
            source.call("SET", "{0}first", "1");
            source.call("SET", "k", "1");
            copy.start();
            TwoServers.awaitCaughtUp(copy);
            assertThat(copy.drain(FREEZE).isComplete()).isTrue();

            copy.follow();
            for (int i = 0; i < 500; i++) {
                source.call("SET", "later:" + i, "2");
            }
            TwoServers.awaitCaughtUp(copy);
            DrainResult again = copy.drain(FREEZE);

            assertThat(again.failure()).isEmpty();
            new ServerComparison(source, target).check(TwoServers.filter(engine), 200);
        }
    }

    /** Only clients of moving slots wait: the source never stands still. */
    @Test
    void aDrainEndsWhileKeysThatStayAreWrittenAllTheTime() throws Exception {
        TwoServers both = servers();
        ExecutorService threads = Executors.newSingleThreadExecutor();
        AtomicBoolean stopped = new AtomicBoolean();
        try (RespClient source = both.toSource();
                SlotCopy copy = both.copy(EngineKind.STREAM, TwoServers.FAST)) {
            SampleData.fill(source, new Random(seed), 80);
            Future<Integer> written = threads.submit(() -> writeKeysThatStay(both, stopped));
            copy.start();
            TwoServers.awaitCaughtUp(copy);

            for (int i = 0; i < 5; i++) {
                assertThat(copy.drain(FREEZE).failure()).isEmpty();
                copy.follow();
            }

            stopped.set(true);
            assertThat(written.get()).isPositive();
        } finally {
            stopped.set(true);
            threads.shutdown();
        }
    }

    /** In goes of many, so that there is no moment without one. */
    private static int writeKeysThatStay(TwoServers both, AtomicBoolean stopped) throws IOException {
        List<String> staying = IntStream.range(0, 1_000)
                .mapToObj(i -> "stays:" + i)
                .filter(key -> !TwoServers.HALF.moves(key.getBytes(StandardCharsets.UTF_8)))
                .toList();
        int written = 0;
        try (RespClient client = both.toSource()) {
            while (!stopped.get()) {
                for (int i = 0; i < 50; i++) {
                    client.send("SET", staying.get(written++ % staying.size()), "x");
                }
                client.flush();
                for (int i = 0; i < 50; i++) {
                    client.receive();
                }
                LockSupport.parkNanos(300_000); // the copy is to be a little behind, not to fall behind
            }
        }
        return written;
    }

    @ParameterizedTest
    @EnumSource(value = EngineKind.class, mode = Mode.EXCLUDE, names = "REPLICA")
    void leavesOtherKeysOfTheTargetAloneAndPurgesLeftovers(EngineKind engine) throws IOException {
        TwoServers both = servers();
        try (RespClient source = both.toSource();
                RespClient target = both.toTarget();
                SlotCopy copy = both.copy(engine, TwoServers.FAST)) {
            for (int i = 0; i < 1000; i++) {
                target.call("SET", "old:" + i, "left over");
                source.call("SET", "new:" + i, "x");
            }
            int stay = ServerComparison.names(target, key -> !TwoServers.HALF.moves(key))
                    .size();

            copy.start();
            TwoServers.awaitCaughtUp(copy);
            copy.drain(FREEZE);

            assertThat(ServerComparison.names(target, KeyFilter.everything()))
                    .containsAll(ServerComparison.names(source, TwoServers.HALF))
                    .hasSize(stay
                            + ServerComparison.names(source, TwoServers.HALF).size());
        }
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void saysSoWhenTheTargetDiesAndCopiesAgainAfterwards(EngineKind engine) throws IOException {
        TwoServers both = servers();
        try (RespClient source = both.toSource()) {
            SampleData.fill(source, new Random(seed), 100);
            try (SlotCopy copy = both.copy(engine, TwoServers.FAST.withKeysPerSecond(500))) {
                copy.start();
                awaitSome(copy);
                both.target.kill();

                CopyFailure failure = TwoServers.awaitFailure(copy);

                assertThat(failure.kind()).isEqualTo(Kind.CONNECTION);
                assertThat(failure.message()).contains(both.target.address());
                assertThat(failure.kind().mayRepeat()).isTrue();
            }
            both.target.restart();
            assertCopiesAgain(both, engine, source);
        }
    }

    private void assertCopiesAgain(TwoServers both, EngineKind engine, RespClient source) throws IOException {
        try (RespClient target = both.toTarget();
                SlotCopy again = both.copy(engine, TwoServers.FAST)) {
            again.start();
            TwoServers.awaitCaughtUp(again);
            assertThat(again.drain(FREEZE).failure()).isEmpty();
            new ServerComparison(source, target).check(TwoServers.filter(engine), 100);
        }
    }

    private static void awaitSome(SlotCopy copy) {
        Awaitility.await().atMost(TwoServers.PATIENCE).until(() -> {
            CopyProgress progress = copy.progress();
            return progress.keys() > 50 || progress.state() == CopyState.FOLLOWING;
        });
    }

    @ParameterizedTest
    @EnumSource(value = EngineKind.class, mode = Mode.EXCLUDE, names = "REPLICA")
    void saysSoWhenTheSourceDiesAndCopiesAgainAfterwards(EngineKind engine) throws IOException {
        TwoServers both = servers(RedisServer.onFreePort().keepingWrites(folder));
        try (SlotCopy copy = both.copy(engine, TwoServers.FAST.withKeysPerSecond(500))) {
            try (RespClient source = both.toSource()) {
                for (int i = 0; i < 3000; i++) {
                    source.send("SET", "key:" + i, "value");
                }
                for (int i = 0; i < 3000; i++) {
                    source.receive();
                }
            }
            copy.start();
            awaitSome(copy);
            both.source.kill();

            CopyFailure failure = TwoServers.awaitFailure(copy);

            assertThat(failure.kind()).isEqualTo(Kind.CONNECTION);
            assertThat(failure.message()).contains(both.source.address());
        }
        both.source.restart();
        try (RespClient source = both.toSource()) {
            assertCopiesAgain(both, engine, source);
        }
    }

    @ParameterizedTest
    @EnumSource(value = EngineKind.class, mode = Mode.EXCLUDE, names = "REPLICA")
    void stopsWithAReasonWhenTheSourceIsFlushed(EngineKind engine) throws IOException {
        TwoServers both = servers();
        try (RespClient source = both.toSource();
                SlotCopy copy = both.copy(engine, TwoServers.FAST)) {
            source.call("SET", "k", "v");
            copy.start();
            TwoServers.awaitCaughtUp(copy);

            source.call("FLUSHALL");

            CopyFailure failure = TwoServers.awaitFailure(copy);
            assertThat(failure.kind()).isEqualTo(Kind.SOURCE_CHANGED);
            assertThat(failure.message()).containsIgnoringCase("flushall").contains("again");
        }
    }

    @ParameterizedTest
    @EnumSource(value = EngineKind.class, mode = Mode.EXCLUDE, names = "REPLICA")
    void stopsWithAReasonWhenTheTargetIsFull(EngineKind engine) throws IOException {
        TwoServers both = servers();
        try (RespClient source = both.toSource();
                RespClient target = both.toTarget();
                SlotCopy copy = both.copy(engine, TwoServers.FAST)) {
            for (int i = 0; i < 300; i++) {
                source.call("SET", "k" + i, "v".repeat(50_000));
            }
            target.call("CONFIG", "SET", "maxmemory", "4mb");

            copy.start();

            CopyFailure failure = TwoServers.awaitFailure(copy);
            assertThat(failure.kind()).isEqualTo(Kind.TARGET_FULL);
            assertThat(failure.message()).contains(both.target.address(), "out of memory", "used, maxmemory 4.00M");
            assertThat(ServerComparison.names(source, KeyFilter.everything())).hasSize(300);
        }
    }

    @ParameterizedTest
    @EnumSource(value = EngineKind.class, mode = Mode.EXCLUDE, names = "REPLICA")
    @Tag("soak") // a rate can be measured only where nothing else takes the processor
    void keepsToItsLimitAndToTheNextOne(EngineKind engine) throws IOException {
        TwoServers both = servers();
        try (RespClient source = both.toSource();
                SlotCopy copy = both.copy(engine, TwoServers.FAST.withKeysPerSecond(500))) {
            for (int i = 0; i < 20_000; i++) {
                source.send("SET", "k" + i, "v");
            }
            for (int i = 0; i < 20_000; i++) {
                source.receive();
            }
            copy.start();
            awaitSome(copy);

            assertThat(keysPerSecond(copy, 1200)).isBetween(450.0, 550.0);
            copy.limits(TwoServers.FAST.withKeysPerSecond(3000));
            assertThat(keysPerSecond(copy, 1200)).isBetween(2700.0, 3300.0);
            copy.pause();
            Awaitility.await().until(() -> keysPerSecond(copy, 100) == 0);
            assertThat(copy.progress().paused()).isTrue();
            copy.limits(TwoServers.FAST);
            copy.resume();
            TwoServers.awaitCaughtUp(copy);
        }
    }

    private static double keysPerSecond(SlotCopy copy, long millis) {
        long keys = copy.progress().keys();
        long start = System.nanoTime();
        Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .until(() ->
                        System.nanoTime() - start > Duration.ofMillis(millis).toNanos());
        long past = System.nanoTime() - start;
        return (copy.progress().keys() - keys) * 1e9 / past;
    }

    /** The engines send what they have to in different words; a limit in bytes is to mean the same for all of them. */
    @ParameterizedTest
    @EnumSource(value = EngineKind.class, mode = Mode.EXCLUDE, names = "REPLICA")
    void countsTheBytesThatTheTargetReceives(EngineKind engine) throws IOException {
        TwoServers both = servers();
        try (RespClient source = both.toSource();
                RespClient target = both.toTarget();
                SlotCopy copy = both.copy(engine, TwoServers.FAST, KeyFilter.everything())) {
            Random random = new Random(seed);
            for (int i = 0; i < 2_000; i++) {
                source.call("SET", "small:" + i, "v" + i);
                source.call("SET", "repeats:" + i, "v".repeat(400)); // a dump has it in fewer bytes
                source.call(
                        "HSET",
                        "hash:" + i,
                        "field",
                        Long.toHexString(random.nextLong()).repeat(50));
            }
            long before = received(target);

            copy.start();
            TwoServers.awaitCaughtUp(copy);

            long counted = copy.progress().bytes();
            double onTheWire = received(target) - before;
            System.out.printf("FIGURE bytes, %s: %d counted, %.0f on the wire%n", engine, counted, onTheWire);
            assertThat(counted / onTheWire)
                    .as("PINGs and questions are not counted")
                    .isBetween(0.93, 1.0);
        }
    }

    private static long received(RespClient server) throws IOException {
        return InfoText.of(Ask.text(server, "INFO", "stats"))
                .number("total_net_input_bytes")
                .orElseThrow();
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void writesEveryConnectionDownAndTheGateEndsThem(EngineKind engine) throws IOException {
        TwoServers both = servers();
        try (RespClient target = both.toTarget();
                SlotCopy copy = both.copy(engine, TwoServers.FAST)) {
            copy.start();
            TwoServers.awaitCaughtUp(copy);
            copy.drain(FREEZE);
            List<MaintenanceConnection> writers = copy.writers();
            assertThat(writers).isNotEmpty().allMatch(both.registered::contains);
            String others = Ask.text(target, "CLIENT", "LIST", "TYPE", "normal");
            assertThat(ConnectionGate.ids(others))
                    .filteredOn(id -> both.registered.stream()
                            .noneMatch(known ->
                                    known.clientId() == id && known.node().port() == both.target.port()))
                    .as("the test's own connection, nothing else")
                    .hasSize(1);

            assertThat(ConnectionGate.close(TwoServers.endpoint(both.target), writers))
                    .isEmpty();

            List<Long> ids =
                    writers.stream().map(MaintenanceConnection::clientId).toList();
            assertThat(ConnectionGate.ids(Ask.text(target, "CLIENT", "LIST"))).doesNotContainAnyElementsOf(ids);
        }
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void sendsNothingOverAConnectionThatWasNotRegistered(EngineKind engine) throws IOException {
        TwoServers both = servers();
        try (RespClient source = both.toSource();
                RespClient target = both.toTarget()) {
            source.call("SET", "k", "v");
            target.call("SET", "k", "left over");
            SlotCopy copy = engine.prepare(new CopyPlan(
                    "t",
                    TwoServers.endpoint(both.source),
                    List.of(),
                    TwoServers.endpoint(both.target),
                    KeyFilter.everything(),
                    connection -> false,
                    TwoServers.FAST,
                    folder));
            try (copy) {
                copy.start();

                CopyFailure failure = TwoServers.awaitFailure(copy);

                assertThat(failure.kind()).isEqualTo(Kind.NOT_LEADING);
                assertThat(target.call("GET", "k")).isEqualTo("left over");
                assertThat(Ask.text(target, "INFO", "replication")).contains("role:master");
            }
        }
    }

    @Test
    void cleanupTakesMovingKeysOffAndNothingElse() throws IOException {
        TwoServers both = servers();
        try (RespClient source = both.toSource()) {
            SampleData.fill(source, new Random(seed), 50);
            int stay = ServerComparison.names(source, key -> !TwoServers.HALF.moves(key))
                    .size();
            try (Cleanup cleanup = new Cleanup(
                    TwoServers.endpoint(both.source), TwoServers.HALF, both.registered::add, TwoServers.FAST)) {

                Cleanup.Result result = cleanup.run();

                assertThat(result.failure()).isEmpty();
                assertThat(result.removed()).isPositive();
                assertThat(ServerComparison.names(source, TwoServers.HALF)).isEmpty();
                assertThat(ServerComparison.names(source, KeyFilter.everything()))
                        .hasSize(stay);
            }
        }
    }
}
