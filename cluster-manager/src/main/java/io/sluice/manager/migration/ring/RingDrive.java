package io.sluice.manager.migration.ring;

import io.sluice.manager.migration.Barrier;
import io.sluice.manager.migration.ProxySightings;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.manager.store.StoredTopology;
import io.sluice.manager.store.TopologyStore;
import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingChange.Kind;
import io.sluice.routing.cluster.RingChangeState;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one change of a ring forward, one step at a time, for as long as this manager leads. Used by one thread.
 *
 * <pre>
 *   cache    PREPARE ─ leftovers gone ─▶ INVALIDATE ─▶ WINDOW ─ its time is over ─▶ CLOSING ─ a while ─▶ done
 *   broker   PREPARE ─ nothing but lists ─▶ SEALED ─ still so ─▶ TURNING ─▶ DRAINING ─ empty for a while ─▶ done
 *            each arrow: all proxies have acknowledged the state that it leaves, or cannot serve by an older one
 * </pre>
 *
 * What is done depends on the topology alone, so one who takes over begins with a new object.
 */
final class RingDrive {

    private static final Logger log = LoggerFactory.getLogger(RingDrive.class);

    /**
     * A proxy serves a ring at rest, and queues, without any lease: what it obeys for slots says nothing of those. So it has
     * to be heard of, or removed.
     */
    private static final Duration FOR_EVER = Duration.ZERO;

    private final String pool;
    private final String id;
    private final TopologyStore topologies;
    private final ProxySightings sightings;
    private final RingServers servers;
    private final RingTools tools;
    private final RingNotes notes;
    private final RingSteps caches;
    private final RingSteps brokers;

    private @Nullable RingStatus status;
    private @Nullable Ending ending;
    private boolean awaitsProxies = true;

    /** Written by this object: the change is gone, and not every proxy knows. */
    private record Ending(RingChange change, Barrier barrier) {}

    RingDrive(
            String pool,
            String id,
            TopologyStore topologies,
            ProxySightings sightings,
            RingServers servers,
            RingTools tools) {
        this.pool = pool;
        this.id = id;
        this.topologies = topologies;
        this.sightings = sightings;
        this.servers = servers;
        this.tools = tools;
        this.notes = new RingNotes(id);
        this.caches = new CacheSteps(id, servers, tools, notes);
        this.brokers = new BrokerSteps(servers, tools, notes);
    }

    /**
     * Does what can be done now. The sightings must be of a look after {@code now} was read.
     *
     * @return false once there is nothing left to do
     */
    boolean step(StoredTopology now) throws StoreException {
        Optional<RingPool> ring = now.topology().ringPool(pool);
        Optional<RingChange> found =
                ring.flatMap(RingPool::underway).filter(change -> change.id().equals(id));
        if (found.isEmpty()) {
            return end();
        }
        RingChange change = found.get();
        notes.begin();
        try {
            String step = step(now, ring.get(), change);
            status = notes.status(pool, change, step);
        } catch (StoreException e) {
            if (e.reason() != Reason.CHANGED_MEANWHILE) {
                throw e;
            }
            log.debug("Read again: change={}", id);
        }
        return true;
    }

    private String step(StoredTopology now, RingPool ring, RingChange change) throws StoreException {
        awaitsProxies = true;
        notes.waitsFor(barrier(now, change).waitsFor(sightings));
        if (!notes.waitsFor().isEmpty()) {
            return "until every proxy serves by it";
        }
        RingStep step = (change.kind() == Kind.CACHE ? caches : brokers).next(change);
        RingChangeState next = step.next();
        switch (step.kind()) {
            case STAY -> awaitsProxies = false;
            case ENTER -> enter(now, ring, change, needed(next));
            case TURN_BACK -> turnBack(now, ring, change, needed(next));
            case FINISH -> finish(now, ring, change);
        }
        return step.told();
    }

    private static RingChangeState needed(@Nullable RingChangeState next) {
        if (next == null) {
            throw new IllegalStateException("A step to no state");
        }
        return next;
    }

    private static Barrier barrier(StoredTopology now, RingChange change) {
        boolean leased = change.kind() == Kind.CACHE && change.state() != RingChangeState.PREPARE;
        return new Barrier(change.since(), now.zxid(), leased ? change.lease() : FOR_EVER);
    }

    // ---- what is written

    private void enter(StoredTopology now, RingPool ring, RingChange change, RingChangeState next)
            throws StoreException {
        write(now, ring.withChange(change.in(next, now.topology().epoch() + 1, tools.instant())));
        log.info(
                "A ring changes: change={} state={} epoch={}",
                id,
                next,
                now.topology().epoch() + 1);
    }

    /** The rings change places. */
    private void turnBack(StoredTopology now, RingPool ring, RingChange change, RingChangeState next)
            throws StoreException {
        RingChange back =
                change.backTo(ring.definition().servers(), next, now.topology().epoch() + 1, tools.instant());
        write(now, ring.withServers(change.next()).withChange(back));
        log.info(
                "A ring goes back: change={} state={} epoch={}",
                id,
                next,
                now.topology().epoch() + 1);
    }

    private void finish(StoredTopology now, RingPool ring, RingChange change) throws StoreException {
        Topology after = now.topology().withPool(ring.withServers(change.next()).withoutChange());
        StoredTopology written = topologies.replace(now, after, tools.entry(change, now.topology(), after));
        Duration lease = change.kind() == Kind.BROKER ? FOR_EVER : change.lease();
        ending = new Ending(change, new Barrier(written.topology().epoch(), written.zxid(), lease));
        log.info(
                "A ring has its new servers: change={} epoch={}",
                id,
                written.topology().epoch());
    }

    private void write(StoredTopology now, RingPool ring) throws StoreException {
        topologies.replace(now, now.topology().withPool(ring));
    }

    // ---- gone

    /** Done here, or aborted by somebody. A server that left may be stopped once no proxy knows of it. */
    private boolean end() {
        servers.close();
        Ending written = ending;
        if (written == null) {
            log.info("A change of a ring is gone: change={}", id);
            return false;
        }
        List<String> unknowing = written.barrier().waitsFor(sightings);
        status = notes.ended(pool, written.change(), unknowing);
        return !unknowing.isEmpty();
    }

    /** Whether a heartbeat may bring it forward, as of the last step. */
    boolean awaitsProxies() {
        return awaitsProxies;
    }

    /** As of the last step. */
    Optional<RingStatus> status() {
        return Optional.ofNullable(status);
    }

    /** This manager does not lead any more. */
    void leave() {
        servers.close();
    }
}
