package io.sluice.manager.api;

import io.sluice.manager.api.Answers.CopyAnswer;
import io.sluice.manager.api.Answers.LimitsAnswer;
import io.sluice.manager.api.Answers.MigrationAnswer;
import io.sluice.manager.api.Answers.MigrationsAnswer;
import io.sluice.manager.migration.HandoffStatus;
import io.sluice.manager.migration.Turns;
import io.sluice.manager.migration.engine.CopyLimits;
import io.sluice.manager.migration.engine.CopyProgress;
import io.sluice.manager.migration.ring.RingStatus;
import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.StoreException;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.WaitingMove;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Slots and rings on their way: only the manager that leads knows how they get on. */
final class MigrationPages {

    private final Cluster cluster;
    private final Supplier<List<HandoffStatus>> statuses;
    private final Supplier<List<RingStatus>> rings;

    MigrationPages(Cluster cluster, Supplier<List<HandoffStatus>> statuses, Supplier<List<RingStatus>> rings) {
        this.cluster = cluster;
        this.statuses = statuses;
        this.rings = rings;
    }

    String migrations(ApiRequest request) throws ApiException, StoreException {
        if (!cluster.leadership().leads()) {
            throw ApiException.notLeader(cluster.leadership().leaderUrl());
        }
        List<HandoffStatus> known = statuses.get();
        List<MigrationAnswer> answers = new ArrayList<>();
        Topology topology = cluster.topologies().read().topology();
        for (SlotPool pool : slotPools(topology)) {
            for (Handoff handoff : pool.handoffs().values()) {
                answers.add(known.stream()
                        .filter(status -> status.handoff().id().equals(handoff.id()))
                        .findFirst()
                        .map(status -> answer(pool.name(), handoff, status))
                        .orElseGet(() -> answer(pool.name(), handoff, HandoffStatus.notTakenUp(pool.name(), handoff))));
            }
            pool.waiting().values().forEach(move -> answers.add(waiting(pool, move)));
        }
        return ApiJson.text(new MigrationsAnswer(answers, RingAnswers.of(topology, rings.get())));
    }

    private static List<SlotPool> slotPools(Topology topology) {
        return topology.pools().keySet().stream()
                .flatMap(name -> topology.slotPool(name).stream())
                .toList();
    }

    private static MigrationAnswer waiting(SlotPool pool, WaitingMove move) {
        List<String> obstacles = Turns.obstacles(pool, move);
        return new MigrationAnswer(
                move.id(),
                pool.name(),
                move.slots().toString(),
                move.from(),
                move.to(),
                "waiting",
                false,
                obstacles.isEmpty() ? "begins soon" : "waits for its turn",
                obstacles,
                0,
                0,
                null,
                null,
                null,
                null);
    }

    private static MigrationAnswer answer(String pool, Handoff handoff, HandoffStatus status) {
        return new MigrationAnswer(
                handoff.id(),
                pool,
                handoff.slots().toString(),
                handoff.from(),
                handoff.to(),
                handoff.state().name().toLowerCase(Locale.ROOT),
                status.orders().paused(),
                status.step(),
                status.waitsFor(),
                status.done(),
                handoff.attempt(),
                millis(status.frozenFor()),
                millis(status.lastFreeze()),
                status.copy().map(numbers -> copy(numbers, status.reason())).orElse(null),
                status.lastError().isEmpty() ? null : status.lastError());
    }

    private static @Nullable Long millis(Duration time) {
        return time.isZero() ? null : (Long) time.toMillis();
    }

    private static CopyAnswer copy(CopyProgress progress, String reason) {
        Optional<Long> remaining = progress.eta().map(Duration::toMillis);
        return new CopyAnswer(
                progress.engine().name().toLowerCase(Locale.ROOT),
                reason,
                progress.state().name().toLowerCase(Locale.ROOT).replace('_', ' ')
                        + (progress.paused() ? " (paused)" : ""),
                progress.done(),
                progress.keys(),
                progress.bytes(),
                Math.round(progress.keysPerSecond()),
                Math.round(progress.bytesPerSecond()),
                progress.lagBytes(),
                progress.dirtyKeys(),
                progress.spoolBytes(),
                remaining.orElse(null),
                millisOf(progress.ping()),
                limits(progress));
    }

    private static LimitsAnswer limits(CopyProgress progress) {
        CopyLimits limits = progress.limits();
        return new LimitsAnswer(
                limits.keysPerSecond(),
                limits.bytesPerSecond(),
                limits.outstandingCommands(),
                limits.spoolBytes(),
                millisOf(limits.slowDownAbove()),
                progress.share());
    }

    private static double millisOf(Duration time) {
        return time.toNanos() / 1_000_000.0;
    }
}
