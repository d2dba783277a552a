package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.migration.EngineMover;
import io.sluice.manager.migration.EngineMover.Manner;
import io.sluice.manager.migration.Mover;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Masters that become replicas, and replicas that become masters, while a mover has to do with them. */
class ChangedRolesIT {

    @TempDir
    static Path folder;

    private final TwoServers both = new TwoServers(folder);
    private final RedisServer third = RedisServer.onFreePort();
    private final Ledger ledger = new Ledger();

    /** In memory, and begun. */
    private static final class Ledger implements ConnectionLedger {
        private final List<MaintenanceConnection> all = new ArrayList<>();

        @Override
        public void begin() {}

        @Override
        public synchronized boolean announce(MaintenanceConnection connection) {
            return all.add(connection);
        }

        @Override
        public synchronized List<MaintenanceConnection> announced() {
            return List.copyOf(all);
        }

        @Override
        public List<MaintenanceConnection> own() {
            return announced();
        }

        @Override
        public boolean isBegun() {
            return true;
        }

        @Override
        public synchronized void forget(Collection<MaintenanceConnection> gone) {
            all.removeAll(gone);
        }
    }

    @BeforeEach
    void start() throws IOException {
        third.start();
        try (RespClient source = both.toSource()) {
            for (int i = 0; i < 500; i++) {
                source.call("SET", "k" + i, "v" + i);
            }
        }
    }

    @AfterEach
    void stop() {
        third.close();
        both.close();
    }

    private EngineMover mover(EngineKind engine, RedisServer... sourceReplicas) {
        CopyPlan plan = new CopyPlan(
                "h-1",
                TwoServers.endpoint(both.source),
                List.of(sourceReplicas).stream().map(TwoServers::endpoint).toList(),
                TwoServers.endpoint(both.target),
                TwoServers.filter(engine),
                never -> false,
                TwoServers.FAST,
                folder);
        return new EngineMover(plan, new Manner(engine, false, 0.5, 40), ledger);
    }

    private static void awaitCaughtUp(Mover mover) {
        Awaitility.await("the mover catches up").atMost(TwoServers.PATIENCE).until(() -> {
            assertThat(mover.failure()).isEmpty();
            return mover.isCaughtUp();
        });
    }

    private static Mover.Failure awaitFailure(Mover mover) {
        Awaitility.await("it is noticed")
                .atMost(TwoServers.PATIENCE)
                .until(() -> mover.failure().isPresent());
        return mover.failure().orElseThrow();
    }

    private static void follow(RespClient server, RedisServer master) throws IOException {
        server.call("REPLICAOF", "127.0.0.1", String.valueOf(master.port()));
        Awaitility.await("it follows")
                .atMost(TwoServers.PATIENCE)
                .until(() -> Ask.text(server, "INFO", "replication").contains("master_link_status:up"));
    }

    @Test
    void aTargetThatHasFailedOverIsNotPromoted() throws IOException {
        try (EngineMover mover = mover(EngineKind.STREAM);
                RespClient target = both.toTarget()) {
            follow(target, third);

            mover.begin();

            Mover.Failure failure = mover.failure().orElseThrow();
            assertThat(failure.message())
                    .startsWith(both.target.address() + " is a replica of " + third.address())
                    .contains("failed over", "REPLICAOF NO ONE");
            assertThat(failure.mayRepeat()).isTrue();
            assertThat(mover.purgeTarget(KeyFilter.everything())).contains(failure.message());
            assertThat(Ask.text(target, "INFO", "replication")).contains("role:slave");
        }
    }

    @Test
    void aTargetThatWasLeftAsAReplicaOfTheSourceIsPromotedAlsoIfThatHasFailedOver() throws IOException {
        try (RespClient old = third.connect();
                RespClient target = both.toTarget();
                EngineMover mover = mover(EngineKind.REPLICA, third)) {
            follow(target, third); // which was the primary then
            follow(old, both.source);

            mover.begin();

            awaitCaughtUp(mover);
            assertThat(Ask.text(target, "INFO", "replication")).contains("master_port:" + both.source.port());
        }
    }

    @Test
    void aTargetThatBecomesAReplicaInTheMidstIsCopiedToAgainWhenItIsAMaster() throws IOException {
        try (EngineMover mover = mover(EngineKind.STREAM);
                RespClient source = both.toSource();
                RespClient target = both.toTarget()) {
            mover.begin();
            awaitCaughtUp(mover);
            follow(target, third);
            for (int i = 0; i < 500; i++) {
                source.call("SET", "k" + i, "later");
            }

            Mover.Failure failure = awaitFailure(mover);

            assertThat(failure.mayRepeat()).as(failure.message()).isTrue();
            target.call("REPLICAOF", "NO", "ONE");
            mover.begin();
            awaitCaughtUp(mover);
            new ServerComparison(source, target).check(TwoServers.HALF, 200);
        }
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void whoeverBeginsAnewTakesAwayWhatTheAttemptBeforeHasBrought(EngineKind engine) throws IOException {
        try (RespClient source = both.toSource();
                RespClient target = both.toTarget()) {
            try (EngineMover mover = mover(engine)) {
                mover.begin();
                awaitCaughtUp(mover);
            } // else it would take away what goes from the source
            for (int i = 0; i < 100; i++) {
                source.call("DEL", "k" + i);
            }
            try (EngineMover successor = mover(engine)) {
                successor.begin();

                awaitCaughtUp(successor);
                new ServerComparison(source, target).check(TwoServers.filter(engine), 150);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTargetIsNoReplicaForAWhileWhereSentinelsWatch(boolean theSource) throws IOException {
        RedisServer watched = theSource ? both.source : both.target;
        try (EngineMover mover = mover(EngineKind.REPLICA);
                RespClient target = both.toTarget();
                RespClient sentinel = watched.connect()) {
            sentinel.call("SUBSCRIBE", "__sentinel__:hello");

            mover.begin();

            Mover.Failure failure = awaitFailure(mover);
            assertThat(failure.message())
                    .startsWith("Sentinels watch " + watched.address())
                    .contains("take another engine");
            assertThat(failure.mayRepeat()).isFalse();
            assertThat(Ask.text(target, "INFO", "replication")).contains("role:master");
        }
    }
}
