package io.sluice.manager.migration;

import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.Outlook;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.manager.store.StoredTopology;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A handoff that this manager brings forward, on a thread of its own: what takes long for one (clearing a server) holds up
 * no other. Ends when nothing is left to do, when its shards have got other primaries, or after a bug; whoever began it
 * takes it up anew then if the topology still has it.
 */
final class Underway {

    private static final Logger log = LoggerFactory.getLogger(Underway.class);

    /** Between two looks while it is frozen, if no proxy is heard of: clients wait. */
    private static final Duration FROZEN_PAUSE = Duration.ofMillis(20);

    /** Between two looks otherwise. */
    private static final Duration PAUSE = Duration.ofMillis(100);

    /** While ZooKeeper does not answer, and after a bug. */
    private static final Duration PAUSE_AFTER_ERROR = Duration.ofMillis(500);

    private static final Duration PAUSE_AFTER_BUG = Duration.ofSeconds(5);

    private final Cluster cluster;
    private final ProxySightings sightings;
    private final Movers movers;
    private final SlotPool pool;
    private final Handoff handoff;
    private final HandoffDrive drive;
    private final Thread thread;
    private final Semaphore heartbeats = new Semaphore(0);
    private final Runnable onHeartbeat = heartbeats::release;
    private volatile boolean ending;
    private volatile boolean isDeposed;
    private volatile @Nullable HandoffStatus status;
    private volatile @Nullable String keepsBecause;

    private Underway(
            Cluster cluster,
            ProxySightings sightings,
            Movers movers,
            HandoffRules rules,
            SlotPool pool,
            Handoff handoff) {
        this.cluster = cluster;
        this.sightings = sightings;
        this.movers = movers;
        this.pool = pool;
        this.handoff = handoff;
        this.drive = new HandoffDrive(
                pool.name(),
                handoff.id(),
                cluster.topologies(),
                sightings,
                movers.moverOf(pool, handoff),
                rules,
                System::nanoTime);
        this.thread = new Thread(this::run, "migration-" + handoff.id());
    }

    /** @param pool as it stands when the handoff is taken up */
    static Underway begin(
            Cluster cluster,
            ProxySightings sightings,
            Movers movers,
            HandoffRules rules,
            SlotPool pool,
            Handoff handoff) {
        return new Underway(cluster, sightings, movers, rules, pool, handoff).started();
    }

    /** The same for one that is gone: only its end is left. */
    static Underway finish(
            Cluster cluster, ProxySightings sightings, Movers movers, HandoffRules rules, SlotPool pool, Handoff gone) {
        Underway begun = new Underway(cluster, sightings, movers, rules, pool, gone);
        begun.drive.takeUpEndOf(gone);
        return begun.started();
    }

    private Underway started() {
        thread.setDaemon(true);
        thread.start();
        return this;
    }

    boolean isOver() {
        return !thread.isAlive();
    }

    /** It has learned that another manager leads. */
    boolean isDeposed() {
        return isDeposed;
    }

    /** As of its last step; empty before the first. */
    Optional<HandoffStatus> status() {
        return Optional.ofNullable(status);
    }

    /** Why the target keeps what was aborted, as of the last try. */
    Optional<String> keepsBecause() {
        return Optional.ofNullable(keepsBecause);
    }

    /**
     * Whether this is gone from the topology, and clears or may still clear the shard to which the other one copies: whose
     * keys would be lost. An abort clears where it copied to, a cleanup where it copied from.
     */
    boolean isInTheWayOf(SlotPool otherPool, Handoff other, Topology topology) {
        return !isIn(topology)
                && otherPool.name().equals(pool.name())
                && (other.to().equals(handoff.to()) || other.to().equals(handoff.from()))
                && other.slots().intersects(handoff.slots());
    }

    private boolean isIn(Topology topology) {
        return topology.slotPool(pool.name())
                .flatMap(slots -> slots.handoff(handoff.id()))
                .isPresent();
    }

    /** Begins nothing any more. */
    void leave() {
        ending = true;
        thread.interrupt();
    }

