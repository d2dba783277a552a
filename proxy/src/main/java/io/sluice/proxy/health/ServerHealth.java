package io.sluice.proxy.health;

import io.sluice.routing.topology.Server;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one server's health; stays with the server when its pool gets other ones. Thread-safe: what changes
 * its state does so under the lock of its {@link HealthBoard}.
 */
public final class ServerHealth {

    private final Server server;
    private final EjectionTimes times;
    private volatile @Nullable HealthBoard board;

    private volatile HealthState state = HealthState.UP;
    private volatile int share = Shares.ALL;
    private volatile @Nullable Instant ejectedAt;
    private volatile @Nullable Instant probedFrom;
    private final AtomicInteger ejections = new AtomicInteger();
    private final AtomicInteger returns = new AtomicInteger();
    private final AtomicLong goodProbes = new AtomicLong();
    private final AtomicLong failedProbes = new AtomicLong();

    // Written on every event loop while the server is suspect.
    private volatile boolean watched;
    private final AtomicInteger failuresInRow = new AtomicInteger();
    private final LongAdder windowSuccesses = new LongAdder();

    // Under the board's lock.
    private int windowTimes;
    private long windowFailures;
    private long returnedAtNanos;
    private int goodInRow;
    private int stay; // number of the state it is in: a timer or probe of an earlier one finds out that it is late

    ServerHealth(Server server, EjectionTimes times) {
        this.server = server;
        this.times = times;
    }

    // ---- for the request path

    /** It answered a request. Costs next to nothing while it has not failed of late. */
    public void succeeded() {
        if (watched) {
            if (failuresInRow.get() != 0) {
                failuresInRow.set(0);
            }
            windowSuccesses.increment();
        }
    }

    /** Something speaks against it, once; {@code requests} came to grief by it, at least 1. */
    public void failed(Signal signal, int requests) {
        HealthBoard judge = board;
        if (judge != null) {
            judge.failed(this, signal, requests);
        }
    }

    // ---- for those who look

    public Server server() {
        return server;
    }

    public HealthState state() {
        return state;
    }

    /** Which share of its keys it serves, from 0 to {@link Shares#ALL}. */
    public int share() {
        return share;
    }

    /** How often it has been taken back: each time it is to be tried at once, whatever waits were planned. */
    public int returns() {
        return returns.get();
    }

    /** How often it has been ejected. */
    public int ejections() {
        return ejections.get();
    }

    public long goodProbes() {
        return goodProbes.get();
    }

    public long failedProbes() {
        return failedProbes.get();
    }

    /** When it was last ejected; empty if it never was. */
    public Optional<Instant> ejectedAt() {
        return Optional.ofNullable(ejectedAt);
    }

    /** When probes begin, or have begun; empty while it is not left out. */
    public Optional<Instant> probedFrom() {
        return Optional.ofNullable(probedFrom);
    }

    // ---- for the board, under its lock

    void judgedBy(@Nullable HealthBoard judge) {
        board = judge;
    }

    boolean isJudgedBy(HealthBoard judge) {
        return board == judge;
    }

    int stay() {
        return stay;
    }

    boolean isStill(int number) {
        return stay == number;
    }

    private void enter(HealthState next) {
        state = state.to(next);
        stay++;
    }

    void toSuspect() {
        forgetFailures();
        enter(HealthState.SUSPECT);
        watched = true;
    }

    void toUp() {
        enter(HealthState.UP);
        watched = false;
        share = Shares.ALL;
    }

    /** Returns how long it is to stay out. */
    Duration toEjected(HealthRule rule, Instant now, long nowNanos) {
        Duration time = times.next(rule, returns.get() == 0 ? 0 : nowNanos - returnedAtNanos);
        enter(HealthState.EJECTED);
        watched = false;
        share = 0;
        ejections.incrementAndGet();
        ejectedAt = now;
        probedFrom = now.plus(time);
        return time;
    }

    void toProbing() {
        enter(HealthState.PROBING);
        goodInRow = 0;
    }

    void toReturning(long nowNanos, int firstShare) {
        enter(HealthState.RETURNING);
        share = firstShare;
        probedFrom = null;
        returnedAtNanos = nowNanos;
        returns.incrementAndGet();
    }

    void serve(int newShare) {
        share = newShare;
    }

    /** Counts a failure of so many requests; returns how many failures there have been in a row. */
    int addFailure(int requests) {
        windowTimes++;
        windowFailures += requests;
        return failuresInRow.incrementAndGet();
    }

    /** How often it failed in this window. */
    int windowTimes() {
        return windowTimes;
    }

    /** How many requests came to grief by that. */
    long windowFailures() {
        return windowFailures;
    }

    long windowRequests() {
        return windowFailures + windowSuccesses.sum();
    }

    /** The next window begins; failures in a row are not broken by that. */
    void newWindow() {
        windowTimes = 0;
        windowFailures = 0;
        windowSuccesses.reset();
    }

    void forgetFailures() {
        failuresInRow.set(0);
        newWindow();
    }

    /** Returns how many have been good in a row. */
    int onProbe(boolean good) {
        if (good) {
            goodProbes.incrementAndGet();
            return ++goodInRow;
        }
        failedProbes.incrementAndGet();
        goodInRow = 0;
        return 0;
    }
}
