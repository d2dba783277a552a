package io.sluice.manager.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.store.HistoryEntry;
import io.sluice.manager.testing.MemoryCluster;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.WaitingMove;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What waits stands in the topology, and whoever leads goes on with it. */
class WaitingMovesTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final MemoryCluster cluster = new MemoryCluster();
    private final WaitingMoves moves = new WaitingMoves(() -> MemoryCluster.NOW);
    private final FakePlane plane = new FakePlane();

    @AfterEach
    void stop() {
        moves.end();
    }

    private SlotPool pool() {
        return cluster.topology().slotPool("alpha").orElseThrow();
    }

    private void write(SlotPool pool) {
        cluster.with(cluster.topology().withPool(pool).at(cluster.topology().epoch() + 1, MemoryCluster.TERM));
    }

    private Topology full() {
        SlotPool pool = plane.pool().withHandoff(Handoff.begin("h-2", SlotSet.range(2, 2), "a", "b", 1));
        for (int i = 3; i <= 4; i++) {
            pool = pool.withWaiting(new WaitingMove("h-" + i, SlotSet.range(i, i), "a", "b"));
        }
        return plane.topology().withPool(pool);
    }

    @Test
    void movesBeginWhenOthersAreDoneWhoeverLeads() {
        cluster.with(full());
        moves.begin(cluster.cluster());
        write(pool().withoutHandoff("h-1"));
        await().atMost(LIMIT).until(() -> pool().handoff("h-3").isPresent());
        moves.end();
        assertThat(pool().waiting()).containsOnlyKeys("h-4");

        WaitingMoves successor = new WaitingMoves(() -> MemoryCluster.NOW);
        successor.begin(cluster.cluster());
        write(pool().withoutHandoff("h-2"));
        await().atMost(LIMIT).until(() -> pool().waiting().isEmpty());
        successor.end();

        assertThat(pool().handoffs()).containsOnlyKeys("h-3", "h-4");
        assertThat(cluster.historyEntries())
                .extracting(HistoryEntry::title)
                .containsExactly("next moves of alpha", "next moves of alpha");
        assertThat(cluster.historyEntries()).extracting(HistoryEntry::by).containsOnly("manager (waiting moves)");
    }

    @Test
    void nothingIsWrittenWhileClientsWait() {
        cluster.with(full());
        Handoff frozen = pool().handoff("h-2").orElseThrow().in(HandoffState.FREEZE);
        write(pool().withoutHandoff("h-1").withHandoff(frozen));
        long epoch = cluster.topology().epoch();
        moves.begin(cluster.cluster());

        await().during(Duration.ofMillis(600))
                .atMost(LIMIT)
                .until(() -> cluster.topology().epoch() == epoch);

        write(pool().withHandoff(frozen.in(HandoffState.COPY)));
        await().atMost(LIMIT).until(() -> pool().handoff("h-3").isPresent());
    }

    @Test
    void aDrainedShardIsRemovedOnceNothingIsLeftThere() {
        SlotPool pool = plane.pool();
        cluster.with(plane.topology()
                .withPool(pool.withShard(pool.shard("a").orElseThrow().withDraining(true))));
        moves.begin(cluster.cluster());
        Handoff all = new Handoff(
                "h-1",
                HandoffState.SWITCHED,
                SlotSet.range(0, 8191),
                "a",
                "b",
                Handoff.LEASE,
                Handoff.FREEZE_BUDGET,
                1,
                1);
        write(pool().withOwner(all.slots(), "b").withHandoff(all));
        assertThat(pool().shards()).containsOnlyKeys("a", "b");

        write(pool().withoutHandoff("h-1"));

        await().atMost(LIMIT).until(() -> pool().shard("a").isEmpty());
        assertThat(cluster.historyEntries().get(0).title()).isEqualTo("shard drain a of alpha is done");
    }
}
