package io.sluice.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.budget.Room;
import io.sluice.proxy.command.Access;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where requests in slots that are on their way pass, or wait. Of one pool on one event loop; a pool without handoffs does
 * without it, unless the slots that stay have a lease, too: a long one, after which nobody knows what became of them. The
 * rules, and why they suffice, are those of the handoff protocol. Event-loop only.
 *
 * <pre>
 *   COPY, SWITCHED   lease held: to the owner; the reply is checked       lease gone: waits
 *   FREEZE           waits
 * </pre>
 */
public final class HandoffGate {

    /** How often those who wait for the lease are looked at. */
    private static final Duration PERIOD = Duration.ofMillis(10);

    /** Bytes of replies held back, at once. */
    static final long MAX_HELD_BYTES = 64 << 20;

    /** A number of renewals since which the lease has certainly not been held without a gap. */
    private static final long BROKEN = -1;

    private static final int USUAL_ARGUMENTS = 64;
    private static final int USUAL_KEY_BYTES = 4096;

    private final HandoffLease lease;
    private final PoolCounters counters;
    private final Protocol protocol;
    private final LongSupplier nanos;
    private final BiConsumer<Runnable, Duration> timer;
    private final Parking parking;
    private final Set<RelayCheck> held = new LinkedHashSet<>(); // in the order in which they came
    private long heldBytes;
    private @Nullable PoolHandoffs handoffs;
    private final byte[] usualKey = new byte[USUAL_KEY_BYTES]; // reused from request to request
    private int[] keys = new int[USUAL_ARGUMENTS];
    private boolean watching;
    private long gaps; // of the lease that have been noticed ...
    private long steadyGaps; // of the lease of slots that stay
    private long gapsCounted; // ... up to this renewal

    /**
     * @param protocol has words for errors
     * @param nanos a clock that goes on where no bytes come, too: all clients may be waiting
     * @param timer runs a task on this event loop after a time
     */
    public HandoffGate(
            HandoffLease lease,
            PoolCounters counters,
            Protocol protocol,
            LongSupplier nanos,
            BiConsumer<Runnable, Duration> timer) {
        this.lease = lease;
        this.counters = counters;
        this.protocol = protocol;
        this.nanos = nanos;
        this.timer = timer;
        this.parking = new Parking(counters, nanos);
    }

    /** Requests follow this version now. Those who wait ask again, replies that are held are judged. */
    public void use(@Nullable PoolHandoffs next) {
        if (next != null && !next.frozenServers().isEmpty()) {
            counters.count(PoolMetric.FREEZES);
        }
        if (handoffs == null) {
            gapsCounted = lease.renewals();
        } else if (!handoffs.hasHandoffs()) {
            gaps();
        }
        handoffs = next;
        judgeHeld();
        parking.wakeAll();
        watch();
    }

    // ---- requests

    /** The handoffs that the request is in. */
    Handoff[] of(PoolHandoffs version, Command command, Request request) {
        if (keys.length < request.count()) {
            keys = new int[request.count()];
        }
        return version.of(command, request, keys, usualKey);
    }

    /** Whether a request in these may be sent now. */
    boolean isOpen(Handoff[] concerned) {
        long renewals = lease.renewals();
        for (Handoff handoff : concerned) {
            if (handoff.state() == HandoffState.FREEZE || !lease.isHeldSince(renewals, handoff.lease())) {
                return false;
            }
        }
        return true;
    }

    /** Where the client waits with its next request; null if it has waited too long, and {@code sink} has the error. */
    @Nullable Room park(Handoff[] concerned, Request request, long client, ReplySink sink) {
        if (parking.isLate(client)) {
            long waited = Duration.ofNanos(parking.waitedNanos(client)).toMillis();
            parking.leave(client);
            counters.count(PoolMetric.PARK_TIMEOUTS);
            counters.error(ErrorKind.MOVING);
            ByteBuf error = protocol.error(ErrorKind.MOVING, describe(concerned) + " waited=" + waited + "ms");
            sink.onReply(error, 0, error.readableBytes(), true);
            return null;
        }
        Room place = parking.park(client, request.length(), concerned);
        watch();
        return place;
    }

    private static String describe(Handoff[] concerned) {
        Handoff first = concerned[0];
        if (PoolHandoffs.isSteady(first)) {
            return "ZooKeeper has not been heard for steady_lease="
                    + first.lease().toMillis() + "ms";
        }
        if (first.slots().isEmpty()) {
            return "its server is about to be another one, and ZooKeeper has not been heard for "
                    + first.lease().toMillis() + "ms, ring change=" + first.id();
        }
        String reason = first.state() == HandoffState.FREEZE
                ? "its slot is being handed over"
                : "its slot is in a handoff, and ZooKeeper has not been heard for "
                        + first.lease().toMillis() + "ms";
        return reason + ", handoff=" + first.id() + " from=" + first.from() + " to=" + first.to();
    }

    /** The client's request goes on its way. */
    void passed(long client) {
        if (!parking.isEmpty()) {
            parking.leave(client);
        }
    }

    /** What checks the reply to a request in these, for {@code sink}. */
    ReplySink check(Handoff[] concerned, Command command, ReplySink sink) {
        return check(concerned, command.access() == Access.READ, sink);
    }

