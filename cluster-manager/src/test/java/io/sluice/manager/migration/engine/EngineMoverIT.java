package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.migration.EngineMover;
import io.sluice.manager.migration.EngineMover.Manner;
import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import io.sluice.manager.store.Orders;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What whoever drives a handoff asks of a mover, with real servers and a ledger in memory. */
class EngineMoverIT {

    private static final Duration FREEZE = Duration.ofSeconds(5);

    @TempDir
    static Path folder;

    private final Ledger ledger = new Ledger();
    private final TwoServers both = new TwoServers(folder);

    private static final class Ledger implements ConnectionLedger {
        final Set<MaintenanceConnection> all = ConcurrentHashMap.newKeySet();
        final Set<MaintenanceConnection> ofOthers = ConcurrentHashMap.newKeySet();
        private volatile boolean begun;

        @Override
        public void begin() {
            begun = true;
        }

        @Override
        public boolean announce(MaintenanceConnection connection) {
            return all.add(connection);
        }

        @Override
        public List<MaintenanceConnection> announced() {
            List<MaintenanceConnection> announced = new ArrayList<>(all);
            announced.addAll(ofOthers);
            return announced;
        }

        @Override
        public List<MaintenanceConnection> own() {
            return List.copyOf(all);
        }

        @Override
        public boolean isBegun() {
            return begun;
        }

        @Override
        public void forget(Collection<MaintenanceConnection> gone) {
            all.removeAll(gone);
        }
    }

    @BeforeEach
    void fill() throws IOException {
        try (RespClient source = both.toSource()) {
            for (int i = 0; i < 500; i++) {
                source.call("SET", "k" + i, "v" + i);
            }
        }
    }

    @AfterEach
    void stop() {
        both.close();
    }

    private CopyPlan plan(@Nullable EngineKind engine) {
        return new CopyPlan(
                "h-1",
                TwoServers.endpoint(both.source),
                List.of(),
                TwoServers.endpoint(both.target),
                engine == null ? TwoServers.HALF : TwoServers.filter(engine),
                never -> false,
                TwoServers.FAST,
                folder);
    }

    private EngineMover mover(@Nullable EngineKind engine) {
        return new EngineMover(plan(engine), new Manner(engine, false, 0.5, 40), ledger);
    }

    private static void awaitCaughtUp(EngineMover mover) {
        Awaitility.await("the mover catches up").atMost(TwoServers.PATIENCE).until(() -> {
            assertThat(mover.failure()).isEmpty();
            return mover.isCaughtUp();
        });
    }

    /** The copy has all that was written, whatever is still to be counted and compared. */
    private static void awaitCopyFollows(EngineMover mover) {
        Awaitility.await("the copy follows")
                .atMost(TwoServers.PATIENCE)
                .until(() -> mover.copy().orElseThrow().caughtUp());
    }

