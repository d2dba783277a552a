package io.sluice.proxy.testing;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/** Notices how long a thread of this process was not let run: what is late then is not the proxy's fault. */
public final class Heartbeat implements Crowd.Round {

    private static final long PERIOD_NANOS = Duration.ofMillis(20).toNanos();

    private volatile long longestNanos;

    @Override
    public void go(SplittableRandom random) {
        long start = System.nanoTime();
        LockSupport.parkNanos(PERIOD_NANOS);
        longestNanos = Math.max(longestNanos, System.nanoTime() - start - PERIOD_NANOS);
    }

    @Override
    public String toString() {
        return "longest pause of this machine: "
                + Duration.ofNanos(longestNanos).toMillis() + " ms";
    }
}
