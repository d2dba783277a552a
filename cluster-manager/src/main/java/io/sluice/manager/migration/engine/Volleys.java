package io.sluice.manager.migration.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Commands that wait for their replies on one connection: while the target executes one volley, the next is read and sent.
 * Keeps to what may be outstanding, half of it for each. Not thread-safe.
 */
final class Volleys {

    private final Deque<Volley> underway = new ArrayDeque<>();
    private long commands;
    private long bytes;

    /**
     * A command that is under way.
     *
     * @param frame null for a SELECT of ours
     * @param at when, by the clock of doubts
     */
    record Sent(@Nullable Frame frame, long at) {}

    /**
     * What was sent at a time.
     *
     * @param frames of the spool
     * @param sent one for each reply
     * @param commands that it counts for
     * @param bytes on the wire
     */
    record Volley(List<Frame> frames, List<Sent> sent, long commands, long bytes) {}

    void add(Volley volley) {
        underway.add(volley);
        commands += volley.commands;
        bytes += volley.bytes;
    }

    boolean isEmpty() {
        return underway.isEmpty();
    }

    /** Whether one more of this size may be sent, or must wait for the oldest; one alone may be of any size. */
    boolean hasRoom(long moreCommands, long moreBytes, CopyLimits limits) {
        return underway.isEmpty()
                || (commands + moreCommands <= limits.outstandingCommands()
                        && bytes + moreBytes <= limits.outstandingBytes());
    }

    /** The one that was sent first; its replies are read next. */
    Volley takeOldest() {
        Volley oldest = underway.remove();
        commands -= oldest.commands;
        bytes -= oldest.bytes;
        return oldest;
    }
}
