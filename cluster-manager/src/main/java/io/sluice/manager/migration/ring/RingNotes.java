package io.sluice.manager.migration.ring;

import io.sluice.routing.cluster.RingChange;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What people are told of one change of a ring besides its state. Used by one thread. */
final class RingNotes {

    private static final Logger log = LoggerFactory.getLogger(RingNotes.class);

    private final String id;
    private List<String> waitsFor = List.of();
    private List<String> obstacles = List.of(); // as they were told last
    private @Nullable Instant ends;
    private String lastError = "";
    private long swept;
    private long queues;

    /** @param id of the change */
    RingNotes(String id) {
        this.id = id;
    }

    /** Another step is looked for: what kept the last one from being done may not be so any more. */
    void begin() {
        waitsFor = List.of();
        ends = null;
    }

    void waitsFor(List<String> reasons) {
        waitsFor = List.copyOf(reasons);
    }

    /** The same, for something that somebody has to do something about; told in the log if it is news. */
    void obstructedBy(List<String> reasons) {
        if (!reasons.isEmpty() && !reasons.equals(obstacles)) {
            log.warn("A ring waits: change={}: {}", id, String.join("; ", reasons));
        }
        obstacles = List.copyOf(reasons);
        waitsFor(reasons);
    }

    List<String> waitsFor() {
        return waitsFor;
    }

    void endsAt(Instant moment) {
        ends = moment;
    }

    /** Something went wrong; told in the log if it is news. */
    void failed(String why) {
        if (!lastError.equals(why)) {
            log.warn("A ring's change has trouble: change={}: {}", id, why);
        }
        lastError = why;
    }

    void succeeded() {
        lastError = "";
    }

    void swept(long leftovers) {
        swept = leftovers;
    }

    void queues(long left) {
        queues = left;
    }

    RingStatus status(String pool, RingChange change, String step) {
        return new RingStatus(pool, change, step, waitsFor, ends, swept, queues, lastError);
    }

    /** Of one that is done, which not everybody knows. */
    RingStatus ended(String pool, RingChange change, List<String> unknowing) {
        return new RingStatus(
                pool,
                change,
                "done; servers that left may be stopped when every proxy knows",
                unknowing,
                null,
                swept,
                0,
                "");
    }
}
