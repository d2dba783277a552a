package io.sluice.proxy.admin;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Whether the event loops still come round: each is asked now and then to run a task, and the time is taken. Asked and
 * read by one thread.
 */
public final class WorkerPulse {

    /** How often {@link #ask} is to be called. */
    static final Duration PERIOD = Duration.ofSeconds(1);

    /** A loop that takes longer is stalled: no request of its clients has been served meanwhile. */
    static final Duration STALLED_AFTER = Duration.ofSeconds(5);

    private static final long NONE = 0;

    private final List<Executor> loops;
    private final LongSupplier nanoTime;
    private final AtomicLongArray askedAt; // NONE when the loop has answered
    private final AtomicLongArray lastDelay;

    public WorkerPulse(List<? extends Executor> loops, LongSupplier nanoTime) {
        this.loops = List.copyOf(loops);
        this.nanoTime = nanoTime;
        this.askedAt = new AtomicLongArray(loops.size());
        this.lastDelay = new AtomicLongArray(loops.size());
    }

    /** Asks every loop that has answered; at most one question waits for each. */
    void ask() {
        for (int loop = 0; loop < loops.size(); loop++) {
            if (askedAt.get(loop) == NONE) {
                int asked = loop;
                askedAt.set(loop, Math.max(1, nanoTime.getAsLong()));
                loops.get(loop).execute(() -> answer(asked));
            }
        }
    }

    private void answer(int loop) {
        lastDelay.set(loop, nanoTime.getAsLong() - askedAt.get(loop));
        askedAt.set(loop, NONE);
    }

    int loops() {
        return loops.size();
    }

    /** How long the loop took to come round, or how long it has not if that is longer. */
    Duration delay(int loop) {
        long asked = askedAt.get(loop);
        long waited = asked == NONE ? 0 : nanoTime.getAsLong() - asked;
        return Duration.ofNanos(Math.max(waited, lastDelay.get(loop)));
    }

    /** The loops that are stalled now. */
    List<Integer> stalled() {
        return IntStream.range(0, loops.size()).filter(this::isStalled).boxed().toList();
    }

    private boolean isStalled(int loop) {
        long asked = askedAt.get(loop);
        return asked != NONE && nanoTime.getAsLong() - asked > STALLED_AFTER.toNanos();
    }
}
