package io.sluice.manager.store;

import java.time.Instant;
import java.util.List;

/**
 * One line of the audit log.
 *
 * @param at when, by the manager's clock
 * @param by who asked for it: a user's name at an address, or the part of the manager that did
 * @param title what was asked for, in one line, such as {@code shard add s3}
 * @param epochBefore the epoch it was compared with
 * @param epochAfter the epoch it made; the same if it changed nothing
 * @param lines what it changed, as the plan had it
 */
public record HistoryEntry(Instant at, String by, String title, long epochBefore, long epochAfter, List<String> lines) {

    public HistoryEntry {
        lines = List.copyOf(lines);
    }
}
