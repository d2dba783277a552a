package io.sluice.manager.migration.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * How fast a copy may go, and whether it may go at all. The copying thread asks before each batch; any thread may change the
 * limits, pause, resume or stop it, which takes effect at once.
 */
final class Pace {

    /** However busy the target is, this share of the limits is used, or a copy would never end. */
    static final double SLOWEST = 1.0 / 16;

    private static final double SLOWER = 0.7;
    private static final double FASTER = 1.2;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final LongSupplier nanoTime;

    @GuardedBy("lock") private final TokenBucket keys;

    @GuardedBy("lock") private final TokenBucket bytes;

    @GuardedBy("lock") private double share = 1;

    private volatile CopyLimits limits;
    private volatile boolean paused;
    private volatile boolean hurried;
    private volatile boolean stopped;

    Pace(CopyLimits limits, LongSupplier nanoTime) {
        this.limits = limits;
        this.nanoTime = nanoTime;
        long now = nanoTime.getAsLong();
        keys = new TokenBucket(limits.keysPerSecond(), now);
        bytes = new TokenBucket(limits.bytesPerSecond(), now);
    }

    CopyLimits limits() {
        return limits;
    }

    void limits(CopyLimits newLimits) {
        change(() -> limits = newLimits);
    }

    /** So many keys at most in one batch, so that a low limit is not used up in leaps. */
    int batch(int most) {
        return Math.max(1, Math.min(most, limits.keysPerSecond() / 20));
    }

    /** So many bytes at most in one batch, for the same reason; a single larger value goes all the same. */
    long batchBytes() {
        CopyLimits now = limits;
        return Math.min(now.outstandingBytes(), Math.max(1, now.bytesPerSecond() / 20));
    }

    /** Waits until the limits allow the next, then counts this. Throws when stopped meanwhile. */
    void take(long keyCount, long byteCount) throws CopyException {
        lock.lock();
        try {
            for (long wait = waitNanos(); wait > 0; wait = waitNanos()) {
                checkRunning();
                sleep(Math.min(wait, TimeUnit.SECONDS.toNanos(1)));
            }
            checkRunning();
            if (!hurried) { // else the copy would stand still for that long once clients go on
                keys.take(keyCount);
                bytes.take(byteCount);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Until the limits allow the next, by the clock; 0 if now. */
    long waitNanos() {
        lock.lock();
        try {
            long now = nanoTime.getAsLong();
            return hurried ? 0 : Math.max(keys.waitNanos(now), bytes.waitNanos(now));
        } finally {
            lock.unlock();
        }
    }

    /** Waits so long, or until something changes. Throws when stopped. */
    void rest(long millis) throws CopyException {
        lock.lock();
        try {
            checkRunning();
            sleep(TimeUnit.MILLISECONDS.toNanos(millis));
            checkRunning();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock") @SuppressWarnings("WaitNotInLoop") // callers look again at what they wait for
    private void sleep(long nanos) throws CopyException {
        try {
            changed.awaitNanos(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopped = true;
        }
    }

    void checkRunning() throws CopyException {
        if (stopped) {
            throw new CopyException(Kind.STOPPED, "The copy was stopped");
        }
    }

    /** Told once a second whether the target answers slowly. */
    void targetIsSlow(boolean slow) {
        lock.lock();
        try {
            share = slow ? Math.max(SLOWEST, share * SLOWER) : Math.min(1, share * FASTER);
            applyRates();
        } finally {
            lock.unlock();
        }
    }

    /** What share of the limits is used, {@link #SLOWEST} to 1. */
    double share() {
        lock.lock();
        try {
            return share;
        } finally {
            lock.unlock();
        }
    }

    boolean isPaused() {
        return paused;
    }

    void pause(boolean on) {
        change(() -> paused = on);
    }

    /** While clients wait for the copy to end, limits do not count. */
    void hurry(boolean on) {
        change(() -> hurried = on);
    }

    boolean isStopped() {
        return stopped;
    }

    void stop() {
        change(() -> stopped = true);
    }

    /** Wakes whoever rests. */
    void nudge() {
        change(() -> {});
    }

    private void change(Runnable what) {
        lock.lock();
        try {
            what.run();
            applyRates();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock") private void applyRates() {
        long now = nanoTime.getAsLong();
        keys.rate(limits.keysPerSecond() * share, now);
        bytes.rate(limits.bytesPerSecond() * share, now);
    }
}