    void awaitEnd(Duration limit) throws InterruptedException {
        thread.join(Math.max(1, limit.toMillis()));
    }

    // ---- its thread

    private void run() {
        try {
            while (!ending) {
                pause(round());
            }
        } catch (InterruptedException e) {
            log.debug("Left: handoff={}", handoff.id());
        } finally {
            drive.leave();
        }
    }

    /** While it is frozen, what a proxy says is an acknowledgement, or the last but one. */
    private void pause(Duration most) throws InterruptedException {
        if (isFrozen()) {
            heartbeats.tryAcquire(most.toNanos(), TimeUnit.NANOSECONDS);
        } else {
            Thread.sleep(most.toMillis());
        }
    }

    /** How long to wait for the next. */
    private Duration round() {
        try {
            step();
            return isFrozen() ? FROZEN_PAUSE : PAUSE;
        } catch (StoreException e) {
            if (e.reason() == Reason.NOT_LEADER) {
                isDeposed = true;
                ending = true;
            } else if (!ending) {
                log.warn("A handoff waits: handoff={} reason={}: {}", handoff.id(), e.reason(), e.getMessage());
            }
            return PAUSE_AFTER_ERROR;
        } catch (RuntimeException e) {
            log.error("A handoff is taken up anew after a bug: handoff={}", handoff.id(), e);
            ending = true;
            return PAUSE_AFTER_BUG;
        }
    }

    /** The proxies are looked at after the topology was read, as the drive needs it. */
    private void step() throws StoreException {
        heartbeats.drainPermits();
        long reading = sightings.begin();
        boolean agreed = !isFrozen(); // else the epoch of the freeze itself tells that nothing older is seen
        Outlook outlook = cluster.lookout().look(handoff.id(), agreed, onHeartbeat);
        sightings.look(reading, outlook.proxies(), System.nanoTime());
        StoredTopology now = outlook.topology();
        if (!hasSamePrimariesIn(now.topology())) {
            log.warn("A handoff is taken up anew, its shards have other primaries: handoff={}", handoff.id());
            ending = true;
            drive.endFreeze(now);
            return;
        }
        if (isIn(now.topology())) { // else only its end is left, whatever the orders say that may be there still
            drive.order(outlook.orders());
        }
        boolean goesOn = drive.step(now);
        status = drive.status().orElse(null);
        keepsBecause = drive.problemOfPurge().orElse(null);
        if (!goesOn) {
            ending = true;
            if (drive.leavesNothing()) {
                movers.forget(handoff.id());
            }
        }
    }

    private boolean isFrozen() {
        HandoffStatus last = status;
        return last != null && (last.step().equals("frozen") || last.handoff().state() == HandoffState.FREEZE);
    }

    /**
     * Its mover talks to those that were the primaries when it was taken up: after a failover it would copy from a server
     * that gets no writes any more, or to one that the slots do not go to. One that was aborted has to do with its target
     * alone, whose new primary has got the copies from the old one; the book tells of them, and they are looked for there.
     */
    private boolean hasSamePrimariesIn(Topology topology) {
        Optional<SlotPool> slots = topology.slotPool(pool.name());
        boolean isThere = slots.flatMap(known -> known.handoff(handoff.id())).isPresent();
        return slots.map(known -> isThere
                        ? primariesOf(known, handoff).equals(primariesOf(pool, handoff))
                        : !drive.bringsCopies() || isSame(known.shard(handoff.to()), pool.shard(handoff.to())))
                .orElse(true);
    }

    /** Also if the shard is gone by now: then nothing is left to do. */
    private static boolean isSame(Optional<Shard> now, Optional<Shard> before) {
        return now.isEmpty() || now.map(Shard::primary).equals(before.map(Shard::primary));
    }

    /** Of both of its shards. */
    private static List<ServerAddress> primariesOf(SlotPool pool, Handoff handoff) {
        return Stream.of(handoff.from(), handoff.to())
                .flatMap(name -> pool.shard(name).stream())
                .map(Shard::primary)
                .toList();
    }
}
