package io.sluice.manager.migration;

import io.sluice.manager.change.ChangeDesk;
import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.ClusterDesk;
import io.sluice.manager.change.TopologyChange;
import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.LeaderTask;
import io.sluice.manager.store.StoreException;
import io.sluice.routing.cluster.Freezes;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets waiting moves begin when it is their turn, and takes shards away that were to be drained and are, while this
 * manager leads; on a thread of its own. What there is to do stands in the topology, so whoever takes over goes on.
 */
public final class WaitingMoves implements LeaderTask {

    private static final Logger log = LoggerFactory.getLogger(WaitingMoves.class);

    /** Who has changed the topology, for the history. */
    static final String BY = "manager (waiting moves)";

    /** Between two looks while something waits. */
    private static final Duration BUSY_PAUSE = Duration.ofMillis(200);

    /** While nothing does. */
    private static final Duration IDLE_PAUSE = Duration.ofSeconds(1);

    private final InstantSource clock;
    private final Map<String, List<String>> refusals = new ConcurrentHashMap<>(); // by pool
    private @Nullable Rounds rounds;

    /** @param clock what the history goes by */
    public WaitingMoves(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public String name() {
        return "waiting moves";
    }

    @Override
    public void begin(Cluster cluster) {
        ChangeDesk desk = new ClusterDesk(cluster, clock);
        rounds = Rounds.begin(name(), () -> round(cluster, desk));
    }

    @Override
    public void end() {
        Rounds begun = rounds;
        rounds = null;
        if (begun != null) {
            begun.end();
        }
    }

    /** How long to wait for the next. */
    private Duration round(Cluster cluster, ChangeDesk desk) throws StoreException {
        Topology now = cluster.topologies().read().topology();
        if (Freezes.areIn(now)) { // a write now would make the switch wait, and clients with it
            return BUSY_PAUSE;
        }
        Duration pause = IDLE_PAUSE;
        for (SlotPool pool : slotPools(now)) {
            Duration wanted = looked(pool, desk);
            pause = wanted.compareTo(pause) < 0 ? wanted : pause;
        }
        return pause;
    }

    /** How long it may be left alone: what is refused in one pool keeps no other from going on. */
    private Duration looked(SlotPool pool, ChangeDesk desk) throws StoreException {
        try {
            boolean isBusy = look(pool, desk);
            refusals.remove(pool.name());
            return isBusy ? BUSY_PAUSE : IDLE_PAUSE;
        } catch (ChangeRefusedException e) {
            if (!e.reasons().equals(refusals.put(pool.name(), e.reasons()))) { // told once, and looked at again
                log.warn("Waiting moves go on waiting: pool={}: {}", pool.name(), e.getMessage());
            }
            return IDLE_PAUSE;
        }
    }

    private static List<SlotPool> slotPools(Topology topology) {
        return topology.pools().keySet().stream()
                .flatMap(name -> topology.slotPool(name).stream())
                .toList();
    }

    /** Whether there is more to do. */
    private static boolean look(SlotPool pool, ChangeDesk desk) throws StoreException, ChangeRefusedException {
        boolean isSomebodysTurn = pool.waiting().values().stream()
                .anyMatch(move -> Turns.obstacles(pool, move).isEmpty());
        if (isSomebodysTurn) {
            apply(desk, new BeginWaiting(pool.name()));
        }
        boolean drains = false;
        for (Shard shard : pool.shards().values()) {
            drains |= shard.draining();
            if (RemoveDrained.isDrained(pool, shard)) {
                apply(desk, new RemoveDrained(pool.name(), shard.name()));
            }
        }
        return drains || !pool.waiting().isEmpty();
    }

    private static void apply(ChangeDesk desk, TopologyChange change) throws StoreException, ChangeRefusedException {
        desk.apply(change, BY, OptionalLong.empty());
    }
}
