package io.sluice.manager.migration;

import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.LeaderTask;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.manager.store.StoredTopology;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings all handoffs of a cluster forward while this manager leads, on a thread of its own. */
public final class Migrations implements LeaderTask {

    private static final Logger log = LoggerFactory.getLogger(Migrations.class);

    /** Between two looks while something is frozen: clients wait. */
    private static final Duration FROZEN_PAUSE = Duration.ofMillis(10);

    /** While something is copied. */
    private static final Duration BUSY_PAUSE = Duration.ofMillis(100);

    /** While there is nothing to do. */
    private static final Duration IDLE_PAUSE = Duration.ofMillis(500);

    /** After a bug: the handoff is taken up anew, as if another manager had begun it. */
    private static final Duration PAUSE_AFTER_BUG = Duration.ofSeconds(5);

    /** Longer than any step takes whose mover keeps to its limits. */
    private static final Duration END_LIMIT = Duration.ofSeconds(5);

    private final Movers movers;
    private final HandoffRules rules;
    private volatile @Nullable Thread thread;
    private volatile boolean ending;
    private volatile List<HandoffStatus> statuses = List.of();

    public Migrations(Movers movers, HandoffRules rules) {
        this.movers = movers;
        this.rules = rules;
    }

    /** Of all handoffs, as of the last look; none while another manager leads. From any thread. */
    public List<HandoffStatus> statuses() {
        return statuses;
    }

    @Override
    public String name() {
        return "migrations";
    }

    @Override
    public void begin(Cluster cluster) {
        ending = false;
        Thread begun = new Thread(() -> run(cluster), "migrations");
        begun.setDaemon(true);
        thread = begun;
        begun.start();
    }

    /** Returns when the step under way is done, or after a while: it could write nothing anyway. */
    @Override
    public void end() {
        ending = true;
        Thread begun = thread;
        if (begun != null) {
            begun.interrupt();
            try {
                begun.join(END_LIMIT.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        thread = null;
    }

    private void run(Cluster cluster) {
        Map<String, Underway> drives = new LinkedHashMap<>();
        ProxySightings sightings = new ProxySightings();
        try {
            while (!ending) {
                Thread.sleep(round(cluster, sightings, drives).toMillis());
            }
        } catch (InterruptedException e) {
            log.debug("Migrations end");
        } finally {
            drives.values().forEach(each -> each.drive().leave());
            statuses = List.of();
        }
    }

    /** How long to wait for the next. */
    private Duration round(Cluster cluster, ProxySightings sightings, Map<String, Underway> drives) {
        try {
            StoredTopology now = cluster.topologies().read();
            takeUp(now, cluster, sightings, drives);
            for (Iterator<Underway> each = drives.values().iterator(); each.hasNext(); ) {
                step(cluster, sightings, each);
            }
            tell(drives);
            return drives.isEmpty() ? IDLE_PAUSE : isFrozen() ? FROZEN_PAUSE : BUSY_PAUSE;
        } catch (StoreException e) {
            if (e.reason() == Reason.NOT_LEADER) {
                ending = true;
            } else if (!ending) {
                log.warn("Handoffs wait: reason={}: {}", e.reason(), e.getMessage());
            }
            return IDLE_PAUSE;
        }
    }

    private void takeUp(StoredTopology now, Cluster cluster, ProxySightings sightings, Map<String, Underway> drives) {
        for (String name : now.topology().pools().keySet()) {
            for (SlotPool pool : now.topology().slotPool(name).stream().toList()) {
                for (Handoff handoff : pool.handoffs().values()) {
                    drives.computeIfAbsent(
                            handoff.id(),
                            id -> new Underway(
                                    new HandoffDrive(
                                            name,
                                            id,
                                            cluster.topologies(),
                                            sightings,
                                            movers.moverOf(pool, handoff),
                                            rules,
                                            System::nanoTime),
                                    name,
                                    id,
                                    primariesOf(pool, handoff)));
                }
            }
        }
    }

    /** What it needs to know is read anew for each, because the one before may have taken its time. */
    private void step(Cluster cluster, ProxySightings sightings, Iterator<Underway> each) throws StoreException {
        Underway underway = each.next();
        HandoffDrive drive = underway.drive();
        try {
            StoredTopology now = cluster.topologies().read();
            sightings.look(cluster.proxies().proxies(), System.nanoTime());
            if (!underway.hasSamePrimariesIn(now)) {
                log.warn("A handoff is taken up anew, its shards have other primaries: handoff={}", underway.id());
                drive.leave();
                each.remove();
            } else if (!drive.step(now)) {
                each.remove();
                if (drive.leavesNothing()) {
                    movers.forget(underway.id());
                }
            }
        } catch (RuntimeException e) {
            log.error("A handoff is taken up anew after a bug", e);
            drive.leave();
            each.remove();
            LockSupport.parkNanos(PAUSE_AFTER_BUG.toNanos());
        }
    }

    /** Of both of its shards. */
    private static List<ServerAddress> primariesOf(SlotPool pool, Handoff handoff) {
        return Stream.of(handoff.from(), handoff.to())
                .flatMap(name -> pool.shard(name).stream())
                .map(Shard::primary)
                .toList();
    }

    /**
     * A handoff and who moves it.
     *
     * @param primaries of its shards when it was taken up, which its mover talks to: after a failover it would copy from
     *     a server that gets no writes any more, or to one that the slots do not go to
     */
    private record Underway(HandoffDrive drive, String pool, String id, List<ServerAddress> primaries) {

        boolean hasSamePrimariesIn(StoredTopology now) {
            return now.topology()
                    .slotPool(pool)
                    .flatMap(slots -> slots.handoff(id).map(handoff -> primariesOf(slots, handoff)))
                    .map(primaries::equals)
                    .orElse(true); // gone: its drive knows what to do
        }
    }

    private void tell(Map<String, Underway> drives) {
        List<HandoffStatus> told = new ArrayList<>();
        drives.values().forEach(each -> each.drive().status().ifPresent(told::add));
        statuses = List.copyOf(told);
    }

    private boolean isFrozen() {
        return statuses.stream()
                .anyMatch(status ->
                        status.step().equals("frozen") || status.handoff().state() == HandoffState.FREEZE);
    }
}
