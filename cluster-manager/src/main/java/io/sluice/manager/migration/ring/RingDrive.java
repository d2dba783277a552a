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
import java.time.Instant;
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
 *   broker   PREPARE ─ nothing but lists ─▶ TURNING ─▶ DRAINING ─ empty for a while ─▶ done
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
    private final Errand<Long> sweep;
    private final Errand<RingServers.Holdings> look;
    private final Errand<List<String>> probe;

    private @Nullable RingStatus status;
    private @Nullable Ending ending;
    private List<String> waitsFor = List.of();
    private @Nullable Instant ends;
    private String lastError = "";
    private long swept;
    private long queues;
    private @Nullable Long closedSince;
    private @Nullable Long silentSince;
    private @Nullable Long emptySince;
    private long sentAt;
    private long notBefore;

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
        this.sweep = new Errand<>(tools.executor());
        this.look = new Errand<>(tools.executor());
        this.probe = new Errand<>(tools.executor());
        this.notBefore = tools.now();
        this.sentAt = notBefore - tools.rules().lookPause().toNanos();
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
        waitsFor = List.of();
        ends = null;
        try {
            String step = step(now, ring.get(), change);
            status = new RingStatus(pool, change, step, waitsFor, ends, swept, queues, lastError);
        } catch (StoreException e) {
            if (e.reason() != Reason.CHANGED_MEANWHILE) {
                throw e;
            }
            log.debug("Read again: change={}", id);
        }
        return true;
    }

    private String step(StoredTopology now, RingPool ring, RingChange change) throws StoreException {
        if (!isServedByAll(now, change)) {
            return "until every proxy serves by it";
        }
        return switch (change.state()) {
            case PREPARE -> change.kind() == Kind.CACHE ? sweep(now, ring, change) : lookForOthers(now, ring, change);
            case INVALIDATE ->
                change.turning()
                        ? turnBack(now, ring, change, RingChangeState.WINDOW)
                        : enter(now, ring, change, RingChangeState.WINDOW);
            case WINDOW -> window(now, ring, change);
            case CLOSING -> closing(now, ring, change);
            case TURNING -> enter(now, ring, change, RingChangeState.DRAINING);
            case DRAINING -> draining(now, ring, change);
        };
    }

    private boolean isServedByAll(StoredTopology now, RingChange change) {
        boolean leased = change.kind() == Kind.CACHE && change.state() != RingChangeState.PREPARE;
        Duration before = leased ? change.lease() : FOR_EVER;
        waitsFor = new Barrier(change.since(), now.zxid(), before).waitsFor(sightings);
        return waitsFor.isEmpty();
    }

    // ---- caches

    private String sweep(StoredTopology now, RingPool ring, RingChange change) throws StoreException {
        Optional<Errand.Outcome<Long>> back = sweep.take();
        if (back.isPresent()) {
            if (back.get().value().isEmpty()) {
                return failed(back.get().failure());
            }
            swept = back.get().value().get();
            lastError = "";
            log.info("No leftovers on the new owners: change={} removed={}", id, swept);
            return enter(now, ring, change, RingChangeState.INVALIDATE);
        }
        if (!sweep.isOut() && tools.now() - notBefore >= 0) {
            sweep.send(servers::sweep);
        }
        return sweep.isOut() ? "takes leftovers off the new owners" : "tries again soon";
    }

    private String window(StoredTopology now, RingPool ring, RingChange change) throws StoreException {
        Instant end = change.entered().plus(change.window());
        ends = end;
        Optional<String> away = awayForLong();
        if (away.isPresent()) {
            lastError = "the window ends early: " + away.get();
            log.warn("The window ends early: change={}: {}", id, away.get());
        }
        return away.isPresent() || !tools.clock().instant().isBefore(end)
                ? enter(now, ring, change, RingChangeState.CLOSING)
                : "old and new are asked";
    }

    /** Why an old server has been away for so long that its keys cannot be written in the window. */
    private Optional<String> awayForLong() {
        Optional<Errand.Outcome<List<String>>> back = probe.take();
        Optional<String> away =
                back.flatMap(Errand.Outcome::value).flatMap(all -> all.stream().findFirst());
        if (back.isPresent()) {
            Long since = silentSince;
            silentSince = away.isEmpty() ? null : since == null ? (Long) sentAt : since;
        }
        if (!probe.isOut() && tools.now() - sentAt >= tools.rules().lookPause().toNanos()) {
            sentAt = tools.now();
            probe.send(servers::silentOldServers);
        }
        Long since = silentSince;
        return away.filter(reason -> since != null
                && tools.now() - since >= tools.rules().silenceLimit().toNanos());
    }

    private String closing(StoredTopology now, RingPool ring, RingChange change) throws StoreException {
        Duration grace = change.grace().compareTo(RingChange.CLOSING) > 0 ? change.grace() : RingChange.CLOSING;
        Long since = closedSince;
        if (since == null) {
            closedSince = tools.now();
            since = closedSince;
        }
        Duration left = grace.minusNanos(tools.now() - since);
        ends = tools.clock().instant().plus(left);
        return left.isNegative() || left.isZero() ? finish(now, ring, change) : "old is asked no more";
    }

    // ---- brokers

    private String lookForOthers(StoredTopology now, RingPool ring, RingChange change) throws StoreException {
        Optional<Errand.Outcome<RingServers.Holdings>> back = look.take();
        if (back.isPresent()) {
            if (back.get().value().isEmpty()) {
                return failed(back.get().failure());
            }
            RingServers.Holdings found = back.get().value().get();
            queues = found.queues();
            if (found.others() > 0) {
                return failed(found.others() + " keys would get another server and are no lists (" + found.example()
                        + "): nobody would move them; take them away, or abort");
            }
            if (found.early() > 0) {
                return failed(found.early() + " keys are at their new servers already (" + found.example()
                        + "): old messages would come again; take them away, or abort");
            }
            lastError = "";
            return enter(now, ring, change, RingChangeState.TURNING);
        }
        sendToLook();
        return look.isOut() ? "looks what the old servers have" : "looks again soon";
    }

    private String draining(StoredTopology now, RingPool ring, RingChange change) throws StoreException {
        Optional<Errand.Outcome<RingServers.Holdings>> back = look.take();
        if (back.isPresent() && back.get().value().isEmpty()) {
            emptySince = null;
            return failed(back.get().failure());
        }
        if (back.isPresent() && isEmptyForLong(back.get().value().orElseThrow(), change.grace())) {
            return change.turning() ? turnBack(now, ring, change, RingChangeState.PREPARE) : finish(now, ring, change);
        }
        sendToLook();
        Long since = emptySince;
        if (since != null) {
            ends = tools.clock().instant().plus(change.grace().minusNanos(tools.now() - since));
        }
        return queues == 0 && since != null
                ? "old has nothing left, and is watched for a while"
                : "consumers empty the old servers";
    }

    private boolean isEmptyForLong(RingServers.Holdings found, Duration grace) {
        queues = found.queues();
        if (found.queues() + found.others() > 0) {
            emptySince = null;
            lastError = found.others() == 0
                    ? ""
                    : found.others() + " keys are no lists (" + found.example() + "), and nobody moves them";
            return false;
        }
        lastError = "";
        Long since = emptySince;
        if (since == null) {
            emptySince = sentAt;
            return grace.isZero();
        }
        return sentAt - since >= grace.toNanos();
    }

    private void sendToLook() {
        boolean mayGo = tools.now() - notBefore >= 0
                && tools.now() - sentAt >= tools.rules().lookPause().toNanos();
        if (!look.isOut() && mayGo) {
            sentAt = tools.now();
            look.send(servers::holdings);
        }
    }

    // ---- steps

    private String failed(String why) {
        if (!lastError.equals(why)) {
            log.warn("A ring waits: change={}: {}", id, why);
        }
        lastError = why;
        notBefore = tools.now() + tools.rules().repeatPause().toNanos();
        return "tries again soon";
    }

    private String enter(StoredTopology now, RingPool ring, RingChange change, RingChangeState next)
            throws StoreException {
        write(now, ring.withChange(change.in(next, now.topology().epoch() + 1, tools.instant())));
        log.info(
                "A ring changes: change={} state={} epoch={}",
                id,
                next,
                now.topology().epoch() + 1);
        return "enters " + next;
    }

    /** The rings change places. */
    private String turnBack(StoredTopology now, RingPool ring, RingChange change, RingChangeState next)
            throws StoreException {
        RingChange back =
                change.backTo(ring.definition().servers(), next, now.topology().epoch() + 1, tools.instant());
        write(now, ring.withServers(change.next()).withChange(back));
        log.info(
                "A ring goes back: change={} state={} epoch={}",
                id,
                next,
                now.topology().epoch() + 1);
        return "goes back";
    }

    private String finish(StoredTopology now, RingPool ring, RingChange change) throws StoreException {
        Topology after = now.topology().withPool(ring.withServers(change.next()).withoutChange());
        StoredTopology written = topologies.replace(now, after, tools.entry(change, now.topology(), after));
        Duration lease = change.kind() == Kind.BROKER ? FOR_EVER : change.lease();
        ending = new Ending(change, new Barrier(written.topology().epoch(), written.zxid(), lease));
        log.info(
                "A ring has its new servers: change={} epoch={}",
                id,
                written.topology().epoch());
        return "done";
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
        waitsFor = written.barrier().waitsFor(sightings);
        status = new RingStatus(
                pool,
                written.change(),
                "done; servers that left may be stopped when every proxy knows",
                waitsFor,
                null,
                swept,
                0,
                "");
        return !waitsFor.isEmpty();
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
