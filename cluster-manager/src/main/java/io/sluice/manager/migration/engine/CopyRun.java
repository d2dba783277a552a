package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What every engine needs to run: its threads, its connections, its pace, its counters, and the one place where it becomes
 * FAILED. Thread-safe.
 */
final class CopyRun implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(CopyRun.class);

    /** An engine has three threads at most. */
    private static final int MAX_THREADS = 4;

    private static final long JOIN_MILLIS = 5_000;

    interface Work {
        void run() throws CopyException;
    }

    private final EngineKind engine;
    private final CopyPlan plan;
    private final Pace pace;
    private final CopyMeter meter = new CopyMeter(System::nanoTime);
    private final KeySample sample = new KeySample(new SplittableRandom());
    private final LatencyProbe probe;
    private final List<RedisLink> links = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private final List<Runnable> endings = new CopyOnWriteArrayList<>();
    private volatile int drain;
    private volatile boolean drainWanted;
    private CopyState state = CopyState.IDLE;
    private @Nullable CopyFailure failure;

    CopyRun(EngineKind engine, CopyPlan plan) {
        this.engine = engine;
        this.plan = plan;
        this.pace = new Pace(plan.limits(), System::nanoTime);
        this.probe = new LatencyProbe(this);
    }

    CopyPlan plan() {
        return plan;
    }

    Pace pace() {
        return pace;
    }

    CopyMeter meter() {
        return meter;
    }

    /** What can be looked at before the switch. */
    KeySample sample() {
        return sample;
    }

    synchronized CopyState state() {
        return state;
    }

    /** Goes on, unless it is over already. */
    synchronized void to(CopyState next) {
        if (!state.isOver() && state != next) {
            log.info("Copy goes on: id={} engine={} from={} to={}", plan.id(), engine, state, next);
            state = next;
            notifyAll();
        }
    }

    synchronized @Nullable CopyFailure failure() {
        return failure;
    }

    /** Ends it for this reason; the first reason stays. */
    void fail(CopyFailure reason) {
        synchronized (this) {
            if (state.isOver()) {
                return;
            }
            boolean expected = reason.kind() == Kind.STOPPED || state == CopyState.DRAINED; // the gate ends links too
            failure = reason;
            state = reason.kind() == Kind.STOPPED ? CopyState.STOPPED : CopyState.FAILED;
            log.atLevel(expected ? Level.INFO : Level.WARN)
                    .log("Copy ended: id={} engine={} state={} reason={}", plan.id(), engine, state, reason.message());
            notifyAll();
        }
        halt();
    }

    /** No thread sends anything after this; those that wait for a server are woken. */
    private void halt() {
        pace.stop();
        links.forEach(RedisLink::close);
        endings.forEach(Runnable::run);
    }

    /** Something else to end with the run: wakes a thread that waits. Done twice it must do no harm. */
    void atEnd(Runnable ending) {
        endings.add(ending);
        if (pace.isStopped()) {
            ending.run();
        }
    }

    /** A connection that goes when the run ends. */
    RedisLink link(RedisEndpoint endpoint, Purpose purpose) throws CopyException {
        pace.checkRunning();
        RedisLink link = RedisLink.open(endpoint, purpose, plan.register());
        links.add(link);
        if (pace.isStopped()) {
            link.close();
        }
        return link;
    }

    /** Those that may change the target. */
    List<MaintenanceConnection> writers() {
        return links.stream()
                .map(RedisLink::identity)
                .filter(link -> link.purpose() != Purpose.READ)
                .filter(link -> link.node().equals(plan.target().address()))
                .toList();
    }

    /** Starts a thread that ends with the run; what it throws ends the run. */
    synchronized void thread(String role, Work work) {
        if (threads.size() == MAX_THREADS) {
            throw new IllegalStateException("More threads than a copy has");
        }
        Thread thread = new Thread(() -> guarded(role, work), "sluice-move-" + plan.id() + "-" + role);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void guarded(String role, Work work) {
        try {
            work.run();
        } catch (CopyException e) {
            fail(explained(e.failure()));
        } catch (RuntimeException | Error e) { // redis-replicator has errors for streams it does not understand
            log.error("Bug in a data mover: id={} engine={} thread={}", plan.id(), engine, role, e);
            fail(new CopyFailure(Kind.REFUSED, "The " + role + " of the mover broke: " + e));
        }
    }

    /** A full target is told with its figures; whoever met the error is in the midst of other replies. */
    private CopyFailure explained(CopyFailure reason) {
        if (reason.kind() != Kind.TARGET_FULL) {
            return reason;
        }
        try (RedisLink link = RedisLink.open(plan.target(), Purpose.READ, plan.register())) {
            InfoText memory = link.info("memory");
            return new CopyFailure(
                    Kind.TARGET_FULL,
                    reason.message() + " (" + memory.text("used_memory_human") + " used, maxmemory "
                            + memory.text("maxmemory_human") + ")");
        } catch (CopyException e) {
            return reason;
        }
    }

    void startProbe() {
        thread("probe", probe::run);
    }

    CopyProgress progress() {
        CopyState now = state();
        return meter.progress(engine, now, pace, probe, failure());
    }

    /** Asks the copying thread to drain: at once, whatever the limits. */
    synchronized void wantDrain() {
        pace.hurry(true);
        drain++;
        drainWanted = true;
        pace.nudge();
    }

    /** Which drain is wanted: what was learned for an earlier one is worth nothing. */
    int drainNumber() {
        return drain;
    }

    boolean drainWanted() {
        return drainWanted;
    }

    /** Nobody waits for the drain any more: the copy goes on. */
    synchronized void forgetDrain() {
        drainWanted = false;
        pace.hurry(false);
        if (state == CopyState.DRAINED) {
            to(CopyState.FOLLOWING);
        }
    }

    /** The copying thread has drained. False if that came too late, and it has to go on. */
    synchronized boolean drained(int number) {
        if (!drainWanted || number != drain) {
            return false;
        }
        drainWanted = false;
        pace.hurry(false);
        to(CopyState.DRAINED);
        return true;
    }

    /** Waits until the state is one of a drain's ends. */
    synchronized CopyState awaitDrained(long deadlineNanos) throws InterruptedException {
        while (state != CopyState.DRAINED && !state.isOver()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
            if (left <= 0) {
                break;
            }
            wait(left);
        }
        return state;
    }

    /** Stops, and waits for its threads unless one of them calls. */
    @Override
    public void close() {
        fail(new CopyFailure(Kind.STOPPED, "The copy was stopped"));
        halt();
        List<Thread> all;
        synchronized (this) {
            all = List.copyOf(threads);
        }
        for (Thread thread : all) {
            join(thread);
        }
    }

    private static void join(Thread thread) {
        if (thread == Thread.currentThread()) {
            return;
        }
        try {
            thread.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
