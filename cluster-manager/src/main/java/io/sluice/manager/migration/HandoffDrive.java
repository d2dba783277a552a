package io.sluice.manager.migration;

import io.sluice.manager.store.Orders;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.manager.store.StoredTopology;
import io.sluice.manager.store.TopologyStore;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one handoff forward, one step at a time, for as long as this manager leads. Used by one thread.
 *
 * <pre>
 *   COPY     copy begins ─▶ caught up ─▶ every proxy serves the COPY ─▶ every proxy fresh or fenced ─▶ FREEZE
 *   FREEZE   every proxy acknowledged or fenced ─▶ drained ─▶ gate closed ─▶ SWITCHED
 *              └── not done in time, or anything fails: back to COPY, and a pause
 *   SWITCHED a while ─▶ source cleaned ─▶ the handoff is removed
 * </pre>
 *
 * What is done depends on the topology alone: one who takes over begins with a new object, which finds a COPY that it
 * must begin again, or a FREEZE that it did not enter and therefore gives up.
 */
final class HandoffDrive {

    private static final Logger log = LoggerFactory.getLogger(HandoffDrive.class);

    private static final String PAUSED = "somebody paused the move";
    private static final String TOO_LATE = "the keys were over too late";

    private final String pool;
    private final String id;
    private final HandoffPlace place;
    private final TopologyStore topologies;
    private final ProxySightings sightings;
    private final Mover mover;
    private final HandoffRules rules;
    private final LongSupplier nanos;

    private boolean copying;
    private @Nullable Freeze freeze; // that this object has entered
    private @Nullable SourceCleanup cleanup; // once it is switched
    private @Nullable Handoff last;
    private @Nullable TargetPurge purge;
    private boolean leavesNothing = true;
    private Orders orders = Orders.NONE;
    private long notBefore;
    private @Nullable HandoffStatus status;
    private List<String> waitsFor = List.of();
    private Duration lastFreeze = Duration.ZERO;
    private String lastError = "";

    HandoffDrive(
            String pool,
            String id,
            TopologyStore topologies,
            ProxySightings sightings,
            Mover mover,
            HandoffRules rules,
            LongSupplier nanos) {
        this.pool = pool;
        this.id = id;
        this.place = new HandoffPlace(pool, id);
        this.topologies = topologies;
        this.sightings = sightings;
        this.mover = mover;
        this.rules = rules;
        this.nanos = nanos;
        this.notBefore = nanos.getAsLong();
    }

    /**
     * Does what can be done now. The sightings must be of a look after {@code now} was read.
     *
     * @return false once there is nothing left to do, and this object is closed
     */
    boolean step(StoredTopology now) throws StoreException {
        Optional<Handoff> found = place.in(now.topology());
        if (found.isEmpty()) {
            return end(now.topology());
        }
        Handoff handoff = found.get();
        last = handoff;
        try {
            waitsFor = List.of();
            String step = switch (handoff.state()) {
                case COPY -> copy(now, handoff);
                case FREEZE -> freeze(now, handoff);
                case SWITCHED -> switched(now);
            };
            status = new HandoffStatus(
                    pool,
                    handoff,
                    orders,
                    step,
                    waitsFor,
                    mover.reason(),
                    mover.progress(),
                    mover.numbers().orElse(null),
                    frozenFor(),
                    lastFreeze,
                    lastError);
        } catch (StoreException e) {
            if (e.reason() != Reason.CHANGED_MEANWHILE) {
                throw e;
            }
            log.debug("Read again: handoff={}", id);
        }
        return true;
    }

    private Duration frozenFor() {
        Freeze current = freeze;
        return current == null ? Duration.ZERO : current.lasted();
    }

    /** It was removed before the switch, under another leader, who may have left copies on the target. */
    void takeUpEndOf(Handoff gone) {
        last = gone;
    }

    /** What people want of it, which counts from the next step on. */
    void order(Orders wanted) {
        orders = wanted;
        mover.order(wanted);
    }

    /** As of the last step; empty once it is gone. */
    Optional<HandoffStatus> status() {
        return Optional.ofNullable(status);
    }

    /** This manager does not lead any more. */
    void leave() {
        mover.close();
    }

    // ---- gone