    /** Nothing may be switched until then. */
    private static void awaitFailure(EngineMover mover) {
        Awaitility.await("it is noticed").atMost(TwoServers.PATIENCE).until(() -> {
            assertThat(mover.isCaughtUp()).isFalse();
            return mover.failure().isPresent();
        });
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void bringsKeysOverClosesTheGateAndCleansTheSource(EngineKind engine) throws IOException {
        try (EngineMover mover = mover(engine);
                RespClient source = both.toSource();
                RespClient target = both.toTarget()) {
            Set<String> moving = ServerComparison.names(source, TwoServers.filter(engine));
            mover.begin();
            awaitCaughtUp(mover);
            assertThat(mover.progress()).contains("following", "100 %");

            assertThat(mover.drain(FREEZE)).isEmpty();
            assertThat(mover.closeGate()).isEmpty();
            assertThat(mover.cleanSource()).isEmpty();

            assertThat(ServerComparison.names(target, KeyFilter.everything())).isEqualTo(moving);
            assertThat(ServerComparison.names(source, TwoServers.filter(engine)))
                    .isEmpty();
            assertThat(Ask.text(target, "INFO", "replication")).contains("role:master");
        }
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void takesItsKeysOffTheTargetWhenItIsAborted(EngineKind engine) throws IOException {
        try (EngineMover mover = mover(engine);
                RespClient source = both.toSource();
                RespClient target = both.toTarget()) {
            mover.begin();
            awaitCaughtUp(mover);

            assertThat(mover.purgeTarget(KeyFilter.everything())).isEmpty();

            assertThat(ServerComparison.names(target, KeyFilter.everything())).isEmpty();
            assertThat(ServerComparison.names(source, KeyFilter.everything())).hasSize(500);
            assertThat(Ask.text(target, "INFO", "replication")).contains("role:master");
        }
    }

    @Test
    void endsNoPurgeOfAnotherMoveWhenItIsAborted() throws Exception {
        try (EngineMover mover = mover(EngineKind.STREAM);
                RespClient target = both.toTarget()) {
            mover.begin();
            awaitCaughtUp(mover);
            try (RedisLink other =
                    RedisLink.open(TwoServers.endpoint(both.target), Purpose.PURGE, ledger.ofOthers::add)) {
                assertThat(mover.purgeTarget(KeyFilter.everything())).isEmpty();

                assertThat(ConnectionGate.ids(Ask.text(target, "CLIENT", "LIST")))
                        .contains(other.identity().clientId());
            }
        }
    }

    @Test
    void takesItsKeysOffTheTargetWhenTheSourceIsAway() throws IOException {
        try (EngineMover mover = mover(EngineKind.STREAM);
                RespClient target = both.toTarget()) {
            mover.begin();
            awaitCaughtUp(mover);
            both.source.close();

            assertThat(mover.purgeTarget(KeyFilter.everything())).isEmpty();

            assertThat(ServerComparison.names(target, KeyFilter.everything())).isEmpty();
        }
    }

    @Test
    void takesNothingOffATargetToWhichItWasOnlyWrittenDownThatItWouldCopy() throws IOException {
        try (EngineMover mover = mover(EngineKind.STREAM);
                EngineMover successor = mover(EngineKind.STREAM);
                RespClient target = both.toTarget()) {
            target.call("SET", "bar", "of somebody who owns it by now");
            assertThat(mover.announce()).isEmpty();
            assertThat(mover.announce()).isEmpty();

            assertThat(mover.purgeTarget(KeyFilter.everything())).isEmpty();
            assertThat(ServerComparison.names(target, TwoServers.HALF)).hasSize(1);

            assertThat(successor.announce()).as("which cannot know that").isEmpty();
            assertThat(successor.purgeTarget(KeyFilter.everything())).isEmpty();
            assertThat(ServerComparison.names(target, TwoServers.HALF)).isEmpty();
        }
    }

    @Test
    void takesOnlyThoseKeysOffTheTargetThatItIsTold() throws IOException {
        try (EngineMover mover = mover(EngineKind.STREAM);
                RespClient target = both.toTarget()) {
            mover.begin();
            awaitCaughtUp(mover);
            Set<String> copied = ServerComparison.names(target, KeyFilter.everything());
            KeyFilter even = key -> key[key.length - 1] % 2 == 0;

            assertThat(mover.purgeTarget(even)).isEmpty();

            assertThat(ServerComparison.names(target, KeyFilter.everything()))
                    .isNotEmpty()
                    .isEqualTo(ServerComparison.names(target, key -> !even.moves(key)))
                    .isSubsetOf(copied);
            assertThat(ServerComparison.names(target, even)).isEmpty();
        }
    }

    @Test
    void takesItsKeysOffTheTargetWhateverBecameOfItsPage() throws IOException {
        try (EngineMover mover = mover(EngineKind.STREAM);
                RespClient target = both.toTarget()) {
            mover.begin();
            awaitCaughtUp(mover);
            ledger.begun = false;

            assertThat(mover.purgeTarget(KeyFilter.everything())).isEmpty();

            assertThat(ServerComparison.names(target, KeyFilter.everything())).isEmpty();
        }
    }

    @Test
    void doesNotGoOnWithACopyThatLacksAKey() throws IOException {
        try (EngineMover mover = mover(EngineKind.STREAM);
                RespClient source = both.toSource();
                RespClient target = both.toTarget()) {
            mover.begin();
            awaitCopyFollows(mover);
            String lost =
                    ServerComparison.names(target, TwoServers.HALF).iterator().next();
            target.call("DEL", lost);

            awaitFailure(mover);

            assertThat(mover.failure().orElseThrow().message()).startsWith("A key on one of ");
            assertThat(mover.failure().orElseThrow().mayRepeat()).isTrue();
            mover.begin();
            awaitCaughtUp(mover);
            assertThat(target.call("GET", lost)).isEqualTo(source.call("GET", lost));
        }
    }

    @Test
    void keysThatCameWhileItWasPausedAreNotMissing() throws IOException {
        try (EngineMover mover = mover(EngineKind.STREAM);
                RespClient source = both.toSource()) {
            mover.begin();
            awaitCopyFollows(mover);
            mover.order(Orders.NONE.paused(true));
            for (int i = 0; i < 200; i++) {
                source.call("SET", "late" + i, "v".repeat(1000));
            }
            Awaitility.await("it is behind")
                    .atMost(TwoServers.PATIENCE)
                    .until(() -> !mover.copy().orElseThrow().caughtUp());
            KeyCensus census = KeyCensus.start(
                    plan(EngineKind.STREAM), () -> mover.copy().orElseThrow().caughtUp());

            Awaitility.await("longer than a doubt may last")
                    .during(Duration.ofSeconds(5))
                    .atMost(TwoServers.PATIENCE)
                    .until(() -> census.result().isEmpty());
            mover.order(Orders.NONE);

            Awaitility.await("it is counted")
                    .atMost(TwoServers.PATIENCE)
                    .until(() -> census.result().isPresent());
            assertThat(census.result().orElseThrow().failure()).isNull();
            census.close();
        }
    }

    @Test
    void stopsIfNobodyMayCountTheKeys() throws IOException {
        try (EngineMover mover = mover(EngineKind.STREAM);
                RespClient source = both.toSource();
                RespClient target = both.toTarget()) {
            mover.begin();
            awaitCopyFollows(mover);
            source.call("ACL", "SETUSER", "default", "-exists");
            target.call("ACL", "SETUSER", "default", "-exists");

            awaitFailure(mover);

            assertThat(mover.failure().orElseThrow().message()).contains("refused EXISTS");
            assertThat(mover.failure().orElseThrow().mayRepeat()).isFalse();
        }
    }

    @Test
    void comparesLargeValuesUntilTheDeadlineAndTypesInAnyCase() throws IOException {
        try (EngineMover mover = mover(EngineKind.TRACK);
                RespClient source = both.toSource();
                RespClient target = both.toTarget()) {
            mover.begin();
            awaitCaughtUp(mover);
            List<byte[]> keys = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                source.call("SET", "big" + i, "a".repeat(100_000));
                target.call("SET", "big" + i, "b".repeat(100_000));
                keys.add(("big" + i).getBytes(StandardCharsets.US_ASCII));
            }
            long passed = System.nanoTime() - 1;
            long late = System.nanoTime() + TwoServers.PATIENCE.toNanos();

            try (SwitchLinks links = SwitchLinks.open(plan(EngineKind.TRACK), EngineKind.TRACK, Optional.empty())) {
                assertThat(links.difference(Map.of(0, keys), 0, passed)).isEmpty();
                assertThat(links.difference(Map.of(0, keys), 0, late).orElseThrow())
                        .contains("a string with another value");
                target.call("DEL", "big19");
                assertThat(links.difference(Map.of(0, keys), 0, passed).orElseThrow())
                        .contains("a none on the target");
            }
        }
    }

    @Test
    void choosesAnEngineByItself() {
        try (EngineMover mover = mover(null)) {
            mover.begin();
            awaitCaughtUp(mover);

            assertThat(mover.progress()).startsWith("stream");
        }
    }

    @Test
    void endsTheConnectionsOfAnotherManagerBeforeItBegins() throws Exception {
        try (EngineMover mover = mover(EngineKind.TRACK);
                RedisLink deposed = RedisLink.open(TwoServers.endpoint(both.target), Purpose.COPY, ledger);
                RespClient target = both.toTarget()) {
            mover.begin();
            awaitCaughtUp(mover);

            assertThat(ConnectionGate.ids(Ask.text(target, "CLIENT", "LIST")))
                    .doesNotContain(deposed.identity().clientId());
            assertThat(ledger.all).doesNotContain(deposed.identity());
        }
    }

    @Test
    void refusesTheSwitchWhenSomethingElseWroteOnTheTarget() throws IOException {
        try (EngineMover mover = mover(EngineKind.STREAM);
                RespClient target = both.toTarget()) {
            Awaitility.await("it is noticed; the look takes 50 ms at most, and a busy machine may use them up")
                    .atMost(TwoServers.PATIENCE)
                    .until(() -> {
                        mover.begin();
                        awaitCaughtUp(mover);
                        for (String key : ServerComparison.names(target, KeyFilter.everything())) {
                            target.call("SET", key, "not of the source");
                        }
                        return mover.drain(FREEZE)
                                .filter(why -> why.contains("differ") && why.contains("another value"))
                                .isPresent();
                    });

            assertThat(mover.failure())
                    .hasValueSatisfying(
                            failure -> assertThat(failure.mayRepeat()).isTrue());
            mover.begin();
            awaitCaughtUp(mover);
            assertThat(mover.drain(FREEZE)).isEmpty();
        }
    }

    @Test
    void saysWhatIsInTheWayBeforeItTouchesAnything() throws IOException {
        try (EngineMover mover = mover(EngineKind.STREAM);
                RespClient source = both.toSource()) {
            source.call("CONFIG", "SET", "maxmemory", "1gb", "maxmemory-policy", "allkeys-lru");
            source.call("FUNCTION", "LOAD", "#!lua name=mylib\nredis.register_function('f', function() return 1 end)");

            mover.begin();

            assertThat(mover.failure())
                    .hasValueSatisfying(failure -> assertThat(failure.message()).contains("mylib", "FUNCTION DUMP"));
            assertThat(mover.isCaughtUp()).isFalse();
        }
    }
}
