package io.sluice.proxy.admin;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which configuration is in force, and what became of those that followed.
 *
 * @param epoch number of the configuration in force; 1 is the one of the start
 * @param appliedAt since when it is
 * @param applied configurations that came into force, but for the first
 * @param unchanged those that said the same as the one in force
 * @param refused those that changed nothing because something was wrong with them
 * @param last the newest of them; null before there was any
 */
public record ConfigStatus(
        long epoch,
        Instant appliedAt,
        long applied,
        long unchanged,
        long refused,
        @Nullable Reload last) {

    /** What became of a configuration. */
    public enum Result {
        APPLIED,
        UNCHANGED,
        REFUSED
    }

    /**
     * One configuration that was offered.
     *
     * @param trigger who offered it
     * @param message the plan that was carried out, or why not
     */
    public record Reload(Instant at, String trigger, Result result, String message) {}

    /** The configuration of the start. */
    public static ConfigStatus first(Instant now) {
        return new ConfigStatus(1, now, 0, 0, 0, null);
    }

    /** After another one was offered. */
    public ConfigStatus with(Reload reload) {
        return switch (reload.result()) {
            case APPLIED -> new ConfigStatus(epoch + 1, reload.at(), applied + 1, unchanged, refused, reload);
            case UNCHANGED -> new ConfigStatus(epoch, appliedAt, applied, unchanged + 1, refused, reload);
            case REFUSED -> new ConfigStatus(epoch, appliedAt, applied, unchanged, refused + 1, reload);
        };
    }

    /** Why the newest one is not in force; empty if it is. */
    Optional<String> trouble() {
        return last == null || last.result() != Result.REFUSED
                ? Optional.empty()
                : Optional.of(
                        "configuration refused at " + last.at() + ", epoch " + epoch + " stays: " + last.message());
    }
}
