package io.sluice.manager.migration.engine;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How far the first pass of a stream copy is: which share of the source was read, and which share of what was read and
 * moves has reached the target. The reader and the applier tell, anybody may ask.
 */
final class FirstPass {

    /** What was copied once still has to be followed for a moment. */
    private static final double MOST = 0.99;

    private final double totalKeys;
    private final AtomicLong keysSeen = new AtomicLong();
    private final AtomicLong added = new AtomicLong();
    private final AtomicLong taken = new AtomicLong();
    private volatile boolean isRead;

    /** @param totalKeys on the source, estimated */
    FirstPass(long totalKeys) {
        this.totalKeys = Math.max(1, totalKeys);
    }

    /** One more key of the source was read, whether it moves or not; returns how many that are. */
    long seen() {
        return keysSeen.incrementAndGet();
    }

    /** One more frame is to be applied. */
    void added() {
        added.incrementAndGet();
    }

    /** All keys were read. */
    void read() {
        isRead = true;
    }

    /** So many frames more were applied. */
    void taken(long frames) {
        taken.addAndGet(frames);
    }

    /** 0 to 0.99: it is 1 only when the last of its frames is known to be applied. */
    double share() {
        long all = added.get();
        double applied = all == 0 ? 0 : Math.min(1, (double) taken.get() / all);
        double seen = isRead ? 1 : Math.min(1, keysSeen.get() / totalKeys);
        return MOST * seen * applied;
    }
}
