package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Engine T: scans the source and copies what moves; what is written meanwhile is announced by the source and copied again,
 * until little is left.
 *
 * <pre>
 *   one thread:  purge ─▶ scan, copy ─▶ round, round, … ─▶ (frozen) barrier, last rounds until nothing is dirty
 *                         └── polls the feed after each batch ──┘
 * </pre>
 */
final class TrackingCopy extends EngineCopy {

    /** Names of keys are held in memory: about 100 bytes each. */
    static final int MOST_DIRTY = 2_000_000;

    /** So few dirty keys after a round that took so short: a drain is a moment. */
    static final int FEW = 1000;

    private static final long SHORT_NANOS = Duration.ofMillis(100).toNanos();
    private static final long ROUND_MILLIS = 20;
    private static final long SKEW_NANOS = Duration.ofSeconds(30).toNanos();

    private final DirtyKeys dirty = new DirtyKeys(
            MOST_DIRTY, "clients write faster than is copied; use the stream engine, or " + "raise the limits");
    private final BigKeys bigKeys = new BigKeys();
    private volatile boolean caughtUp;

    TrackingCopy(CopyPlan plan) {
        super(EngineKind.TRACK, plan);
    }

    @Override
    void copy() throws CopyException {
        run.to(CopyState.PURGING);
        RedisLink source = run.link(run.plan().source(), Purpose.READ);
        RedisLink target = run.link(run.plan().target(), Purpose.COPY);
        new KeyPurge(target, run.plan().moving(), run.pace()).run();
        RedisLink announcements = run.link(run.plan().source(), Purpose.READ);
        TrackingFeed feed = new TrackingFeed(announcements, run.plan().moving(), dirty);
        ClockSkew skew = measureSkew(source, target);
        KeyCopier copier = new KeyCopier(source, target, run, bigKeys, skew);
        run.to(CopyState.COPYING);
        scanAll(source, feed, copier);
        run.meter().done(1);
        run.to(CopyState.FOLLOWING);
        new Rounds(source, target, feed, copier, skew).repeat();
    }

    private void scanAll(RedisLink source, TrackingFeed feed, KeyCopier copier) throws CopyException {
        InfoText keyspace = source.info("keyspace");
        double total = Math.max(1, keyspace.keys());
        long before = 0;
        for (int database : keyspace.databases()) {
            copier.select(database);
            KeyScan scan = new KeyScan(source, run.plan().moving(), database);
            while (scan.hasNext()) {
                copier.copy(scan.next());
                run.meter().done((before + scan.seen()) / total * 0.99);
                poll(feed);
            }
            before += scan.seen();
        }
    }

    /** Listens, for as long as the copy is paused. */
    private void poll(TrackingFeed feed) throws CopyException {
        feed.poll();
        run.meter().dirty(dirty.size());
        while (run.pace().isPaused() && !run.drainWanted()) {
            run.pace().rest(ROUND_MILLIS);
            feed.poll();
            run.meter().dirty(dirty.size());
        }
        run.pace().checkRunning();
    }

    /** Copies the dirty keys again and again. */
    private final class Rounds {

        private final RedisLink source;
        private final RedisLink target;
        private final TrackingFeed feed;
        private final KeyCopier copier;
        private final ClockSkew firstSkew;
        private long skewNanos = System.nanoTime();

        Rounds(RedisLink source, RedisLink target, TrackingFeed feed, KeyCopier copier, ClockSkew skew) {
            this.source = source;
            this.target = target;
            this.feed = feed;
            this.copier = copier;
            this.firstSkew = skew;
        }

        void repeat() throws CopyException {
            while (true) {
                if (run.drainWanted()) {
                    drainNow();
                } else {
                    poll(feed);
                    long start = System.nanoTime();
                    round();
                    feed.poll();
                    caughtUp = dirty.size() < FEW && System.nanoTime() - start < SHORT_NANOS;
                    run.meter().dirty(dirty.size());
                    checkSkew();
                    run.pace().rest(run.drainWanted() ? 0 : ROUND_MILLIS);
                }
            }
        }

        private void round() throws CopyException {
            List<byte[]> keys = dirty.take();
            if (keys.isEmpty()) {
                return;
            }
            for (int database : databases()) {
                copier.select(database);
                copier.copy(keys);
            }
        }

        /** The feed does not say which database: a key is copied in each that holds keys on either side. */
        private Set<Integer> databases() throws CopyException {
            Set<Integer> all = new TreeSet<>(source.info("keyspace").databases());
            all.addAll(target.info("keyspace").databases());
            return all;
        }

        private void drainNow() throws CopyException {
            int drain = run.drainNumber();
            feed.poll();
            do {
                round();
                feed.poll();
            } while (run.drainWanted() && drain == run.drainNumber() && !dirty.isEmpty());
            run.meter().dirty(dirty.size());
            if (!dirty.isEmpty()) {
                return; // taken back: clients write again
            }
            Replicas.confirm(target, run.pace());
            run.drained(drain);
            while (run.state() == CopyState.DRAINED) {
                run.pace().rest(ROUND_MILLIS);
                feed.poll();
            }
        }

        private void checkSkew() throws CopyException {
            if (System.nanoTime() - skewNanos > SKEW_NANOS) {
                skewNanos = System.nanoTime();
                firstSkew.rejectDrift(source, target);
            }
        }
    }

    @Override
    public boolean caughtUp() {
        return caughtUp && run.state() == CopyState.FOLLOWING && !run.pace().isPaused();
    }
}
