package io.sluice.manager.failover;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Ends the wait of one thread; however often it is rung before the thread waits, it ends one wait. */
final class Wakeup {

    private final Semaphore rings = new Semaphore(0);

    /** From any thread. */
    void ring() {
        rings.release();
    }

    /** Waits until it has been rung, at most so long. */
    void await(Duration most) throws InterruptedException {
        if (rings.tryAcquire(most.toNanos(), TimeUnit.NANOSECONDS)) {
            rings.drainPermits();
        }
    }
}
