package io.sluice.proxy.backend;

import io.sluice.routing.topology.ServerAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One server of a pool, from the configuration that brings it to the last of its connections; shared by all event
 * loops. As long as it stays the same object, its connections stay, whatever else changes in its pool.
 *
 * <pre>
 *   ACTIVE ── a new configuration is without it ──▶ DRAINING ── every event loop is done with it ──▶ DRAINED
 *   gets requests                                   gets none, answers those it has                  no connection
 * </pre>
 *
 * Thread-safe.
 */
public final class PoolServer {

    /** Where a server is on its way out. */
    public enum Phase {
        /** It gets its share of the requests. */
        ACTIVE,
        /** It gets no more requests; what is in flight is answered. */
        DRAINING,
        /** None of its connections is left. */
        DRAINED
    }

    private final String name;
    private final ServerAddress address;
    private final AtomicInteger loopsNotDone = new AtomicInteger();
    private volatile Phase phase = Phase.ACTIVE;
    private volatile @Nullable Instant leftAt;
    private volatile Runnable onDrained = () -> {};
    private final AtomicInteger roleChanges = new AtomicInteger(); // odd while it is known to be a replica
    private final List<Runnable> onDemoted = new CopyOnWriteArrayList<>();
    private final AtomicBoolean roleUnknown = new AtomicBoolean();

    public PoolServer(String name, ServerAddress address) {
        this.name = name;
        this.address = address;
    }

    public String name() {
        return name;
    }

    public ServerAddress address() {
        return address;
    }

    public Phase phase() {
        return phase;
    }

    /** When it began to drain; empty while it is active. */
    public Optional<Instant> leftAt() {
        return Optional.ofNullable(leftAt);
    }

    /**
     * No configuration names it any more. Called once, before the event loops are told.
     *
     * @param loops so many have to be done with it
     * @param whenDrained called once, by the last of them
     */
    public void leave(Instant now, int loops, Runnable whenDrained) {
        if (phase != Phase.ACTIVE) {
            throw new IllegalStateException("server " + name + " leaves twice");
        }
        onDrained = whenDrained;
        leftAt = now;
        loopsNotDone.set(loops);
        phase = Phase.DRAINING;
    }

    /** An event loop has closed its last connection to it, perhaps because the proxy ends. */
    void onLoopDone() {
        if (phase == Phase.DRAINING && loopsNotDone.decrementAndGet() == 0) {
            phase = Phase.DRAINED;
            onDrained.run();
        }
    }

    // ---- its role

    /** How often its role has changed from what was known before; odd while it is known to be a replica. */
    int roleChanges() {
        return roleChanges.get();
    }

    static boolean isReplica(int roleChanges) {
        return (roleChanges & 1) != 0;
    }

    boolean isReplica() {
        return isReplica(roleChanges.get());
    }

    /** Runs this when it turns out to be a replica, on whichever thread that is. */
    void whenDemoted(Runnable task) {
        onDemoted.add(task);
    }

    void forgetWhenDemoted(Runnable task) {
        onDemoted.remove(task);
    }

    /** It is a replica, says who knew of so many changes. Returns whether that is news. */
    boolean demoted(int known) {
        boolean news = !isReplica(known) && roleChanges.compareAndSet(known, known + 1);
        if (news) {
            onDemoted.forEach(Runnable::run);
        }
        return news;
    }

    /** It is a primary, says who asked it when there had been so many changes. Returns how many there are now. */
    int promoted(int known) {
        if (isReplica(known)) {
            roleChanges.compareAndSet(known, known + 1);
        }
        return roleChanges.get();
    }

    boolean isRoleUnknown() {
        return roleUnknown.get();
    }

    /** It does not tell its role. Returns whether that is news. */
    boolean onRoleUnknown() {
        return roleUnknown.compareAndSet(false, true);
    }

    @Override
    public String toString() {
        return name;
    }
}