    /**
     * Somebody has removed it before the switch: the target must hold nothing of it. Or it was done, and is clean, or it was
     * rolled back. False once nothing is left to do.
     */
    private boolean end(Topology topology) {
        mover.close();
        status = null; // it stands nowhere any more
        Handoff gone = last;
        if (gone == null || !bringsCopies()) {
            // else what may still clean it must be ended by the handoff back
            leavesNothing = cleanup != null && cleanup.isDone();
            return false;
        }
        purge = purge == null ? new TargetPurge(pool, gone, mover, rules, nanos) : purge;
        boolean goesOn = purge.step(topology);
        leavesNothing = purge.leavesNothing();
        return goesOn;
    }

    /** Whether its target may hold keys that it does not own. */
    boolean bringsCopies() {
        return cleanup == null && last != null && last.state() != HandoffState.SWITCHED;
    }

    /** Whether nothing of the handoff has to be remembered, once it is over. */
    boolean leavesNothing() {
        return leavesNothing;
    }

    /** Why its target keeps the copies of what was aborted, as of the last try. */
    Optional<String> problemOfPurge() {
        return Optional.ofNullable(purge).flatMap(TargetPurge::problem);
    }

    // ---- COPY

    private String copy(StoredTopology now, Handoff handoff) throws StoreException {
        Freeze given = freeze;
        if (given != null) { // somebody else has ended it
            thawed(given, orders.paused() ? PAUSED : "the freeze was ended by a watchdog");
        }
        if (!copying) {
            if (orders.paused()) {
                return "paused before the copy; it begins when you resume";
            }
            if (otherIsFrozen(now)) {
                return "waits to be copied";
            }
            return begin(handoff);
        }
        Optional<Mover.Failure> failure = mover.failure();
        if (failure.isPresent()) {
            return failed(failure.get());
        }
        if (orders.paused()) {
            return "paused; the source serves, and what is written is remembered";
        }
        return mover.isCaughtUp() ? enterFreeze(now, handoff) : "copying";
    }

    /**
     * It may have been aborted since it was read, and its slots given to its target: which must not be cleared then. Whoever
     * aborts it after this look finds that it is written down.
     */
    private String begin(Handoff handoff) throws StoreException {
        Optional<String> problem = mover.announce();
        if (problem.isPresent()) {
            waitsFor = List.of(problem.get());
            return "waits to be copied";
        }
        Optional<Handoff> still = place.in(topologies.read().topology());
        if (!still.equals(Optional.of(handoff))) {
            return "changed meanwhile";
        }
        copying = true;
        mover.begin();
        log.info("Copying: handoff={} slots={} from={} to={}", id, handoff.slots(), handoff.from(), handoff.to());
        return "copying";
    }

    private String failed(Mover.Failure failure) {
        if (!lastError.equals(failure.message())) {
            lastError = failure.message();
            notBefore = nanos.getAsLong() + rules.repeatPause().toNanos();
            log.warn("The copy has stopped: handoff={} repeated={}: {}", id, failure.mayRepeat(), failure.message());
        }
        if (orders.paused() && failure.mayRepeat()) {
            return "paused, and the copy has stopped; it begins anew when you resume";
        }
        if (failure.mayRepeat() && nanos.getAsLong() - notBefore >= 0) {
            lastError = "";
            copying = false;
        }
        return failure.mayRepeat() ? "copying again soon" : "stopped; abort it, or mend what is said and abort it";
    }

    private String enterFreeze(StoredTopology now, Handoff handoff) throws StoreException {
        if (handoff.attempt() >= rules.maxAttempts()) {
            return "gave up after " + handoff.attempt() + " freezes; abort it, or look why they fail";
        }
        if (nanos.getAsLong() - notBefore < 0) {
            return "following, until the next freeze may begin";
        }
        waitsFor = obstacles(now, handoff);
        if (waitsFor.isEmpty()) {
            waitsFor = mover.prepareSwitch().stream().toList();
        }
        if (!waitsFor.isEmpty()) {
            return "following";
        }
        Handoff frozen = handoff.in(HandoffState.FREEZE);
        StoredTopology written = topologies.replace(now, place.with(now.topology(), frozen));
        freeze = Freeze.entered(frozen, written, rules, nanos);
        log.info(
                "Frozen: handoff={} epoch={} attempt={}", id, written.topology().epoch(), frozen.attempt());
        return "frozen";
    }

    /** Whatever would make a freeze last. */
    private List<String> obstacles(StoredTopology now, Handoff handoff) {
        Barrier copy = Barrier.ofCopy(handoff.copySince());
        List<String> obstacles = new ArrayList<>(copy.waitsFor(sightings));
        obstacles.addAll(Barrier.undecided(sightings, rules.freshHeartbeat(), handoff.lease()));
        frozenElsewhere(now.topology()).ifPresent(other -> obstacles.add("handoff " + other + " is frozen"));
        return obstacles;
    }

