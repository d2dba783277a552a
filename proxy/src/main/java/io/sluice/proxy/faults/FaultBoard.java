package io.sluice.proxy.faults;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All faults that are on. Each has an end; the log tells of its beginning, of its end, and every minute between them
 * that there are some. Thread-safe.
 */
public final class FaultBoard {

    /** Runs something later; a test turns the clock instead. */
    public interface Timer {
        void schedule(Duration delay, Runnable task);
    }

    /** At once, in all pools together. */
    public static final int MAX_FAULTS = 32;

    private static final Duration REMINDER = Duration.ofMinutes(1);
    private static final Logger log = LoggerFactory.getLogger(FaultBoard.class);

    private final InstantSource clock;
    private final LongSupplier nanos;
    private final Timer timer;
    private final Map<String, PoolFaults> pools = new LinkedHashMap<>();
    private final List<Fault> faults = new ArrayList<>();
    private int lastId;
    private boolean reminding;

    /** @param nanos the clock of the event loops */
    public FaultBoard(InstantSource clock, LongSupplier nanos, Timer timer) {
        this.clock = clock;
        this.nanos = nanos;
        this.timer = timer;
    }

    /** The faults of a pool, now and later. */
    public synchronized PoolFaults pool(String name) {
        return pools.computeIfAbsent(name, unused -> {
            PoolFaults added = new PoolFaults();
            added.use(planOf(name));
            return added;
        });
    }

    /** From now on; empty if there are too many already. What was asked for has been checked. */
    public synchronized Optional<Fault> begin(FaultOrder order) {
        if (faults.size() >= MAX_FAULTS) {
            return Optional.empty();
        }
        lastId++;
        Fault fault = new Fault(
                lastId,
                order,
                clock.instant(),
                clock.instant().plus(order.duration()),
                nanos.getAsLong() + order.duration().toNanos());
        faults.add(fault);
        publish();
        log.warn("Fault injection begins: {}", fault.describe());
        timer.schedule(order.duration(), () -> end(fault.id(), "its time is over"));
        remindLater();
        return Optional.of(fault);
    }

    /** Whether there was such a fault. */
    public boolean end(int id) {
        return end(id, "somebody ended it");
    }

    private synchronized boolean end(int id, String why) {
        Optional<Fault> ended =
                faults.stream().filter(fault -> fault.id() == id).findFirst();
        ended.ifPresent(fault -> {
            faults.remove(fault);
            publish();
            log.warn("Fault injection ends, {}: {} left={}", why, fault.describe(), faults.size());
        });
        return ended.isPresent();
    }

    /** Returns how many there were. */
    public synchronized int endAll() {
        int ended = faults.size();
        List.copyOf(faults).forEach(fault -> end(fault.id()));
        return ended;
    }

    public synchronized List<Fault> faults() {
        return List.copyOf(faults);
    }

    /** How many of them concern a pool. */
    public synchronized int count(String pool) {
        return ofPool(pool).size();
    }

    private void publish() {
        pools.forEach((name, pool) -> pool.use(planOf(name)));
    }

    private @Nullable FaultPlan planOf(String pool) {
        List<Fault> fitting = ofPool(pool);
        return fitting.isEmpty() ? null : new FaultPlan(fitting);
    }

    private List<Fault> ofPool(String pool) {
        return faults.stream()
                .filter(fault ->
                        fault.order().pool() == null || fault.order().pool().equals(pool))
                .toList();
    }

    private void remindLater() {
        if (!reminding) {
            reminding = true;
            timer.schedule(REMINDER, this::remind);
        }
    }

    private synchronized void remind() {
        reminding = false;
        if (!faults.isEmpty()) {
            log.warn(
                    "Fault injection is on: faults={} (curl -X DELETE …/faults ends it)",
                    faults.stream().map(Fault::describe).toList());
            remindLater();
        }
    }
}