    /** The same for a request that is known to be a read, or may not be one. */
    ReplySink check(Handoff[] concerned, boolean read, ReplySink sink) {
        return new RelayCheck(this, concerned, lease.renewals(), lease.epoch(), read, sink);
    }

    /**
     * Another number once there has been a gap of the lease while slots were on their way, or of that of the others. To be
     * asked now and then, more often than the lease forgets its renewals.
     */
    long gaps() {
        PoolHandoffs version = handoffs;
        if (version != null) {
            long renewals = lease.renewals();
            if (version.hasHandoffs() && !lease.isHeldSince(gapsCounted, version.lease())) {
                gaps++;
            }
            Duration steady = version.steadyLease();
            if (!steady.isZero() && !lease.isHeldSince(gapsCounted, steady)) {
                steadyGaps++;
            }
            gapsCounted = renewals;
        }
        return steadyGaps << Integer.SIZE | gaps;
    }

    private static boolean isSteadyGap(long then, long now) {
        return then >>> Integer.SIZE != now >>> Integer.SIZE;
    }

    private static boolean isGap(long then, long now) {
        return (int) then != (int) now;
    }

    /**
     * What checks the reply, of which the first piece is here, to a request that a server has let wait: perhaps since before
     * its slot was on its way, and for longer than the lease remembers.
     *
     * @param concerned the handoffs that it is in now
     * @param gapsThen {@link #gaps()} when it was sent
     */
    ReplySink checkLate(Handoff[] concerned, long gapsThen, ReplySink sink) {
        long now = gaps();
        boolean steadyGap = isSteadyGap(gapsThen, now);
        if (concerned.length == 0 || !(steadyGap || (!PoolHandoffs.isSteady(concerned[0]) && isGap(gapsThen, now)))) {
            return sink;
        }
        RelayCheck check = new RelayCheck(this, concerned, BROKEN, lease.epoch(), false, sink);
        if (steadyGap || isAnythingFrozenOrSwitched(concerned)) { // others may have stopped waiting for us
            drop(check);
        }
        return check;
    }

    private static boolean isAnythingFrozenOrSwitched(Handoff[] concerned) {
        for (Handoff handoff : concerned) {
            if (handoff.state() != HandoffState.COPY) {
                return true;
            }
        }
        return false;
    }

    // ---- replies

    /** Whether the lease has been held without a gap since then. */
    boolean isUnbroken(Handoff[] concerned, long renewals) {
        if (renewals == BROKEN) {
            return false;
        }
        for (Handoff handoff : concerned) {
            if (!lease.isHeldSince(renewals, handoff.lease())) {
                return false;
            }
        }
        return true;
    }

    /** The reply waits until the lease is held again. Returns the time. */
    long hold(RelayCheck check) {
        counters.count(PoolMetric.REPLIES_HELD);
        held.add(check);
        watch();
        return nanos.getAsLong();
    }

    boolean mayHold(int bytes) {
        return heldBytes + bytes <= MAX_HELD_BYTES;
    }

    void onHeldBytes(int bytes) {
        heldBytes += bytes;
    }

    void forget(RelayCheck check) {
        held.remove(check);
    }

    /** The reply is not passed on. A read has changed nothing; who has written cannot know whether that counts. */
    void drop(RelayCheck check) {
        held.remove(check);
        counters.count(PoolMetric.REPLIES_DROPPED);
        ErrorKind kind = check.isRead() ? ErrorKind.MOVING : ErrorKind.OUTCOME_UNKNOWN;
        counters.error(kind);
        check.drop(protocol.error(kind, "the reply came too late, " + describe(check.handoffs())), !check.isRead());
    }

    private void judgeHeld() {
        if (held.isEmpty()) {
            return;
        }
        long now = nanos.getAsLong();
        long renewals = lease.renewals();
        for (RelayCheck check : List.copyOf(held)) {
            if (isUnbroken(check.handoffs(), renewals)) {
                judge(check);
            } else if (now - check.heldSince() >= Parking.TIMEOUT.toNanos()) {
                drop(check);
            }
        }
    }

    /** The lease is held again, and the view fresh: nothing may have been frozen, hence nothing drained, in the gap. */
    private void judge(RelayCheck check) {
        if (isAsThen(check)) {
            held.remove(check);
            counters.count(PoolMetric.REPLIES_RELAYED_LATE);
            check.pass();
        } else {
            drop(check);
        }
    }

    private boolean isAsThen(RelayCheck check) {
        for (Handoff handoff : check.handoffs()) {
            if (PoolHandoffs.isSteady(handoff) ? lease.epoch() != check.epoch() : !isAsThen(handoff)) {
                return false;
            }
        }
        return true;
    }

    private boolean isAsThen(Handoff then) {
        PoolHandoffs version = handoffs;
        return version != null
                && version.now(then)
                        .filter(now -> now.state() == then.state() && now.attempt() == then.attempt())
                        .isPresent();
    }

    // ---- time

    private void watch() {
        if (!watching && !(parking.isEmpty() && held.isEmpty())) {
            watching = true;
            timer.accept(this::look, PERIOD);
        }
    }

    private void look() {
        watching = false;
        judgeHeld();
        parking.sweep();
        parking.wakeIf(this::isOpen); // those who wait for the lease; others wait for another version
        watch();
    }

    /** Clients and servers are gone. */
    public void close() {
        new ArrayList<>(held).forEach(this::drop);
    }
}