    /** Then clients wait, and what takes its time and its toll of the servers waits as well. */
    private boolean otherIsFrozen(StoredTopology now) {
        Optional<String> other = frozenElsewhere(now.topology());
        other.ifPresent(frozen -> waitsFor = List.of("handoff " + frozen + " is frozen"));
        return other.isPresent();
    }

    private Optional<String> frozenElsewhere(Topology topology) {
        return TargetPurge.frozenBeside(topology, id);
    }

    // ---- FREEZE

    private String freeze(StoredTopology now, Handoff handoff) throws StoreException {
        Freeze mine = freeze;
        if (mine == null || mine.attempt() != handoff.attempt()) {
            return giveUp(now, handoff, "it was not begun by this manager, or its beginning was not answered");
        }
        if (orders.paused()) {
            return giveUp(now, handoff, PAUSED);
        }
        waitsFor = mine.waitsFor(sightings);
        if (!waitsFor.isEmpty()) {
            return mine.isLate() ? giveUp(now, handoff, String.join("; ", waitsFor)) : "frozen";
        }
        mine.laps().done("acks");
        Optional<String> problem = bringOver(mine);
        if (problem.isPresent()) {
            return giveUp(now, handoff, problem.get());
        }
        if (mine.isOver()) {
            return giveUp(now, handoff, TOO_LATE);
        }
        topologies.replace(now, place.switchedIn(now.topology(), handoff));
        mine.laps().done("write");
        lastFreeze = mine.lasted();
        lastError = "";
        freeze = null;
        cleanup = new SourceCleanup(id, mover, rules, nanos);
        log.info("Switched: handoff={} owner={} freeze_ms={} {}", id, handoff.to(), lastFreeze.toMillis(), mine.laps());
        return "switched";
    }

    /** Empty when the target holds everything, and nothing more can be written there by the mover. */
    private Optional<String> bringOver(Freeze mine) {
        if (mine.gateIsClosed()) {
            return Optional.empty();
        }
        Optional<String> late = mover.drain(mine.left());
        mine.laps().done("drain");
        if (late.isPresent() || mine.isOver()) {
            return late.or(() -> Optional.of(TOO_LATE));
        }
        mine.closesGate();
        Optional<String> left = mover.closeGate();
        mine.laps().done("gate");
        return left;
    }

    /** Its shards have other primaries: another object goes on, and clients need not wait for that. */
    void endFreeze(StoredTopology now) throws StoreException {
        Optional<Handoff> frozen = place.in(now.topology()).filter(found -> found.state() == HandoffState.FREEZE);
        if (frozen.isPresent()) {
            giveUp(now, frozen.get(), "a primary was replaced");
        }
    }

    private String giveUp(StoredTopology now, Handoff handoff, String why) throws StoreException {
        topologies.replace(now, place.with(now.topology(), handoff.in(HandoffState.COPY)));
        Freeze mine = freeze;
        if (mine == null) {
            log.warn("Freeze ended: handoff={} attempt={}: {}", id, handoff.attempt(), why);
            notBefore = nanos.getAsLong() + rules.pauseAfter(handoff.attempt()).toNanos();
        } else {
            thawed(mine, why);
        }
        return "following";
    }

    /** After a closed gate, or with a copy that this object did not make, the copy begins anew. */
    private void thawed(Freeze given, String why) {
        lastFreeze = given.lasted();
        lastError = why.equals(PAUSED) ? lastError : why;
        freeze = null;
        notBefore = nanos.getAsLong() + rules.pauseAfter(given.attempt()).toNanos();
        log.warn(
                "Freeze given up: handoff={} attempt={} freeze_ms={}: {}",
                id,
                given.attempt(),
                lastFreeze.toMillis(),
                why);
        if (given.gateIsClosed() || mover.failure().isPresent()) {
            copying = false;
        } else {
            mover.follow();
        }
    }

    // ---- SWITCHED

    private String switched(StoredTopology now) throws StoreException {
        freeze = null;
        SourceCleanup current = cleanup == null ? new SourceCleanup(id, mover, rules, nanos) : cleanup;
        cleanup = current;
        Optional<String> unclean = current.step(orders.paused(), () -> otherIsFrozen(now));
        if (unclean.isPresent()) {
            lastError = current.problem().orElse(lastError);
            return unclean.get();
        }
        topologies.replace(now, place.without(now.topology()));
        log.info("Handoff done: handoff={}", id);
        return "done";
    }
}
